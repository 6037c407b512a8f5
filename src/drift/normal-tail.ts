import { errorFunction } from 'simple-statistics';

/** Lowest probability that the library computes; smaller results are rounding noise. */
const MIN_P = 1e-14;
/** z at which the tail is about `MIN_P`. */
const LARGEST_Z = 7.65;

/**
 * Probability that a standard normal value is at least `z`. `errorFunction` is right to 7 digits far into the tail;
 * the library's table of this probability has four decimals and ends at z = 3.09.
 * @returns from 1e-14 to 1
 */
export function upperTail(z: number): number {
  return Math.max(MIN_P, (1 - errorFunction(z / Math.SQRT2)) / 2);
}

/** Inverse of `upperTail`, by bisection: an evaluation calls it a few times. @returns −7.65 to 7.65 */
export function zOfTail(p: number): number {
  let low = -LARGEST_Z;
  let high = LARGEST_Z;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (upperTail(middle) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** z of a two-sided 95 % interval. */
export const Z95 = 1.959964;
