import type { FinishedRun, Run } from '../core/run.ts';
import type { Sink, StreamSnapshot } from '../sink/sink.ts';
import type { History } from './history.ts';

/** The longest that a snapshot waits for the history, ms: a failing disk must not freeze /metrics. */
export const MAX_WAIT_MS = 3000;

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
  readonly #history: Pick<History, 'posted' | 'written' | 'failing'>;
  readonly #clock: () => number;
  #waiting: Waiting[] = [];

  constructor(
    inner: Sink,
    history: Pick<History, 'posted' | 'written' | 'failing'>,
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

  #later(apply: () => void): void {
    const { posted } = this.#history;
    this.#waiting.push({ seq: posted, untilMs: this.#clock() + MAX_WAIT_MS, apply });
    this.#pass(-1);
    if (this.#waiting.length > 0) void this.#history.written(posted).then(() => this.#pass(posted));
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
