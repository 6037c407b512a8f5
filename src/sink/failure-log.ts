import { iso } from '../core/clock.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Run } from '../core/run.ts';
import type { OmittedFailures, StreamResult } from '../core/stream-result.ts';
import type { Sink } from './sink.ts';

/** Length of a window of one target and outcome, ms, and lines in it; what is above that is only counted. */
const FIRST = { lines: 5, ms: 10_000 } as const;
/** The same while failures continue: the first window has shown them, and a target may be down for days. */
const NEXT = { lines: 1, ms: 60_000 } as const;
/** Failures continue where the next one comes within this time after a window, ms. */
const QUIET_MS = 10_000;

export interface FailureLogger {
  warn(facts: object, text: string): void;
}

interface Window {
  readonly run: string;
  readonly target: string;
  readonly outcome: Outcome;
  readonly untilMs: number;
  /** Lines that it may still have. */
  left: number;
  omitted: number;
  /** Calendar time of the first and the last one that was left out, ms since 1970. */
  firstAt: number;
  lastAt: number;
}

/**
 * Logs a line for each failed stream, with its outcome and timings; for a target and outcome at most five in ten
 * seconds, then one a minute while failures continue, so that a dead target cannot fill a disk. Logs the number of
 * omitted lines, and their time.
 */
export class FailureLog implements Sink {
  readonly #log: FailureLogger;
  readonly #clock: () => number;
  readonly #windows = new Map<string, Window>();
  /** When the last window of a target and outcome ended, ms of the clock. */
  readonly #endedMs = new Map<string, number>();

  constructor(log: FailureLogger, clock: () => number = () => performance.now()) {
    this.#log = log;
    this.#clock = clock;
  }

  results({ id: run }: Run, results: readonly StreamResult[], omitted: readonly OmittedFailures[]): void {
    this.#flush(false);
    for (const result of results) {
      const window = this.#window(run, result);
      if (window.left > 0) {
        window.left--;
        this.#log.warn({ run, ...facts(result) }, 'stream failed');
      } else {
        const endedAt = Math.round(result.startedAt + result.durationMs);
        leaveOut(window, { count: 1, firstAt: endedAt, lastAt: endedAt });
      }
    }
    for (const more of omitted) leaveOut(this.#window(run, more), more);
  }

  stop(): void {
    this.#flush(true);
    this.#endedMs.clear();
  }

  /** Logs what was left out in windows that are over, or in all of them. */
  #flush(all: boolean): void {
    for (const [key, { run, target, outcome, untilMs, omitted: count, firstAt, lastAt }] of this.#windows) {
      if (!all && untilMs > this.#clock()) continue;
      this.#windows.delete(key);
      this.#endedMs.set(key, untilMs);
      if (count === 0) continue;
      const range = { firstAt: iso(firstAt), lastAt: iso(lastAt) };
      this.#log.warn({ run, target, outcome, count, ...range }, 'more streams failed');
    }
  }

  #window(run: string, { target, outcome }: Pick<OmittedFailures, 'target' | 'outcome'>): Window {
    const key = `${target} ${outcome}`;
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const nowMs = this.#clock();
    const { lines: left, ms } = nowMs - (this.#endedMs.get(key) ?? -Infinity) < QUIET_MS ? NEXT : FIRST;
    const made = {
      run,
      target,
      outcome,
      untilMs: nowMs + ms,
      left,
      omitted: 0,
      firstAt: Infinity,
      lastAt: 0,
    };
    this.#windows.set(key, made);
    return made;
  }
}

function leaveOut(
  window: Window,
  { count, firstAt, lastAt }: Pick<OmittedFailures, 'count' | 'firstAt' | 'lastAt'>,
): void {
  window.omitted += count;
  window.firstAt = Math.min(window.firstAt, firstAt);
  window.lastAt = Math.max(window.lastAt, lastAt);
}

function facts({ id: stream, startedAt, detail, ...rest }: StreamResult): object {
  const rounded = Object.entries(rest).map(([key, value]) => [
    key,
    typeof value === 'number' ? Number(value.toFixed(2)) : value,
  ]);
  return {
    stream,
    startedAt: iso(startedAt),
    ...Object.fromEntries(rounded),
    // The field `status` says it already.
    ...(detail === undefined || detail === `status ${rest.status}` ? {} : { detail }),
  };
}
