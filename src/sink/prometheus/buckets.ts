import type { Timeouts } from '../../core/scenario.ts';
import { type TimingName, timingRecord } from '../../measures/list.ts';

/** Edges behind those of the records, s. Each is also an edge of the fine histograms. */
const FURTHER = [45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000, 72_000, 90_000];

/**
 * Returns the upper edges of a histogram, s, ascending: those of its record, the configured limits, and more up to the
 * longest timeout. They are one union over all targets, so that `sum by (le)` is right.
 * @param limitsMs configured limits of this timing, ms: each becomes an edge
 * @param timeouts of every target
 */
export function bucketsFor(
  name: TimingName,
  limitsMs: readonly number[],
  timeouts: readonly Timeouts[],
): number[] {
  const { metric, longestMs } = timingRecord(name);
  const base = metric.buckets!;
  const limits = limitsMs.map((ms) => Number((ms / 1000).toPrecision(12)));
  const longest = longestMs === undefined ? 0 : Math.max(0, ...timeouts.map(longestMs)) / 1000;
  const last = base.at(-1) ?? 0;
  // Up to the first edge at or above the timeout.
  const further = FURTHER.filter(
    (edge, i) => edge > last && (FURTHER[i - 1] ?? 0) < longest && last < longest,
  );
  return [...new Set([...base, ...limits, ...further])].sort((a, b) => a - b);
}
