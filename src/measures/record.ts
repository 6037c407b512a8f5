import type { MetricInfo } from '../core/metric-info.ts';
import type { Timeouts } from '../core/target.ts';
import type { EndedStream } from './ended-stream.ts';

/**
 * A timing of streams: one record, from which its fine histogram, its series on /metrics, its thresholds, rules,
 * runbook entries, panel and docs are made.
 */
export interface TimingRecord {
  /** In a sentence: `TTFB`. */
  readonly noun: string;
  readonly metric: MetricInfo;
  /**
   * Value of a stream that succeeded, ms; `undefined`: it has none. Absent for what is timed while a stream is open, or of
   * failures too: load/virtual-user observes those.
   */
  readonly ofSuccess?: (stream: EndedStream) => number | undefined;
  /** Of its panel. */
  readonly title: string;
  /** What the panel shows, and what to do. */
  readonly panel: string;
  /** The longest value that the timeouts of a target allow, ms: buckets reach as far. Absent: those of the metric do. */
  readonly longestMs?: (timeouts: Timeouts) => number;
  /** A limit of the right size, ms: what an error message gives as an example. */
  readonly usualMs: number;
  /** The timeout that ends a stream before the value can be longer; absent: there is none. */
  readonly endedBy?: 'connect' | 'ttfb' | 'total';
  /** Kept for each result by itself; thresholds are about successes. */
  readonly byResult?: boolean;
  /** Whether a late generator can make it too short as well: a time between two reads. */
  readonly eitherWay?: boolean;
  /** The alert of its thresholds; absent: `SoakStreamSlow`. */
  readonly alert?: string;
}

/** A share of streams: those that have a property, of those that can have it. */
export interface ShareRecord {
  /** Of its panel. */
  readonly title: string;
  /** What the panel shows. */
  readonly panel: string;
  readonly alert: string;
  /** In a sentence: `share of …`. */
  readonly noun: string;
  /** What it is a share of: `finished streams`. */
  readonly counted: string;
  /** The counter of those that have it, and whether a stream that succeeded does. */
  readonly part: MetricInfo;
  readonly has: (stream: EndedStream) => boolean;
  /** The same of those that can; absent: every stream that succeeded or failed. */
  readonly whole?: { readonly metric: MetricInfo; readonly has: (stream: EndedStream) => boolean };
  /** Whether only a target with an objective has it: the others have no series of its part. */
  readonly needsObjective?: boolean;
  /** Crossed when the share is below its limit, or above it. */
  readonly op: '<' | '>';
}
