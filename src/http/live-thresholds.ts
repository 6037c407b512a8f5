import type { CrossedTime, RunVerdict } from '../core/run.ts';
import type { Severity, ThresholdUnit } from '../thresholds/threshold.ts';
import type { ThresholdStatus } from '../thresholds/watch.ts';

/** A threshold of a target over its sliding window. */
export interface LiveThreshold {
  readonly threshold: string;
  readonly target: string;
  /** Name of its measure, and its statistic. */
  readonly measure: string;
  readonly statistic: string;
  readonly op: '<' | '>' | '>=';
  readonly limit: number;
  readonly unit: ThresholdUnit;
  readonly severity: Severity;
  readonly state: ThresholdStatus['state'];
  /** In the unit; of percentiles, the share above the limit. */
  readonly observed: number | null;
  /** Whether a crossing ends the run. */
  readonly abort: boolean;
  /** What is limited, as a sentence. */
  readonly text: string;
  /** What to do; `null` where it never was crossed in the run. */
  readonly action: string | null;
  readonly crossings: readonly CrossedTime[];
}

/** Response of `GET /api/v1/thresholds`. */
export interface LiveThresholds {
  /** Id of the current run. */
  readonly run: string | null;
  /** The verdict if the run ended now by itself; `null` without a run. */
  readonly verdict: { readonly result: RunVerdict; readonly reason: string } | null;
  readonly thresholds: readonly LiveThreshold[];
}
