import type { StreamLayout } from '../catalog/slots.ts';
import { THRESHOLDS } from '../catalog/thresholds.ts';
import type { Histogram } from '../core/histogram.ts';
import { OUTCOMES, resultOf } from '../core/outcome.ts';
import type { CrossedTime, RunVerdict, Verdict } from '../core/run.ts';
import type { TargetThreshold } from '../core/scenario.ts';
import type { SnapshotView } from '../core/snapshot.ts';
import { limitOf, type Threshold } from '../core/threshold.ts';

/**
 * @returns what a run is held against for one target, each with the limit that is its own, else that for all targets,
 * else the default; what is an alert only or is off is left out
 */
export function thresholdsOf(
  own: readonly TargetThreshold[],
  common: readonly TargetThreshold[],
): Threshold[] {
  return THRESHOLDS.filter((t) => t.verdict).flatMap((threshold) => {
    const limit = limitOf(threshold, THRESHOLDS, { own, common });
    return limit === 'off' ? [] : [{ ...threshold, limit }];
  });
}

/**
 * Holds one threshold against what one target did in a run. Streams that were cancelled or lost do not count.
 * It fails where its figure is crossed over the whole run, as in a run shorter than its window, and where its alert
 * would have fired on the way.
 * @param crossings when that would have been
 * @throws TypeError for a figure that a run as a whole does not have
 */
export function judge(
  threshold: Threshold,
  view: SnapshotView<StreamLayout>,
  target: number,
  name: string,
  crossings: readonly CrossedTime[] = [],
): Verdict {
  const { observed, count, crossed } = observe(threshold, view, target);
  const { id, limit } = threshold;
  const unit = threshold.unit === 'ms' ? 'ms' : 'ratio';
  const base = { threshold: id, target: name, limit, unit, count, crossed: crossings } as const;
  if (count === 0) return { ...base, judgement: 'no-data' };
  return { ...base, observed, judgement: crossed || crossings.length > 0 ? 'fail' : 'pass' };
}

interface Observation {
  readonly observed: number;
  readonly count: number;
  readonly crossed: boolean;
}

function observe(threshold: Threshold, view: SnapshotView<StreamLayout>, target: number): Observation {
  const { metric, statistic, limit, id } = threshold;
  if (metric === 'success' && statistic === 'ratio') return successes(view, target, limit);
  if (metric === 'ttfb' && statistic === 'p95') return quantile(view.histogram(target, 'ttfb'), 95, limit);
  if (metric === 'ttfb' && statistic === 'p50') return quantile(view.histogram(target, 'ttfb'), 50, limit);
  if (metric === 'ttfb' && statistic === 'mean') return mean(view.histogram(target, 'ttfb'), limit);
  if (metric === 'duration') return mean(view.histogram(target, 'duration:success'), limit);
  throw new TypeError(`the threshold ${id} is of a figure that a whole run does not have`);
}

function successes(view: SnapshotView<StreamLayout>, target: number, limit: number): Observation {
  let success = 0;
  let count = 0;
  for (const outcome of OUTCOMES) {
    const n = view.cell(target, `finished:${outcome}`);
    const result = resultOf(outcome);
    if (result === 'success') success += n;
    if (result === 'success' || result === 'failed') count += n;
  }
  const observed = success / count;
  return { observed, count, crossed: observed < limit };
}

function quantile(histogram: Histogram, percent: number, limitMs: number): Observation {
  const { count } = histogram;
  // "p95 above the limit" is "more than 5 % are above it": exact, since the limit is an edge of the
  // histogram, where the percentile itself is interpolated.
  const above = count - histogram.cumulative([limitMs])[0]!;
  // In whole numbers: 1 - 95/100 is more than 0.05 in doubles.
  const crossed = above * 100 > count * (100 - percent);
  return { observed: histogram.quantile(percent / 100) ?? 0, count, crossed };
}

function mean(histogram: Histogram, limitMs: number): Observation {
  const { count, sum } = histogram;
  const observed = sum / count;
  return { observed, count, crossed: observed > limitMs };
}

/** @returns the verdict of a run that came to its planned end: a failed threshold outweighs a missing figure */
export function overall(verdicts: readonly Verdict[]): RunVerdict {
  if (verdicts.some((v) => v.judgement === 'fail')) return 'fail';
  if (verdicts.length === 0 || verdicts.some((v) => v.judgement !== 'pass')) return 'inconclusive';
  return 'pass';
}
