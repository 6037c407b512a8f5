import { METRICS } from '../../catalog/metrics.ts';
import type { Timeouts } from '../../core/scenario.ts';

/** Histograms of streams whose buckets depend on the configuration. */
export type BucketedTiming = 'connect' | 'headers' | 'ttfb' | 'ttft' | 'gap' | 'duration' | 'effective';

/** Configured limits by timing, ms: each becomes an edge. */
export type TimingLimits = Readonly<Partial<Record<BucketedTiming, readonly number[]>>>;

/** Edges behind those of the catalogue, s. Each is also an edge of the fine histograms. */
const FURTHER = [45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000, 72_000, 90_000];

/** Longest value of a timing that a target's timeouts allow, ms. */
const LONGEST: Readonly<Record<BucketedTiming, (timeouts: Timeouts) => number>> = {
  connect: () => 0,
  headers: ({ ttfbMs, totalMs }) => Math.min(ttfbMs, totalMs),
  ttfb: ({ ttfbMs, totalMs }) => Math.min(ttfbMs, totalMs),
  // After the first byte only the idle and total timeouts hold.
  ttft: ({ totalMs }) => totalMs,
  gap: ({ idleMs, totalMs }) => Math.min(idleMs, totalMs),
  duration: ({ totalMs }) => totalMs,
  effective: ({ totalMs }) => totalMs,
};

/**
 * Returns the upper edges of a histogram, s, ascending: those of the catalogue, the configured limits, and more up to
 * the longest timeout. They are one union over all targets, so that `sum by (le)` is right.
 * @param timeouts of every target
 */
export function bucketsFor(
  timing: BucketedTiming,
  limitsMs: TimingLimits,
  timeouts: readonly Timeouts[],
): number[] {
  const base = METRICS[timing].buckets!;
  const limits = (limitsMs[timing] ?? []).map((ms) => Number((ms / 1000).toPrecision(12)));
  const longest = Math.max(0, ...timeouts.map(LONGEST[timing])) / 1000;
  const last = base.at(-1) ?? 0;
  // Up to the first edge at or above the timeout.
  const further = FURTHER.filter(
    (edge, i) => edge > last && (FURTHER[i - 1] ?? 0) < longest && last < longest,
  );
  return [...new Set([...base, ...limits, ...further])].sort((a, b) => a - b);
}
