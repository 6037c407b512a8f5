export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Returns the monotonic clock that all threads of this machine share, ms; `performance.now()` counts from the start of each thread. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Returns the calendar time of a moment of the monotonic clock, whole ms since 1970. */
export function calendarAt(atMs: number): number {
  return Math.round(Date.now() - (monotonicMs() - atMs));
}

/** Returns a calendar time as ISO 8601, rounded to ms. @param atMs since 1970 */
export function iso(atMs: number): string {
  return new Date(Math.round(atMs)).toISOString();
}
