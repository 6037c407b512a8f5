import { quickselect } from 'simple-statistics';
import { Z95 } from './normal-tail.ts';

export interface Line {
  /** In units of value for a unit of time. */
  readonly slope: number;
  /** Value at time 0: the median value less the slope to the median time (W. J. Conover, Practical Nonparametric Statistics, 1980). */
  readonly intercept: number;
  /** 95 % interval of the slope. */
  readonly interval: readonly [low: number, high: number];
}

/**
 * The median of the slopes of all pairs (H. Theil, 1950; P. K. Sen, JASA 63, 1968): 29 % of the points may be anything.
 * Its interval is that of Sen as R. O. Gilbert writes it (Statistical Methods for Environmental Pollution Monitoring,
 * 1987, 16.5). O(n²) in time and memory: meant for up to 512 points.
 * @param times strictly ascending, at least two
 * @param scoreVariance of the Mann–Kendall score of the same values, autocorrelation included
 */
export function theilSen(times: ArrayLike<number>, values: ArrayLike<number>, scoreVariance: number): Line {
  const slopes = slopesOf(times, values);
  const slope = medianInPlace(slopes);
  const count = slopes.length;
  const c = Z95 * Math.sqrt(Math.max(0, scoreVariance));
  const low = nth(slopes, Math.max(0, Math.round((count - c) / 2) - 1));
  const high = nth(slopes, Math.min(count - 1, Math.round((count + c) / 2)));
  const middle = (of: ArrayLike<number>): number => medianInPlace(Float64Array.from(of));
  return { slope, intercept: middle(values) - slope * middle(times), interval: [low, high] };
}

/** The slope of `theilSen` alone. */
export function medianSlope(times: ArrayLike<number>, values: ArrayLike<number>): number {
  return medianInPlace(slopesOf(times, values));
}

/** Median without a sorted copy: the values are put into another order. */
export function medianInPlace(values: Float64Array): number {
  const half = values.length >> 1;
  const upper = nth(values, half);
  return values.length % 2 === 1 ? upper : (upper + nth(values, half - 1)) / 2;
}

function slopesOf(times: ArrayLike<number>, values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const slopes = new Float64Array((n * (n - 1)) / 2);
  let count = 0;
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) slopes[count++] = (values[i]! - values[j]!) / (times[i]! - times[j]!);
  }
  return slopes;
}

function nth(values: Float64Array, k: number): number {
  // The library's type asks for number[]; it reads and swaps elements only.
  quickselect(values as unknown as number[], k);
  return values[k]!;
}
