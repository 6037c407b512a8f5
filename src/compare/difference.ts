import { type Estimate, errorOf } from './bootstrap.ts';
import type { Change } from './comparison.ts';
import { differenceInterval, newcombe, type Proportion, proportionsP } from './proportions.ts';
import type { Statistic } from './statistics.ts';
import { studentT, twoSidedP } from './student.ts';

/** A difference with its uncertainty, `b − a` in the unit of the statistic. */
export interface Difference {
  readonly difference: number;
  readonly interval: readonly [low: number, high: number];
  /** Two-sided, for this difference alone. */
  readonly p: number;
}

/** Standard errors of both runs on one scale, and the difference on it. */
interface Step {
  readonly step: number;
  readonly errors: readonly [a: number, b: number];
}

/**
 * Returns the difference of two timings or rates, by their logarithms, in which their errors are symmetric; of rates that
 * are 0, by the values themselves.
 */
export function differenceOf(a: Estimate, b: Estimate, confidence: number): Difference {
  const isLog = [a, b].every(({ value, replicates }) => value > 0 && replicates.every((v) => v > 0));
  const scale = isLog ? Math.log : (value: number): number => value;
  const step = scale(b.value) - scale(a.value);
  const { p, half } = welch(
    { step, errors: [errorOf(a, scale), errorOf(b, scale)] },
    [a.df, b.df],
    confidence,
  );
  const back = (to: number): number => (isLog ? a.value * Math.expm1(to) : to);
  return { difference: b.value - a.value, interval: [back(step - half), back(step + half)], p };
}

/**
 * Returns the difference of two shares that is certain by windows and by counts: windows without any failure show no
 * error, and counts do not show that failures come together.
 */
export function shareDifference(
  [a, ofA]: readonly [Estimate, Proportion],
  [b, ofB]: readonly [Estimate, Proportion],
  confidence: number,
): Difference {
  const isRare = [ofA, ofB].some(({ part, whole }) => Math.min(part, whole - part) < MIN_FOR_ODDS);
  const [of, other] = [ofA, ofB].map(({ whole }) => (isRare ? ANGLE : logOdds(whole))) as [Scale, Scale];
  const errors = [errorOf(a, of.to), errorOf(b, other.to)] as const;
  const { p, t } = welch({ step: other.to(b.value) - of.to(a.value), errors }, [a.df, b.df], confidence);
  const limits = (value: number, { to, from }: Scale, error: number): readonly [number, number] => [
    from(to(value) - t * error),
    from(to(value) + t * error),
  ];
  const [low, high] = differenceInterval(
    [a.value, limits(a.value, of, errors[0])],
    [b.value, limits(b.value, other, errors[1])],
  );
  const counted = countedDifference(ofA, ofB, confidence);
  return {
    difference: b.value - a.value,
    interval: [Math.min(low, counted.interval[0]), Math.max(high, counted.interval[1])],
    p: Math.max(p, counted.p),
  };
}

/** A scale on which the error of a share depends little on the share, and back. */
interface Scale {
  readonly to: (share: number) => number;
  readonly from: (value: number) => number;
}

/** Streams on both sides of a share from which its log odds are used. */
const MIN_FOR_ODDS = 3;

/** For shares near 0 or 1 (M. S. Bartlett, Biometrics 3, 1947, 39–52). */
const ANGLE: Scale = {
  to: (share) => Math.asin(Math.sqrt(share)),
  from: (angle) => Math.sin(Math.max(0, Math.min(Math.PI / 2, angle))) ** 2,
};

/**
 * Failures come together in proportion to their number. Half a stream is added on both sides, so that a resample without
 * any has log odds (J. B. S. Haldane, Annals of Human Genetics 20, 1956, 309–311).
 * @param streams that the share is of
 */
function logOdds(streams: number): Scale {
  const all = streams + 1;
  return {
    to: (share) => Math.log((share * streams + 0.5) / ((1 - share) * streams + 0.5)),
    from: (odds) => Math.max(0, Math.min(1, (all / (1 + Math.exp(-odds)) - 0.5) / streams)),
  };
}

/** Degrees of freedom above which Student's t is the normal distribution. */
const MAX_DF = 1e6;

/** Tests a difference of two values with errors of their own (B. L. Welch, Biometrika 34, 1947, 28–35). */
function welch(
  { step, errors: [a, b] }: Step,
  [dfA, dfB]: readonly [a: number, b: number],
  confidence: number,
): { readonly p: number; readonly half: number; readonly t: number } {
  const error = Math.hypot(a, b);
  if (error === 0) return { p: step === 0 ? 1 : 0, half: 0, t: 0 };
  const df = Math.min(MAX_DF, error ** 4 / (a ** 4 / dfA + b ** 4 / dfB));
  const t = studentT(1 - confidence, df);
  return { p: twoSidedP(step / error, df), half: t * error, t };
}

/** Returns the difference of two shares by their counts alone: as if streams failed independently of one another. */
export function countedDifference(a: Proportion, b: Proportion, confidence: number): Difference {
  return {
    difference: b.part / b.whole - a.part / a.whole,
    interval: newcombe(a, b, confidence),
    p: proportionsP(a, b),
  };
}

/** Smallest relative change of a timing or a rate that counts. */
export const RELATIVE_FLOOR = 0.03;
/** Smallest change of a timing that counts, ms. */
const MIN_FLOOR_MS = 0.1;
/** Smallest change of a share that counts, as a ratio: of the success rate, of another share. */
const SHARE_FLOOR = { success: 0.001, other: 0.01 } as const;

/** What the timings of a run may be too long by, ms. */
export interface Lag {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Returns the smallest difference that counts, in the unit of the statistic.
 * @param a value of the first run
 * @param lags of both runs: a timing may be too long by as much in one of them
 */
export function floorOf(
  { measure, unit, quantile }: Statistic,
  a: number,
  lags: readonly Lag[],
  relative = RELATIVE_FLOOR,
): number {
  if (unit === 'ratio') return measure === 'success' ? SHARE_FLOOR.success : SHARE_FLOOR.other;
  if (unit === 'per-second') return relative * a;
  const lag = quantile === undefined ? 'mean' : quantile <= 0.5 ? 'p50' : 'p99';
  return Math.max(relative * a, MIN_FLOOR_MS, ...lags.map((of) => of[lag]));
}

/** Returns what a difference is. @param p corrected for the number of differences */
export function changeOf(
  { difference, p }: { readonly difference: number; readonly p: number },
  floor: number,
  worse: Statistic['worse'],
  familyError: number,
): Change {
  if (p > familyError || Math.abs(difference) < floor) return 'unchanged';
  return difference > 0 === (worse === 'higher') ? 'regression' : 'improvement';
}
