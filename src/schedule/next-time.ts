import { DAY_MS } from '../core/clock.ts';
import type { Pattern } from './pattern.ts';
import type { Zone } from './zone.ts';

/**
 * Finds when a pattern is due next on the wall clock of a zone. Where the clock changes:
 *
 * - A wall time that the clock skips is read with the offset from before the change (RFC 5545): 02:30 becomes
 *   03:30. No time is lost, and intervals continue evenly, since their times then coincide with others.
 * - A wall time that occurs twice counts the first time. A pattern of every hour is an interval, and counts
 *   both.
 *
 * node-cron's own answer drops the first kind, and pauses intervals for the second.
 *
 * @returns ms since 1970, after `afterMs`; `undefined` if the pattern does not match within 40 years
 */
export function nextTime(pattern: Pattern, zone: Zone, afterMs: number): number | undefined {
  let from = afterMs;
  for (;;) {
    const found = withinDay(pattern, zone, from);
    if (found !== undefined) return found;
    const end = from + DAY_MS;
    const offset = zone.offsetAt(end);
    // A day is more than any clock is changed by: no wall time between `end` and a day before `wall` fits.
    const wall = pattern.next(end + offset - DAY_MS);
    if (wall === undefined) return undefined;
    from = Math.max(end, wall - offset - 2 * DAY_MS);
  }
}

/** The next time if it comes within 24 hours. At most one change of the clock lies in the days around. */
function withinDay(pattern: Pattern, zone: Zone, afterMs: number): number | undefined {
  const until = afterMs + DAY_MS;
  const old = zone.offsetAt(afterMs - DAY_MS);
  const offset = zone.offsetAt(until);
  /** The first time after an instant, on a clock of one offset. */
  const next = (instantMs: number, at: number): number =>
    (pattern.next(instantMs + at) ?? Number.POSITIVE_INFINITY) - at;

  let found = Number.POSITIVE_INFINITY;
  if (old === offset) {
    found = next(afterMs, offset);
  } else {
    const change = zone.changeBetween(afterMs - DAY_MS, until);
    const leftOut = Math.max(0, offset - old);
    const twice = Math.max(0, old - offset);
    const before = next(afterMs, old);
    if (before < change + leftOut) found = before;
    const again = pattern.everyHour ? change : change + twice;
    found = Math.min(found, next(Math.max(afterMs, again - 1), offset));
  }
  return found <= until ? found : undefined;
}
