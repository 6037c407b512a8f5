import { midRanks } from './ranks.ts';

/** How far each value lies from the mean of all; 0 where there is none. */
export interface Deviations {
  readonly values: Float64Array;
  /** Sum of their squares. */
  readonly squares: number;
  /** Share of the places that hold a value. */
  readonly filled: number;
}

/** @param values NaN where there is none */
export function deviationsOf(values: ArrayLike<number>): Deviations {
  const n = values.length;
  let count = 0;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(values[i]!)) continue;
    count++;
    sum += values[i]!;
  }
  const mean = sum / count;
  const out = new Float64Array(n);
  let squares = 0;
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(values[i]!)) continue;
    out[i] = values[i]! - mean;
    squares += out[i]! ** 2;
  }
  return { values: out, squares, filled: count / n };
}

/**
 * Autocorrelation at one lag, by the mean and variance of all values; far lags, of which little is known, come out
 * small. Missing windows leave fewer pairs; the sum is scaled up in proportion.
 * @param lag in steps, at least 1
 */
export function correlationAt({ values, squares, filled }: Deviations, lag: number): number {
  if (squares === 0) return 0;
  let sum = 0;
  for (let i = lag; i < values.length; i++) sum += values[i]! * values[i - lag]!;
  return sum / squares / filled;
}

/**
 * Returns the memory of a series in steps: the factor by which autocorrelation widens the variance of a mean,
 * 1 + 2 Σ ρ, summed up to the first lag at which nothing is left, in the manner of C. J. Geyer's initial positive
 * sequence (Statistical Science 7, 1992). Uses ranks, so that spikes do not hide the memory.
 * @param residuals of a trend; NaN where there is no value
 * @param most the sum stops above this: the caller has no use for a larger value
 * @returns at least 1
 */
export function memoryOf(residuals: ArrayLike<number>, most = Number.POSITIVE_INFINITY): number {
  const n = residuals.length;
  const deviations = deviationsOf(midRanks(residuals));
  let sum = 0;
  for (let lag = 1; lag < n / 2; lag++) {
    // A mean and a slope were taken out, which pulls every lag down by about this much.
    const raw = correlationAt(deviations, lag);
    const r = raw + (2 + 4 * raw) / n;
    if (deviations.squares === 0 || r <= 0) break;
    sum += r;
    if (1 + 2 * sum > most) break;
  }
  return 1 + 2 * sum;
}
