import type { Outcome } from '../core/outcome.ts';
import type { Random } from '../core/random.ts';

/** What a target asks for beyond this is not waited for: it may mean another day. */
const LONGEST_ASKED_MS = 300_000;

/**
 * How long a `retry-after` header asks to wait (RFC 9110, 10.2.3), and up to a quarter more, so that those who
 * were told the same do not come back together.
 * @param header whole seconds, or an HTTP date
 * @param now calendar time, ms since 1970
 * @returns ms, at most five minutes and the jitter; 0 for a header that says nothing
 */
export function retryAfterMs(header: string | undefined, now: number, random: Random): number {
  if (header === undefined) return 0;
  const asked = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  if (!(asked > 0)) return 0;
  return Math.min(asked, LONGEST_ASKED_MS) * (1 + 0.25 * random());
}

const FIRST_MS = 100;
const LONGEST_MS = 5000;
/** Starts a second, over all virtual users of a worker, that a target which always fails is left with. */
const FAILING_STARTS_PER_SECOND = 400;

const REFUSALS: ReadonlySet<Outcome> = new Set<Outcome>([
  'connect_error',
  'tls_error',
  'http_error',
  'wrong_content_type',
  'reset',
  'generator_lost',
]);

/** Whether an outcome says that the target is dead or refuses: trying again at once would hammer it. */
export function isRefusal(outcome: Outcome): boolean {
  return REFUSALS.has(outcome);
}

/**
 * How long a virtual user waits after refusals in a row: exponential from 100 ms to 5 s, and longer where so
 * many users are waiting that the bound on starts a second would be passed; half of it is jitter.
 * @param inARow ≥ 1
 * @param waiting virtual users that are backing off now
 * @returns ms
 */
export function backoffMs(inARow: number, waiting: number, random: Random): number {
  const exponential = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(inARow - 1, 16));
  // Waits are 3/4 of the window in the mean.
  const bounded = (waiting / FAILING_STARTS_PER_SECOND) * 1000 * (4 / 3);
  const window = Math.max(exponential, bounded);
  return window * (0.5 + 0.5 * random());
}
