import type { ThresholdResult, Verdict } from '../core/run.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import { thresholdById } from '../thresholds/table.ts';
import type { LevelSummary } from './level-summary.ts';
import { levelsCrossed } from './levels-crossed.ts';

/** What one threshold came to on one target. */
export interface ThresholdSummary {
  readonly threshold: string;
  /** What it looks at: "TTFB p95". */
  readonly measure: string;
  readonly target: string;
  readonly result: ThresholdResult;
  /** In the unit; `null` without data. */
  readonly observed: number | null;
  readonly limit: number;
  readonly unit: 'ms' | 'ratio';
  /** It is crossed where the observed value is so to the limit. */
  readonly crossedWhen: Verdict['op'];
  /** Indexes of the levels at which it was crossed, as far as their values are known; empty where it holds over the run. */
  readonly crossedAtLevels: readonly number[];
  /** Observations that it rests on, and those that it needs. */
  readonly count: number;
  readonly required: number;
  /** When its alert would have fired: its window was crossed for as long as the alert demands. */
  readonly alerts: readonly {
    readonly from: string;
    /** `null`: to the end of the run. */
    readonly to: string | null;
    /** The furthest its window went, in the unit; of percentiles, the share above the limit. */
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
