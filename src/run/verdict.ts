import type { StreamLayout, Timing } from '../catalog/slots.ts';
import { THRESHOLDS } from '../catalog/thresholds.ts';
import { OUTCOMES, resultOf } from '../core/outcome.ts';
import type { CrossedTime, RunVerdict, Verdict } from '../core/run.ts';
import type { TargetThreshold, Timeouts } from '../core/scenario.ts';
import type { SnapshotView } from '../core/snapshot.ts';
import { limitOf, type Threshold } from '../core/threshold.ts';
import { crossing, meanRange, shareRange, type TimingSums } from './honesty/range.ts';

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

/** What one target did in a run. */
export interface Judged {
  readonly name: string;
  /** Its place in the layout. */
  readonly index: number;
  readonly view: SnapshotView<StreamLayout>;
  /** What of that was counted in suspect windows. */
  readonly suspect: SnapshotView<StreamLayout>;
  readonly timeouts: Timeouts;
}

/**
 * Holds one threshold against what one target did in a run. Streams that were cancelled or lost do not count.
 * It fails where its figure is crossed over the whole run, as in a run shorter than its window, and where its alert
 * would have fired on the way. A timing whose judgement depends on what suspect windows held is inconclusive.
 * @param crossings when that would have been
 * @throws TypeError for a figure that a run as a whole does not have
 */
export function judge(threshold: Threshold, judged: Judged, crossings: readonly CrossedTime[] = []): Verdict {
  const { observed, count, crossed } = observe(threshold, judged);
  const { id, limit } = threshold;
  const unit = threshold.unit === 'ms' ? 'ms' : 'ratio';
  const base = { threshold: id, target: judged.name, limit, unit, count, crossed: crossings } as const;
  if (count === 0) return { ...base, judgement: 'no-data' };
  if (crossed === 'crossed' || crossings.length > 0) return { ...base, observed, judgement: 'fail' };
  return { ...base, observed, judgement: crossed === 'ok' ? 'pass' : 'inconclusive' };
}

interface Observation {
  readonly observed: number;
  readonly count: number;
  readonly crossed: ReturnType<typeof crossing>;
}

function observe(threshold: Threshold, judged: Judged): Observation {
  const { metric, statistic, limit, id } = threshold;
  const { ttfbMs, totalMs } = judged.timeouts;
  if (metric === 'success' && statistic === 'ratio') return successes(judged, limit);
  if (metric === 'ttfb' && statistic === 'p95') return quantile(judged, 95, limit);
  if (metric === 'ttfb' && statistic === 'p50') return quantile(judged, 50, limit);
  if (metric === 'ttfb' && statistic === 'mean')
    return mean(judged, 'ttfb', limit, Math.min(ttfbMs, totalMs));
  if (metric === 'duration') return mean(judged, 'duration:success', limit, totalMs);
  throw new TypeError(`the threshold ${id} is of a figure that a whole run does not have`);
}

function successes({ view, index }: Judged, limit: number): Observation {
  let success = 0;
  let count = 0;
  for (const outcome of OUTCOMES) {
    const n = view.cell(index, `finished:${outcome}`);
    const result = resultOf(outcome);
    if (result === 'success') success += n;
    if (result === 'success' || result === 'failed') count += n;
  }
  const observed = success / count;
  return { observed, count, crossed: observed < limit ? 'crossed' : 'ok' };
}

function sumsOf({ view, suspect, index }: Judged, timing: Timing, limitMs: number): TimingSums {
  const of = (one: SnapshotView<StreamLayout>) => {
    const histogram = one.histogram(index, timing);
    const { count, sum } = histogram;
    return { count, above: count - histogram.cumulative([limitMs])[0]!, sumMs: sum };
  };
  return { ...of(view), suspect: of(suspect) };
}

function quantile(judged: Judged, percent: number, limitMs: number): Observation {
  const sums = sumsOf(judged, 'ttfb', limitMs);
  const { count } = sums;
  // "p95 above the limit" is "more than 5 % are above it": exact, since the limit is an edge of the
  // histogram, where the percentile itself is interpolated. In whole numbers: 1 - 95/100 is more than 0.05 in doubles.
  const crosses = (share: number): boolean => Math.round(share * count) * 100 > count * (100 - percent);
  const observed = judged.view.histogram(judged.index, 'ttfb').quantile(percent / 100) ?? 0;
  return { observed, count, crossed: crossing(shareRange(sums), crosses) };
}

function mean(judged: Judged, timing: Timing, limitMs: number, longestMs: number): Observation {
  const sums = sumsOf(judged, timing, limitMs);
  const crossed = crossing(meanRange(sums, longestMs), (value) => value > limitMs);
  return { observed: sums.sumMs / sums.count, count: sums.count, crossed };
}

/** @returns the verdict of a run that came to its planned end: a failed threshold outweighs a missing figure */
export function overall(verdicts: readonly Verdict[]): RunVerdict {
  if (verdicts.some((v) => v.judgement === 'fail')) return 'fail';
  if (verdicts.length === 0 || verdicts.some((v) => v.judgement !== 'pass')) return 'inconclusive';
  return 'pass';
}
