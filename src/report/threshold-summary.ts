import type { ThresholdResult, Verdict } from '../core/run.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import { thresholdById } from '../thresholds/table.ts';
import type { LevelSummary } from './level-summary.ts';
import { levelsCrossed } from './levels-crossed.ts';

/** Result of one threshold for one target. */
export interface ThresholdSummary {
  readonly threshold: string;
  /** Measure that the threshold evaluates: "TTFB p95". */
  readonly measure: string;
  readonly target: string;
  readonly result: ThresholdResult;
  /** In the unit; `null` without data. */
  readonly observed: number | null;
  readonly limit: number;
  readonly unit: 'ms' | 'ratio';
  /** The threshold is crossed if the observed value is this to the limit. */
  readonly crossedWhen: Verdict['op'];
  /** Indexes of the levels at which it was crossed, as far as their values are known; empty if it holds over the run. */
  readonly crossedAtLevels: readonly number[];
  /** Number of observations, and the number required. */
  readonly count: number;
  readonly required: number;
  /** Periods in which its alert would have fired: the window was crossed for as long as the alert requires. */
  readonly alerts: readonly {
    readonly from: string;
    /** `null`: to the end of the run. */
    readonly to: string | null;
    /** Worst value of its window, in the unit; for percentiles, the share above the limit. */
    readonly worst: number;
  }[];
}

/** @internal */
export function thresholdSummary(verdict: Verdict, levels: readonly LevelSummary[]): ThresholdSummary {
  const { threshold, target, result, observed, limit, unit, op, count, required, crossed } = verdict;
  const known = thresholdById(threshold);
  return {
    threshold,
    measure: known === undefined ? threshold : measureNamed(known.metric).noun(known),
    target,
    result: result,
    observed: observed ?? null,
    limit,
    unit,
    crossedWhen: op,
    crossedAtLevels: result === 'fail' ? levelsCrossed(verdict, levels) : [],
    count,
    required,
    alerts: crossed.map(({ fromAt, toAt, worst }) => ({
      from: new Date(fromAt).toISOString(),
      to: toAt === undefined ? null : new Date(toAt).toISOString(),
      worst,
    })),
  };
}
