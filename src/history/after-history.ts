import type { FinishedRun, Run } from '../core/run.ts';
import type { Sink, StreamSnapshot } from '../sink/sink.ts';
import type { History } from './history.ts';

/** The longest that a snapshot waits for the history, ms: a failing disk must not freeze /metrics. */
export const MAX_WAIT_MS = 3000;

const EARLY_MS = 10;

interface Waiting {
  readonly seq: number;
  readonly untilMs: number;
  readonly apply: () => void;
}

/**
 * Passes snapshots on to a sink once the history has them: after a resume, no counter that was shown is higher than what
 * continues. Comes after the history among the sinks.
 */
export class AfterHistory implements Sink {
  readonly #inner: Sink;
  readonly #history: Pick<History, 'posted' | 'writtenTo' | 'written' | 'failing'>;
  readonly #clock: () => number;
  #waiting: Waiting[] = [];

  constructor(
    inner: Sink,
    history: Pick<History, 'posted' | 'writtenTo' | 'written' | 'failing'>,
    clock: () => number = () => performance.now(),
  ) {
    this.#inner = inner;
    this.#history = history;
    this.#clock = clock;
  }

  start(run: Run, snapshot: StreamSnapshot): void {
    this.#later(() => this.#inner.start?.(run, snapshot));
  }

  add(run: Run, snapshot: StreamSnapshot): void {
    this.#later(() => this.#inner.add?.(run, snapshot));
  }

  stop(run: FinishedRun, snapshot: StreamSnapshot): void {
    this.#later(() => void this.#inner.stop?.(run, snapshot));
  }

  /** Calls a function once the history has what was posted by now, and all snapshots before it are passed on. */
  next(apply: () => void): void {
    this.#later(apply);
  }

  /** Resolves when what waits now is passed on. */
  passed(): Promise<void> {
    return new Promise((done) => this.#later(done));
  }

  #later(apply: () => void): void {
    const { posted, writtenTo } = this.#history;
    this.#waiting.push({ seq: posted, untilMs: this.#clock() + MAX_WAIT_MS, apply });
    this.#pass(writtenTo);
    if (this.#waiting.length === 0) return;
    void this.#history.written(posted).then(() => this.#pass(posted));
    // The next snapshot would pass it on too, but there may be none. Timers can be a little early.
    setTimeout(() => this.#pass(-1), MAX_WAIT_MS + EARLY_MS).unref();
  }

  /** @param written what the history has */
  #pass(written: number): void {
    const now = this.#clock();
    const isFailing = this.#history.failing !== undefined;
    while (true) {
      const [next] = this.#waiting;
      if (next === undefined || !(isFailing || next.seq <= written || next.untilMs <= now)) return;
      this.#waiting.shift();
      next.apply();
    }
  }
}
