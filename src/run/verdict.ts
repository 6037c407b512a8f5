import type { StreamLayout } from '../catalog/slots.ts';
import { THRESHOLDS, type Threshold } from '../catalog/thresholds.ts';
import { OUTCOMES, resultOf } from '../core/outcome.ts';
import type { RunVerdict, Verdict } from '../core/run.ts';
import type { TargetThreshold } from '../core/scenario.ts';
import type { SnapshotView } from '../core/snapshot.ts';

/** @returns the table with the limits of one target: its own, else those for all targets, else the defaults */
export function thresholdsOf(
  own: readonly TargetThreshold[],
  common: readonly TargetThreshold[],
): Threshold[] {
  return THRESHOLDS.map((threshold) => {
    const set = own.find((t) => t.id === threshold.id) ?? common.find((t) => t.id === threshold.id);
    return set === undefined ? threshold : { ...threshold, limit: set.limit };
  });
}

/** Holds one threshold against what one target did in a run. Streams that were cancelled or lost do not count. */
export function judge(
  threshold: Threshold,
  view: SnapshotView<StreamLayout>,
  target: number,
  name: string,
): Verdict {
  const { observed, count, crossed } = observe(threshold, view, target);
  const { id, limit, unit } = threshold;
  const base = { threshold: id, target: name, limit, unit, count };
  if (count === 0) return { ...base, judgement: 'no-data' };
  return { ...base, observed, judgement: crossed ? 'fail' : 'pass' };
}

interface Observation {
  readonly observed: number;
  readonly count: number;
  readonly crossed: boolean;
}

function observe(threshold: Threshold, view: SnapshotView<StreamLayout>, target: number): Observation {
  if (threshold.metric === 'success') {
    let success = 0;
    let count = 0;
    for (const outcome of OUTCOMES) {
      const n = view.cell(target, `finished:${outcome}`);
      const result = resultOf(outcome);
      if (result === 'success') success += n;
      if (result === 'success' || result === 'failed') count += n;
    }
    const observed = success / count;
    return { observed, count, crossed: observed < threshold.limit };
  }
  const histogram = view.histogram(target, 'ttfb');
  const { count } = histogram;
  // "p95 above the limit" is "more than 5 % are above it": exact, since the limit is an edge of the
  // histogram, where the percentile itself is interpolated.
  const above = count - histogram.cumulative([threshold.limit])[0]!;
  // In whole numbers: 1 - 95/100 is more than 0.05 in doubles.
  return { observed: histogram.quantile(0.95) ?? 0, count, crossed: above * 20 > count };
}

/** @returns the verdict of a run that came to its planned end: a failed threshold outweighs a missing figure */
export function overall(verdicts: readonly Verdict[]): RunVerdict {
  if (verdicts.some((v) => v.judgement === 'fail')) return 'fail';
  if (verdicts.length === 0 || verdicts.some((v) => v.judgement !== 'pass')) return 'inconclusive';
  return 'pass';
}
