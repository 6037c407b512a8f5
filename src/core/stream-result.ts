import type { Outcome } from './outcome.ts';

/** One finished stream. Times in ms; absent for events that did not happen. */
export interface StreamResult {
  readonly id: string;
  readonly target: string;
  readonly outcome: Outcome;
  /** Calendar time of the start, ms since 1970. */
  readonly startedAt: number;
  readonly detail?: string;
  readonly status?: number;
  /** The `retry-after` header of the response, as sent: what a virtual user waits, up to 5 minutes. */
  readonly retryAfter?: string;
  readonly lagMs: number;
  readonly connectMs?: number;
  readonly headersMs?: number;
  readonly ttfbMs?: number;
  readonly ttftMs?: number;
  readonly durationMs: number;
  readonly chunks: number;
  readonly bytes: number;
  /** The end of the body, where the target asks for it: control characters escaped, secrets left out. */
  readonly tail?: string;
}

/** Failed streams of one target and outcome that are counted and not described. */
export interface OmittedFailures {
  readonly target: string;
  readonly outcome: Outcome;
  readonly count: number;
  /** Calendar time of the first and the last end, ms since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
}
