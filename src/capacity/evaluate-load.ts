import type { Histogram } from '../core/histogram.ts';
import { Z95 } from '../core/measurement-error.ts';
import type { Verdict } from '../core/run.ts';
import { slotsOf } from '../measures/list.ts';
import { isUndelivered } from '../run/delivered.ts';
import type { StepCause } from '../schema/capacity.ts';
import type { LoadDelivered } from '../schema/summary.ts';
import { bounded, evaluate, sumsIn } from '../thresholds/evaluate.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import type { Counts } from '../thresholds/measures/measure.ts';
import { evaluateRun, type RunThreshold } from '../thresholds/verdict.ts';
import type { CountedTarget } from './counted.ts';
import { withLateFailures } from './late-failures.ts';

/** What was counted while a load was held, after it had settled. */
export interface Measured {
  /** Of that time alone, with the bounds that the lag of the generator allows. */
  readonly counts: Omit<Counts, 'polled'>;
  readonly delivered: LoadDelivered;
}

export interface LoadEvaluation {
  /** `no-data`: a threshold that was set lacks observations, and none is crossed. */
  readonly verdict: 'held' | 'crossed' | 'inconclusive' | 'no-data';
  /** Whether the counts leave no statistical doubt. */
  readonly clear: boolean;
  readonly cause: StepCause | null;
}

/** Least streams that succeeded or failed on each target, for thresholds that are not set as for others. */
const MIN_FINISHED = 20;

/**
 * Evaluates a load over all targets by the thresholds that decide a run. Failed streams are infinitely late. A threshold
 * that is crossed whatever the lag of the generator decides; then too little load, which would make the target look
 * better than it is; then a limit within the measurement error.
 */
export function evaluateLoad(targets: readonly CountedTarget[], measured: Measured): LoadEvaluation {
  const late = withLateFailures(measured.counts);
  const evaluated = targets.flatMap(({ name, index, thresholds }) =>
    thresholds.flatMap((threshold) => {
      const counts = threshold.statistic === 'mean' ? measured.counts : late;
      const verdict = evaluateRun(threshold, { name, index, counts });
      if (verdict === undefined) return [];
      const clear = isClear(threshold, counts, index);
      return [{ verdict, clear, cause: causeOf(threshold, verdict, counts, index) }];
    }),
  );
  const of = (result: Verdict['result']) => evaluated.filter((e) => e.verdict.result === result);
  const crossed = of('fail');
  if (crossed.length > 0) {
    // One crossing without doubt is enough.
    const first = crossed.find((e) => e.clear) ?? crossed[0]!;
    return { verdict: 'crossed', clear: first.clear, cause: first.cause };
  }
  const { delivered } = measured;
  if (isUndelivered(delivered)) return { verdict: 'inconclusive', clear: false, cause: loadCause(delivered) };
  const unsure = of('inconclusive')[0];
  if (unsure !== undefined) return { verdict: 'inconclusive', clear: false, cause: unsure.cause };
  const missing = of('no-data')[0] ?? tooFew(targets, measured.counts);
  if (missing !== undefined) return { verdict: 'no-data', clear: false, cause: missing.cause };
  return { verdict: 'held', clear: evaluated.every((e) => e.clear), cause: null };
}

/** Returns why a target has too few streams: with a handful every threshold holds by luck. */
function tooFew(
  targets: readonly CountedTarget[],
  { observed }: Measured['counts'],
): { readonly cause: StepCause } | undefined {
  for (const { name, index, thresholds } of targets) {
    const { success, failed } = observed.results(index);
    const [first] = thresholds;
    if (first === undefined || success + failed >= MIN_FINISHED) continue;
    const cause = {
      kind: 'threshold',
      threshold: first.id,
      measure: measureNamed(first.metric).noun(first),
      target: name,
      observed: null,
      limit: first.limit,
      unit: first.unit === 'ms' ? 'ms' : 'ratio',
      op: first.op,
      count: success + failed,
      required: MIN_FINISHED,
    } as const;
    return { cause };
  }
  return undefined;
}

/**
 * Returns whether a threshold has the same result at both ends of the 95 % interval of what was counted. The interval is
 * the score interval of the mean of a Poisson distribution: k + z²/2 ± z √(k + z²/4). Streams of one target depend on
 * each other, so it is too narrow rather than too wide. Nothing counted is no reason for doubt. A mean has no counts.
 */
function isClear(threshold: RunThreshold, counts: Measured['counts'], index: number): boolean {
  if (threshold.statistic === 'mean') return true;
  const watched = bounded(threshold, threshold.limit, 1 - threshold.limit);
  const [whole = 0, ...parts] = sumsIn(watched.evaluator.sums, { ...counts, polled: [] }, index);
  const kindAt = (sign: number) => {
    const sums = [whole, ...parts.map((k) => clamp(shifted(k, sign), whole))];
    return evaluate(watched, { sums, short: sums, activeMax: 0 }, 1).kind;
  };
  return kindAt(-1) === kindAt(1);
}

function shifted(k: number, sign: number): number {
  return k === 0 ? 0 : k + (Z95 * Z95) / 2 + sign * Z95 * Math.sqrt(k + (Z95 * Z95) / 4);
}

function clamp(k: number, whole: number): number {
  return Math.max(0, Math.min(whole, k));
}

function causeOf(
  threshold: RunThreshold,
  { target, observed, limit, unit, op, count, required }: Verdict,
  counts: Measured['counts'],
  index: number,
): StepCause {
  const measure = measureNamed(threshold.metric);
  const { timing } = measure;
  const isInfinite =
    timing !== undefined &&
    threshold.statistic !== 'mean' &&
    quantileOf(counts.observed.histogram(index, slotsOf(timing)[0]!.timing), rankOf(threshold)) === null;
  return {
    kind: 'threshold',
    threshold: threshold.id,
    measure: measure.noun(threshold),
    target,
    observed: observed === undefined || isInfinite ? null : observed,
    limit,
    unit,
    op,
    count,
    required,
  };
}

function rankOf({ statistic }: RunThreshold): number {
  return statistic === 'max' ? 1 : Number(statistic.slice(1)) / 100;
}

function loadCause({ ratio, required, perTarget }: LoadDelivered): StepCause {
  const worst = perTarget.filter((t) => t.ratio !== null).sort((a, b) => a.ratio! - b.ratio!)[0];
  return {
    kind: 'load-delivered',
    threshold: null,
    measure: null,
    target: worst?.target ?? null,
    observed: ratio,
    limit: required,
    unit: 'ratio',
    op: '<',
    count: 0,
    required: 0,
  };
}

/** Returns a quantile, ms; `null` without observations, and where it lies among observations above all limits. */
export function quantileOf(histogram: Histogram, q: number): number | null {
  const { count } = histogram;
  const [finite = 0] = histogram.cumulative([Number.MAX_VALUE]);
  // `cumulative` counts the bins below the last edge: what is left is above every limit.
  if (count === 0 || q * count > finite) return null;
  return histogram.quantile(q);
}
