import type { RunReason, RunVerdict } from '../core/run.ts';

export type Change = 'regression' | 'improvement' | 'unchanged';

/** Why two runs are not compared. */
export type RefusalReason =
  | 'no-common-target'
  | 'different-model'
  | 'no-common-level'
  | 'too-few-windows'
  | 'too-few-streams'
  | 'unreliable-measurement';

export interface Refusal {
  readonly reason: RefusalReason;
  /** For people, in one line. */
  readonly text: string;
}

/** Unit of a value: ms, a ratio from 0 to 1, or a count per second. */
export type ComparedUnit = 'ms' | 'ratio' | 'per-second';

/** One statistic of one target in both runs. */
export interface ComparedValue {
  readonly target: string;
  /** Name of the measure: `ttfb`, `success`, `chunks`. */
  readonly measure: string;
  /** `p50`, `p95`, `p99`, `mean`; `ratio` of a share, `rate` of a count per second. */
  readonly statistic: string;
  /** For people: "TTFB p95". */
  readonly name: string;
  readonly unit: ComparedUnit;
  readonly worse: 'higher' | 'lower';
  readonly a: number;
  readonly b: number;
  /** `b − a` in the unit. */
  readonly difference: number;
  /** Interval of the difference in the unit, at `method.confidence`, of this value alone. */
  readonly interval: readonly [low: number, high: number];
  /** Smallest difference that counts, in the unit. */
  readonly floor: number;
  /** Two-sided p, corrected for the number of values compared. */
  readonly p: number;
  readonly result: Change;
}

/** A value that is not compared. */
export interface NotCompared {
  readonly target: string;
  readonly name: string;
  readonly unit: ComparedUnit;
  /** `null`: not observed. */
  readonly a: number | null;
  readonly b: number | null;
  readonly reason: string;
}

/** A setting or fact that differs; `null`: absent. */
export interface ConfigurationDifference {
  readonly key: string;
  readonly a: string | null;
  readonly b: string | null;
}

/** What is shown of each run. */
export interface RunFacts {
  /** As the caller refers to it. */
  readonly id: string;
  readonly run: string;
  readonly scenario: string;
  readonly startedAt: string;
  readonly lastedMs: number;
  readonly verdict: RunVerdict;
  readonly endReason: RunReason;
  /** Windows compared, of the target with most. 0 without windows. */
  readonly windows: number;
}

/**
 * `regression`: at least one. `no-regression`: everything was compared, and none. `inconclusive`: none, but something
 * could not be compared. `refused`: nothing is compared.
 */
type ComparisonVerdict = 'regression' | 'no-regression' | 'inconclusive' | 'refused';

/** Result of a comparison, the output of `soakd compare --json`. Later versions add keys. */
export interface Comparison {
  readonly schema: 1;
  readonly verdict: ComparisonVerdict;
  readonly refused: Refusal | null;
  readonly a: RunFacts;
  readonly b: RunFacts;
  readonly counts: {
    readonly regressions: number;
    readonly improvements: number;
    readonly unchanged: number;
  };
  /** Regressions first, then improvements, then unchanged values; the largest change of each first. */
  readonly values: readonly ComparedValue[];
  readonly notCompared: readonly NotCompared[];
  readonly configuration: readonly ConfigurationDifference[];
  /** What a reader has to know: a target left out, less load than planned. */
  readonly notes: readonly string[];
  readonly method: ComparisonMethod;
}

interface ComparisonMethod {
  /** `windows`: block bootstrap over windows. `counts`: proportions of the summaries. */
  readonly kind: 'windows' | 'counts';
  /** Of each interval. */
  readonly confidence: number;
  /** Chance that a comparison of equal runs names anything. */
  readonly familyError: number;
  /** Values that the correction counts. */
  readonly compared: number;
  readonly resamples: number;
  readonly seed: number;
}
