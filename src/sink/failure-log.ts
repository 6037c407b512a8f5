import type { Outcome } from '../core/outcome.ts';
import type { Run } from '../core/run.ts';
import type { OmittedFailures, StreamResult } from '../core/stream-result.ts';
import type { Sink } from './sink.ts';

/** Lines in a window for one target and outcome; what is above it is only counted. */
const LINES = 5;
const WINDOW_MS = 10_000;

export interface FailureLogger {
  warn(facts: object, text: string): void;
}

interface Window {
  readonly target: string;
  readonly outcome: Outcome;
  readonly untilMs: number;
  written: number;
  omitted: number;
  /** Calendar time of the first and the last one that was left out, ms since 1970. */
  firstAt: number;
  lastAt: number;
}

/**
 * Logs a line for each failed stream, with its outcome and timings; at most five in ten seconds for a target and
 * outcome, so that a dead target cannot fill a disk. Logs the number of omitted lines, and their time.
 */
export class FailureLog implements Sink {
  readonly #log: FailureLogger;
  readonly #clock: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(log: FailureLogger, clock: () => number = () => performance.now()) {
    this.#log = log;
    this.#clock = clock;
  }

  results(_run: Run, results: readonly StreamResult[], omitted: readonly OmittedFailures[]): void {
    this.#flush(false);
    for (const result of results) {
      const window = this.#window(result);
      if (window.written++ < LINES) this.#log.warn(facts(result), `stream failed: ${result.outcome}`);
      else {
        const endedAt = Math.round(result.startedAt + result.durationMs);
        leaveOut(window, { count: 1, firstAt: endedAt, lastAt: endedAt });
      }
    }
    for (const more of omitted) leaveOut(this.#window(more), more);
  }

  stop(): void {
    this.#flush(true);
  }

  /** Logs what was left out in windows that are over, or in all of them. */
  #flush(all: boolean): void {
    for (const [key, { target, outcome, untilMs, omitted: count, firstAt, lastAt }] of this.#windows) {
      if (!all && untilMs > this.#clock()) continue;
      this.#windows.delete(key);
      if (count === 0) continue;
      const range = { from: new Date(firstAt).toISOString(), to: new Date(lastAt).toISOString() };
      this.#log.warn({ target, outcome, count, ...range }, 'more streams failed, not logged one by one');
    }
  }

  #window({ target, outcome }: Pick<OmittedFailures, 'target' | 'outcome'>): Window {
    const key = `${target} ${outcome}`;
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const untilMs = this.#clock() + WINDOW_MS;
    const made = { target, outcome, untilMs, written: 0, omitted: 0, firstAt: Infinity, lastAt: 0 };
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

function facts(result: StreamResult): object {
  const rounded = Object.entries(result).map(([key, value]) => [
    key,
    typeof value === 'number' ? Number(value.toFixed(key === 'startedAt' ? 0 : 2)) : value,
  ]);
  return Object.fromEntries(rounded);
}
