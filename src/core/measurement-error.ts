import type { Histogram } from './histogram.ts';

/** How late chunks were seen that were there: what a timing of the same time may be too long by. In ms. */
export interface MeasurementError {
  readonly p50: number;
  /** Not the 99th percentile of the samples, but what that of all chunks lies below: with 95 % confidence, and widened. */
  readonly p99: number;
  /** Number of samples. */
  readonly count: number;
}

/** Of the standard normal distribution, one-sided 95 %. */
export const Z95 = 1.645;

/**
 * What the samples cannot show: they come at random times, chunks of streams in bursts, and the last of a burst waits for
 * those before it. Factor and ms from `bench/error-bar.ts`, where chunks that hold their own time are the truth.
 */
const BURSTS = 1.25;
const BURST_MS = 0.1;

/**
 * @param lag what the canary measured
 * @returns `null` without samples
 */
export function measurementErrorOf(lag: Histogram): MeasurementError | null {
  const { count } = lag;
  if (count === 0) return null;
  const limit = lag.quantile(upperRank(count, 0.99) / count)!;
  return { p50: lag.quantile(0.5)!, p99: limit * BURSTS + BURST_MS, count };
}

/**
 * Rank of the order statistic that is an upper confidence limit of a quantile: from the binomial distribution of the
 * number of samples below it, in its normal approximation (Conover, Practical Nonparametric Statistics, 3.2). Of few
 * samples it is the largest.
 */
function upperRank(count: number, q: number): number {
  return Math.min(count, count * q + Z95 * Math.sqrt(count * q * (1 - q)));
}
