import { iso } from '../core/clock.ts';
import type { Verdict } from '../core/run.ts';
import type { LevelSummary } from '../schema/level-summary.ts';
import type { ThresholdSummary } from '../schema/summary.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import { thresholdById } from '../thresholds/table.ts';
import { crossingOf, levelsCrossed } from './levels-crossed.ts';

/** @internal */
export function thresholdSummary(verdict: Verdict, levels: readonly LevelSummary[]): ThresholdSummary {
  const { threshold, target, result, observed, limit, unit, op, count, required, crossed } = verdict;
  const alerts = crossed.map(({ fromAt, toAt, worst }) => ({
    from: iso(fromAt),
    to: toAt === undefined ? null : iso(toAt),
    worst,
  }));
  const compared = { threshold, target, crossedWhen: op, limit, alerts };
  return {
    threshold,
    measure: measureOf(threshold),
    target,
    result: result,
    observed: observed ?? null,
    limit,
    unit,
    crossedWhen: op,
    crossedAtLevels: result === 'fail' ? levelsCrossed(compared, levels) : [],
    ...crossingOf(compared, levels),
    count,
    required,
    alerts,
  };
}

/** Returns what a threshold evaluates: "TTFB p95". */
export function measureOf(threshold: string): string {
  const known = thresholdById(threshold);
  return known === undefined ? threshold : measureNamed(known.metric).noun(known);
}
