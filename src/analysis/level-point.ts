/** A timing at one level. Times in ms; `null`: not known. */
export interface PointTiming {
  /** Number of observations. */
  readonly n: number | null;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Upper bound of what the timings may be too long by: p99 of soakd's own lag, ms. */
  readonly errorMs: number | null;
}

/** Timings of a level, by their names in thresholds. */
export type PointTimings = Readonly<
  Record<'connect' | 'headers' | 'ttfb' | 'ttft' | 'gap' | 'tpot' | 'duration', PointTiming | null>
>;

/**
 * One load level of a subject, from the summary of a run or from a table that someone wrote. `null` is a value that is
 * not known, and is never taken for 0.
 */
export interface LevelPoint {
  /** Users of the whole plan, or streams per second. */
  readonly load: number;
  /** Calendar times, ms since 1970. */
  readonly fromAt: number | null;
  readonly toAt: number | null;
  readonly seconds: number | null;
  /** Streams that succeeded or failed. */
  readonly streams: number | null;
  readonly succeeded: number | null;
  /** Shares from 0 to 1. */
  readonly successRatio: number | null;
  readonly completeRatio: number | null;
  /** Open streams, on average. */
  readonly openMean: number | null;
  readonly timings: PointTimings;
  /** Means over streams that succeeded or failed. */
  readonly chunksPerStream: number | null;
  readonly bytesPerStream: number | null;
  readonly charactersPerStream: number | null;
  readonly streamsPerSecond: number | null;
  readonly chunksPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly outputTokensPerSecond: number | null;
  /** Measurement windows whose middle lies in the level, and how many of them were unreliable. */
  readonly windows: number;
  readonly unreliable: number;
  /** The part of the time after the end of the load, in which streams ended and none started. Absent: none. */
  readonly drainSeconds?: number;
  /** What the rates and the open streams of such a level are of; `none`: they are `null`, since they are known of the whole only. */
  readonly ratesOf?: 'load' | 'whole' | 'none';
}

/** A limit that was evaluated for a subject. */
export interface SubjectLimit {
  /** Id of the threshold, such as `ttfb-p95`. */
  readonly threshold: string;
  /** What it evaluates: "TTFB p95". */
  readonly measure: string;
  readonly unit: 'ms' | 'ratio';
  /** Crossed if the observed value is this to the limit. */
  readonly crossedWhen: '<' | '>' | '>=';
  readonly limit: number;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly result: 'pass' | 'fail' | 'inconclusive' | 'no-data';
  /** Over the whole run. */
  readonly observed: number | null;
}

/** What is analysed: one target of one run, or a table of levels that someone wrote. */
export interface Subject {
  /** Name for people; unique in a report. Hostile: it comes from a configuration. */
  readonly name: string;
  readonly unit: 'users' | 'rate';
  /** By the order of the plan. A load that was held twice is there twice. */
  readonly levels: readonly LevelPoint[];
  readonly limits: readonly SubjectLimit[];
  /** Targets that shared the load of the plan with this one; 1: none. */
  readonly sharedBy: number;
  /** Share of the planned load that was delivered, where it is less than a pass needs: the loads of the levels are then too large. */
  readonly delivered?: number;
}
