import type { StreamResult } from '../core/stream-result.ts';

/** Lines in a window for one target and outcome; what is above it is only counted. */
const LINES = 5;
const WINDOW_MS = 10_000;

export interface FailureLogger {
  warn(facts: object, text: string): void;
}

interface Window {
  untilMs: number;
  written: number;
  omitted: number;
}

/**
 * One line for a failed stream, with its outcome and timings; at most five in ten seconds for a target and
 * outcome, so that a dead target cannot fill a disk. How many were left out is said.
 */
export class FailureLog {
  readonly #log: FailureLogger;
  readonly #clock: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(log: FailureLogger, clock: () => number = () => performance.now()) {
    this.#log = log;
    this.#clock = clock;
  }

  /** @param omitted failed streams that are not among the results */
  add(results: readonly StreamResult[], omitted: number): void {
    this.flush(false);
    for (const result of results) {
      const window = this.#window(`${result.target} ${result.outcome}`);
      if (window.written++ < LINES) this.#log.warn(facts(result), `stream failed: ${result.outcome}`);
      else window.omitted++;
    }
    // The worker bounds what it describes; those belong to no line.
    if (omitted > 0) this.#window('').omitted += omitted;
  }

  /** Says what was left out in windows that are over, or in all of them. */
  flush(all = true): void {
    for (const [key, window] of this.#windows) {
      if (!all && window.untilMs > this.#clock()) continue;
      this.#windows.delete(key);
      if (window.omitted === 0) continue;
      const [target, outcome] = key.split(' ');
      const of = key === '' ? {} : { target, outcome };
      this.#log.warn({ ...of, count: window.omitted }, 'more streams failed, not logged one by one');
    }
  }

  #window(key: string): Window {
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const made = { untilMs: this.#clock() + WINDOW_MS, written: 0, omitted: 0 };
    this.#windows.set(key, made);
    return made;
  }
}

function facts(result: StreamResult): object {
  const rounded = Object.entries(result).map(([key, value]) => [
    key,
    typeof value === 'number' ? Number(value.toFixed(key === 'startedAt' ? 0 : 2)) : value,
  ]);
  return Object.fromEntries(rounded);
}
