import type { MetricInfo } from '../core/metric-info.ts';

/**
 * A timing of streams: one record, from which its fine histogram, its series on /metrics, its thresholds, rules,
 * runbook entries, panel and docs are made.
 */
export interface TimingRecord {
  /** In a sentence: `TTFB`. */
  readonly noun: string;
  readonly metric: MetricInfo;
  /** Of its panel. */
  readonly title: string;
  /** What the panel shows, and what to do. */
  readonly panel: string;
  /** Kept for each result by itself; thresholds are about successes. */
  readonly byResult?: boolean;
  /** Whether a late generator can make it too short as well: a time between two reads. */
  readonly eitherWay?: boolean;
  /** The alert of its thresholds; absent: `SoakStreamSlow`. */
  readonly alert?: string;
}
