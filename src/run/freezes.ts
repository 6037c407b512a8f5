import { calendarAt, iso } from '../core/clock.ts';
import type { RunEvent } from '../core/control.ts';
import { formatDuration } from '../core/duration.ts';
import { type Freeze, Heartbeat, lengthOf } from '../load/freeze.ts';
import type { EventLine } from './run-log.ts';

/** Interval of the beats of the main thread, ms. */
const BEAT_MS = 100;
/** Time in which the threads report a freeze of them all, ms. */
const SETTLE_MS = 500;

/** A time in which soakd was frozen. Monotonic ms. */
export interface RunFreeze extends Freeze {
  readonly main: boolean;
  /** Indexes of the engine threads that were frozen. */
  readonly threads: ReadonlySet<number>;
}

/** Freezes of a run: of the main thread, and those that engine threads report. One of them all is one. */
export class Freezes {
  readonly #clock: () => number;
  readonly #heart: Heartbeat;
  readonly #timer: NodeJS.Timeout;
  #waiting: RunFreeze[] = [];
  #reportedMs = Number.NEGATIVE_INFINITY;
  #engineMs = 0;
  #engineToMs = Number.NEGATIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param clock monotonic ms (`process.hrtime`) */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#heart = new Heartbeat(clock, BEAT_MS);
    this.#timer = setInterval(() => this.#beat(), BEAT_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Total time in which an engine thread was frozen, ms: it is in the timings of their streams. */
  get engineMs(): number {
    return this.#engineMs;
  }

  /** End of the last freeze so far, of whichever thread; −∞: there was none. */
  get lastMs(): number {
    this.#beat();
    return this.#lastMs;
  }

  /** Returns whether main was frozen a moment ago: what the engine threads know of it has yet to be heard. */
  get isSettling(): boolean {
    this.#beat();
    return this.#waiting.length > 0 && this.#clock() < this.#reportedMs + SETTLE_MS;
  }

  /** Adds a freeze of an engine thread. @param thread its index */
  add(thread: number, freeze: Freeze): void {
    // Threads that are frozen at the same time count once.
    this.#engineMs += Math.max(0, freeze.toMs - Math.max(freeze.fromMs, this.#engineToMs));
    this.#engineToMs = Math.max(this.#engineToMs, freeze.toMs);
    this.#merge({ ...freeze, main: false, threads: new Set([thread]) });
  }

  /** Returns the freezes that are settled and have not been returned yet. @param all those that may grow, too */
  take(all = false): RunFreeze[] {
    if (!all && this.#clock() < this.#reportedMs + SETTLE_MS) return [];
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  #beat(): void {
    const freeze = this.#heart.beat();
    if (freeze !== undefined) this.#merge({ ...freeze, main: true, threads: new Set() });
  }

  #merge(added: RunFreeze): void {
    this.#reportedMs = this.#clock();
    this.#lastMs = Math.max(this.#lastMs, added.toMs);
    const overlaps = ({ fromMs, toMs }: Freeze): boolean => fromMs < added.toMs && added.fromMs < toMs;
    const same = this.#waiting.filter(overlaps);
    const merged = same.reduce(
      (a, b) => ({
        fromMs: Math.min(a.fromMs, b.fromMs),
        toMs: Math.max(a.toMs, b.toMs),
        main: a.main || b.main,
        threads: new Set([...a.threads, ...b.threads]),
      }),
      added,
    );
    this.#waiting = [...this.#waiting.filter((one) => !overlaps(one)), merged];
  }
}

/** Returns the event of a freeze, and its log line. @param count of the engine threads */
export function freezeEvent(stood: RunFreeze, count: number): readonly [Omit<RunEvent, 'at'>, EventLine] {
  const { main, threads } = stood;
  const lengthMs = Math.round(lengthOf(stood));
  const toAt = calendarAt(stood.toMs);
  const engine = `${threads.size} of ${count} engine threads`;
  const where = !main ? engine : threads.size === 0 ? 'the main thread' : `the main thread and ${engine}`;
  const effect =
    threads.size === 0
      ? 'metrics, API calls and changes of the run were delayed; streams were not'
      : 'timeouts of open streams were extended by that time, streams due in it were dropped or started later, and timings around it are unreliable';
  const text = `soakd was frozen for ${formatDuration(Math.round(lengthMs / 100) * 100)}`;
  return [
    { action: 'freeze', by: 'soakd', detail: `${text} (${where}): ${effect}` },
    {
      level: 'warn',
      facts: {
        lengthMs,
        fromAt: iso(toAt - lengthMs),
        toAt: iso(toAt),
        frozen: where,
      },
    },
  ];
}
