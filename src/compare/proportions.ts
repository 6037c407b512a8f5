import { upperTail, zOfTail } from '../drift/normal-tail.ts';

/** Counted cases, and those among them that have a property. */
export interface Proportion {
  readonly part: number;
  readonly whole: number;
}

/**
 * Score interval of one proportion (E. B. Wilson, Journal of the American Statistical Association 22, 1927).
 * @param z quantile of the normal distribution, above 0
 */
export function wilson({ part, whole }: Proportion, z: number): readonly [low: number, high: number] {
  const p = part / whole;
  const zz = (z * z) / whole;
  const middle = (p + zz / 2) / (1 + zz);
  const half = (z / (1 + zz)) * Math.sqrt((p * (1 - p)) / whole + zz / (4 * whole));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * Interval of the difference of two proportions, `b − a`: R. G. Newcombe's method 10 (Statistics in Medicine 17, 1998,
 * 873–890). Holds for a proportion of 0 or 1 and for few cases; takes the cases for independent.
 * @param confidence from 0 to 1
 */
export function newcombe(
  a: Proportion,
  b: Proportion,
  confidence: number,
): readonly [low: number, high: number] {
  return intervalAt(a, b, zOfTail((1 - confidence) / 2));
}

function intervalAt(a: Proportion, b: Proportion, z: number): readonly [low: number, high: number] {
  return differenceInterval([a.part / a.whole, wilson(a, z)], [b.part / b.whole, wilson(b, z)]);
}

/** A value and its interval. */
type WithInterval = readonly [value: number, interval: readonly [low: number, high: number]];

/**
 * Returns the interval of `b − a` from the intervals of both, which need not be symmetric (G. Y. Zou and A. Donner,
 * Statistics in Medicine 27, 2008, 1693–1702; Newcombe's method 10 is its use with Wilson's intervals).
 */
export function differenceInterval(
  [a, [lowA, highA]]: WithInterval,
  [b, [lowB, highB]]: WithInterval,
): readonly [low: number, high: number] {
  return [b - a - Math.hypot(b - lowB, highA - a), b - a + Math.hypot(highB - b, a - lowA)];
}

const MAX_Z = 7.6;

/** Two-sided p of a difference: 1 less the highest confidence at which the interval of `newcombe` leaves out 0. */
export function proportionsP(a: Proportion, b: Proportion): number {
  const leavesOutZero = (z: number): boolean => {
    const [low, high] = intervalAt(a, b, z);
    return low > 0 || high < 0;
  };
  let low = 0;
  let high = MAX_Z;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (leavesOutZero(middle)) low = middle;
    else high = middle;
  }
  return Math.min(1, 2 * upperTail(low));
}
