import type { Estimate } from './bootstrap.ts';
import type { Change } from './comparison.ts';
import { newcombe, type Proportion, proportionsP } from './proportions.ts';
import type { Statistic } from './statistics.ts';
import { studentT, twoSidedP } from './student.ts';

/** A difference with its uncertainty, `b − a` in the unit of the statistic. */
export interface Difference {
  readonly difference: number;
  readonly interval: readonly [low: number, high: number];
  /** Two-sided, for this difference alone. */
  readonly p: number;
}

/**
 * Returns the difference of two values. Timings and rates are compared by their logarithms, in which their errors are
 * symmetric. Degrees of freedom as in Welch's test (Biometrika 34, 1947).
 */
export function differenceOf(a: Estimate, b: Estimate, { unit }: Statistic, confidence: number): Difference {
  const difference = b.value - a.value;
  const isLog = unit !== 'ratio' && a.logError !== null && b.logError !== null;
  const errors = isLog ? ([a.logError, b.logError] as const) : ([a.error, b.error] as const);
  const step = isLog ? Math.log(b.value / a.value) : difference;
  const error = Math.hypot(...errors);
  if (error === 0) return { difference, interval: [difference, difference], p: difference === 0 ? 1 : 0 };
  const df = error ** 4 / (errors[0] ** 4 / a.df + errors[1] ** 4 / b.df);
  const half = studentT(1 - confidence, df) * error;
  const back = (value: number): number => (isLog ? a.value * Math.expm1(value) : value);
  return { difference, interval: [back(step - half), back(step + half)], p: twoSidedP(step / error, df) };
}

/** Returns the difference of two shares by their counts alone: as if streams failed independently of one another. */
export function countedDifference(a: Proportion, b: Proportion, confidence: number): Difference {
  return {
    difference: b.part / b.whole - a.part / a.whole,
    interval: newcombe(a, b, confidence),
    p: proportionsP(a, b),
  };
}

/**
 * Returns the difference of shares that is certain by windows and by counts: windows without any failure show no error,
 * and counts do not show that failures come together.
 */
export function cautious(windows: Difference, counts: Difference): Difference {
  return {
    difference: windows.difference,
    interval: [
      Math.min(windows.interval[0], counts.interval[0]),
      Math.max(windows.interval[1], counts.interval[1]),
    ],
    p: Math.max(windows.p, counts.p),
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
