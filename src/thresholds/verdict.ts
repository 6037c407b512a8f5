import type { Histogram } from '../core/histogram.ts';
import type { CrossedTime, RunVerdict, Verdict } from '../core/run.ts';
import type { TargetThreshold } from '../core/target.ts';
import { slotsOf } from '../measures/list.ts';
import { bounded, evaluate, sumsIn } from './evaluate.ts';
import { measureNamed } from './measures/list.ts';
import type { Counts, Statistic } from './measures/measure.ts';
import { THRESHOLDS } from './table.ts';
import { isSet, limitOf, type Threshold } from './threshold.ts';

/** A threshold of a run, with the limit of one target. */
export type RunThreshold = Threshold & {
  readonly limit: number;
  /** Whether the configuration sets the limit itself. */
  readonly isSet: boolean;
};

/**
 * @returns what decides the verdict of a run for one target, each with the limit that is its own, else that for all
 * targets, else the default; what is an alert only or is off is left out
 */
export function thresholdsOf(
  own: readonly TargetThreshold[],
  common: readonly TargetThreshold[],
): RunThreshold[] {
  return THRESHOLDS.flatMap((threshold) => {
    const limit = limitOf(threshold, THRESHOLDS, { own, common });
    const set = isSet(threshold, { own, common });
    const counts = threshold.verdict === 'where-set' ? set : threshold.verdict;
    return limit === 'off' || !counts ? [] : [{ ...threshold, limit, isSet: set }];
  });
}

/** What one target did in a run. */
export interface TargetCounts {
  readonly name: string;
  /** Its place in the layout. */
  readonly index: number;
  readonly counts: Omit<Counts, 'polled'>;
}

/** Observations without which a rare part of them says nothing. */
const MIN_SAMPLES: Readonly<Record<string, number>> = { p99: 100, 'p99.9': 1000 };

/**
 * Evaluates one threshold over a whole run of one target. Streams that were cancelled or lost do not count.
 * It fails where its value crosses the limit over the whole run, as in a run shorter than its window, and where its
 * alert would have fired on the way; a timing is inconclusive where the limit lies within its measurement error.
 * @param crossings when the alert would have fired
 * @returns `undefined` for a default limit without data: only a limit that a user set can be `no-data`
 * @throws TypeError for a measure that a run as a whole does not have
 */
export function evaluateRun(
  threshold: RunThreshold,
  { name, index, counts }: TargetCounts,
  crossings: readonly CrossedTime[] = [],
): Verdict | undefined {
  const { id, limit, metric, statistic } = threshold;
  const watched = bounded(threshold, limit, 1 - limit);
  const sums = sumsIn(watched.evaluator.sums, { ...counts, polled: [] }, index);
  const window = { sums, short: sums, activeMax: 0 };
  const required = MIN_SAMPLES[statistic] ?? 1;
  const evaluated = evaluate(watched, window, required);
  const unit = threshold.unit === 'ms' ? 'ms' : 'ratio';
  const base = {
    threshold: id,
    target: name,
    limit,
    unit,
    op: threshold.op,
    required,
    crossed: crossings,
  } as const;
  if (evaluated.kind === 'no-data') {
    const count = watched.evaluator.evaluate(window)?.count ?? 0;
    return threshold.isSet ? { ...base, count, result: 'no-data' } : undefined;
  }
  const { timing } = measureNamed(metric);
  const observed =
    timing === undefined
      ? evaluated.observed
      : statisticOf(counts.observed.histogram(index, slotsOf(timing)[0]!.timing), statistic);
  const found = { ...base, observed, count: evaluated.count };
  if (evaluated.kind === 'crossed' || crossings.length > 0) return { ...found, result: 'fail' };
  return { ...found, result: evaluated.kind === 'ok' ? 'pass' : 'inconclusive' };
}

/** @returns the verdict of a run that came to its planned end: a failed threshold outweighs one without data */
export function overall(verdicts: readonly Verdict[]): RunVerdict {
  if (verdicts.some((v) => v.result === 'fail')) return 'fail';
  if (verdicts.length === 0 || verdicts.some((v) => v.result !== 'pass')) return 'inconclusive';
  return 'pass';
}

/** @returns the statistic itself, ms: what a person reads beside the limit */
function statisticOf(histogram: Histogram, statistic: Statistic): number {
  if (statistic === 'mean') return histogram.sum / histogram.count;
  if (statistic === 'max') return histogram.stats().max ?? 0;
  return histogram.quantile(Number(statistic.slice(1)) / 100) ?? 0;
}
