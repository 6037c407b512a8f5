/** Figures that a threshold can look at. */
export type ThresholdMetric = 'success' | 'ttfb';

/**
 * One line of what is wanted of a target. From this table come the verdict of a run and, where a limit is a
 * duration, an edge of the histograms it is read from.
 */
export interface Threshold {
  readonly id: string;
  readonly metric: ThresholdMetric;
  readonly stat: 'ratio' | 'p95';
  /** The threshold is crossed when the observed value is `op` the limit. */
  readonly op: '<' | '>';
  /** ms for durations, 0 to 1 for ratios. */
  readonly limit: number;
  readonly unit: 'ms' | 'ratio';
  readonly severity: 'warning' | 'critical';
  readonly summary: string;
  readonly action: string;
}

/** The defaults; the limits are those that the seed's report recommends. */
export const THRESHOLDS: readonly Threshold[] = [
  {
    id: 'success-rate',
    metric: 'success',
    stat: 'ratio',
    op: '<',
    limit: 0.99,
    unit: 'ratio',
    severity: 'critical',
    summary: 'Fewer than 99 % of the finished streams were successes',
    action: 'Look at the outcomes of the failed streams and at the log of the target.',
  },
  {
    id: 'ttfb-p95',
    metric: 'ttfb',
    stat: 'p95',
    op: '>',
    limit: 2500,
    unit: 'ms',
    severity: 'critical',
    summary: 'One user in twenty waits more than 2.5 s for the first byte',
    action: 'Compare with schedule lag and CPU of the generator; then add capacity or lower the load.',
  },
];

export function thresholdById(id: string): Threshold | undefined {
  return THRESHOLDS.find((t) => t.id === id);
}
