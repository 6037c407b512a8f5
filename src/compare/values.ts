import { seededRandom } from '../core/random.ts';
import { bootstrap, type Estimate } from './bootstrap.ts';
import type { ComparedValue, NotCompared } from './comparison.ts';
import { type Difference, differenceOf, floorOf, type Lag, shareDifference } from './difference.ts';
import { CountEstimator, type Estimator, TimingEstimator } from './estimators.ts';
import type { Options } from './options.ts';
import { COMPARED, type ComparedMeasure, type Statistic } from './statistics.ts';
import { type Strata, weightsOf } from './strata.ts';
import type { Condensed } from './windows.ts';

/** Windows of a target, and windows with an observation of a measure, below which nothing is compared. */
export const MIN_WINDOWS = 12;
/** Observations that a mean, a share or a rate needs, and those that must lie above a quantile. */
const MIN_COUNT = 40;
const MIN_ABOVE = 20;

/** A compared value before the correction for the number of all values. */
export type Uncorrected = Omit<ComparedValue, 'result'>;

export interface TargetValues {
  readonly compared: readonly Uncorrected[];
  readonly notCompared: readonly NotCompared[];
}

/** One run's side of a target. */
export interface TargetSide {
  readonly strata: Strata;
  readonly layout: Condensed['layout'];
  readonly lag: Lag;
}

/** Compares every statistic of one target. @param place of the target: its draws are its own */
export function targetValues(
  target: string,
  place: number,
  sides: readonly [a: TargetSide, b: TargetSide],
  options: Options,
): TargetValues {
  const compared: Uncorrected[] = [];
  const notCompared: NotCompared[] = [];
  COMPARED.forEach((of, index) => {
    const estimators = sides.map((side) => estimatorOf(of, side)) as [Estimator, Estimator];
    if (!isObserved(of, estimators)) return;
    const known = of.statistics.map((s) => lack(of, s, estimators));
    if (known.some((reason) => reason === undefined)) {
      const estimates = estimators.map((estimator, side) => {
        // Draws of a side are its own, so that its errors do not depend on what it is compared with.
        const random = seededRandom(options.seed, (place * COMPARED.length + index) * 2 + side);
        return bootstrap(estimator, sides[side]!.strata, { resamples: options.resamples, random });
      }) as [Estimate[], Estimate[]];
      of.statistics.forEach((statistic, s) => {
        if (known[s] !== undefined) return;
        const [a, b] = [estimates[0][s]!, estimates[1][s]!];
        const difference = between(a, b, estimators, sides, options.confidence);
        compared.push(uncorrected(target, statistic, a, b, difference, sides, options));
      });
    }
    const values = estimators.map((e, side) => e.estimate(weightsOf(sides[side]!.strata)));
    of.statistics.forEach(({ name, unit }, s) => {
      const reason = known[s];
      if (reason === undefined) return;
      const [a, b] = values.map((all) => (Number.isFinite(all[s]) ? all[s]! : null)) as [
        number | null,
        number | null,
      ];
      notCompared.push({ target, name, unit, a, b, reason });
    });
  });
  return { compared, notCompared };
}

function estimatorOf(of: ComparedMeasure, { strata, layout }: TargetSide): Estimator {
  return of.kind === 'timing'
    ? new TimingEstimator(of, strata.windows, layout)
    : new CountEstimator(of, strata.windows, layout);
}

/** Whether a measure is of this target: in one of the runs at least. */
function isObserved({ kind, statistics }: ComparedMeasure, estimators: readonly Estimator[]): boolean {
  if (estimators.every(({ count }) => count === 0)) return false;
  // Targets without an objective count no stream within it; so do targets of which all miss it, in both runs.
  const isOptional = kind === 'share' && statistics[0]!.measure !== 'success';
  return !(isOptional && estimators.every((e) => (e as CountEstimator).part === 0));
}

/** Returns why a statistic cannot be compared; `undefined` where it can. */
function lack(
  { kind }: ComparedMeasure,
  { quantile }: Statistic,
  estimators: readonly Estimator[],
): string | undefined {
  const needed = quantile === undefined ? MIN_COUNT : Math.ceil(MIN_ABOVE / (1 - quantile) - 1e-6);
  const counts = estimators.map(({ count }) => count);
  // A rate may fall to 0.
  const fewest = kind === 'rate' ? Math.max(...counts) : Math.min(...counts);
  if (fewest < needed) return `${Math.round(fewest)} observations, expected at least ${needed}`;
  const observed = Math.min(...estimators.map((e) => e.observed));
  return observed < MIN_WINDOWS
    ? `observed in ${observed} windows, expected at least ${MIN_WINDOWS}`
    : undefined;
}

function between(
  a: Estimate,
  b: Estimate,
  estimators: readonly [Estimator, Estimator],
  sides: readonly [TargetSide, TargetSide],
  confidence: number,
): Difference {
  const [of, other] = estimators.map((estimator, side) =>
    estimator instanceof CountEstimator && estimator.isShare
      ? estimator.totals(weightsOf(sides[side]!.strata))
      : undefined,
  );
  return of === undefined || other === undefined
    ? differenceOf(a, b, confidence)
    : shareDifference([a, of], [b, other], confidence);
}

function uncorrected(
  target: string,
  statistic: Statistic,
  a: Estimate,
  b: Estimate,
  { difference, interval, p }: Difference,
  sides: readonly TargetSide[],
  { relativeFloor }: Options,
): Uncorrected {
  const { measure, statistic: id, name, unit, worse } = statistic;
  const lags = sides.map(({ lag }) => lag);
  const floor = floorOf(statistic, a.value, lags, relativeFloor);
  return {
    target,
    measure,
    statistic: id,
    name,
    unit,
    worse,
    a: a.value,
    b: b.value,
    difference,
    interval,
    floor,
    p,
  };
}
