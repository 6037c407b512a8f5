import type { Random } from '../core/random.ts';
import { blockLengthOf } from './block-length.ts';
import type { Estimator } from './estimators.ts';
import { type Strata, weightsOf } from './strata.ts';

/** A statistic of one run. */
export interface Estimate {
  readonly value: number;
  /** Values of resamples; without those in which nothing was observed. */
  readonly replicates: Float64Array;
  /** What the deviation of the replicates is multiplied by to get the standard error, on any scale. */
  readonly widen: number;
  /** Degrees of freedom of the standard error. */
  readonly df: number;
}

/** Returns the standard error of a statistic on some scale. */
export function errorOf({ replicates, widen }: Estimate, scale: (value: number) => number): number {
  const all = replicates.map(scale);
  const mean = all.reduce((sum, v) => sum + v, 0) / all.length;
  const squares = all.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return widen * Math.sqrt(squares / (all.length - 1));
}

/**
 * Returns the statistics of one measure with their errors: those of a circular block bootstrap of windows (D. N. Politis
 * and J. P. Romano, in: Exploring the Limits of Bootstrap, 1992, 263–270). Each resample is made of blocks of
 * neighbouring windows, so that what lasts longer than a window keeps its weight; windows of each load are drawn among
 * themselves. The histograms of the drawn windows are added and the statistic is read from their sum, as from a run.
 *
 * The square of an error from n windows in blocks of b is too small by the share b / n, since the mean is that of the same
 * windows.
 */
export function bootstrap(
  estimator: Estimator,
  strata: Strata,
  { resamples, random }: { readonly resamples: number; readonly random: Random },
): Estimate[] {
  const weights = weightsOf(strata);
  const values = estimator.estimate(weights);
  // One draw for all statistics of a measure: the longest memory among them counts.
  const longest = Math.max(
    ...values.map((value, place) =>
      blockLengthOf(centred(estimator.influence(place, value), weights, strata)),
    ),
  );
  const drawn = new Float64Array(weights.length);
  const replicates = values.map(() => new Float64Array(resamples));
  for (let r = 0; r < resamples; r++) {
    draw(drawn, strata, longest, random);
    estimator.estimate(drawn).forEach((value, place) => {
      replicates[place]![r] = value;
    });
  }
  const uncertainty = uncertaintyOf(strata, longest);
  return values.map((value, place) => ({
    value,
    replicates: replicates[place]!.filter((v) => !Number.isNaN(v)),
    ...uncertainty,
  }));
}

/** Returns the degrees of freedom of the errors, and what they are multiplied by. */
function uncertaintyOf(
  { windows, strata }: Strata,
  longest: number,
): { readonly df: number; readonly widen: number } {
  const n = windows.length;
  let [lost, mean] = [0, 0];
  for (const { from, to } of strata) {
    const length = lengthIn(to - from, longest);
    lost += length / n;
    mean += (length * (to - from)) / n;
  }
  return { df: degreesOfFreedom(n / mean), widen: 1 / Math.sqrt(1 - lost) };
}

/**
 * Returns the degrees of freedom of an error. Overlapping blocks have 1.5 for each block that fits beside the others
 * (Bartlett's spectral window at frequency 0: M. B. Priestley, Spectral Analysis and Time Series, 1981, table 6.2), where
 * blocks are many. Of few, the tails are longer far out, where the correction for many values needs them: with 1.5 for each
 * less 1, 2.5 % of equal pairs of ten minutes differed (`npm run trials`; docs/compare.md). So 3 are taken off, down to
 * one for each block.
 */
function degreesOfFreedom(blocks: number): number {
  return Math.max(1, blocks, 1.5 * blocks - 3);
}

/** Draws as many windows of each load as there are, in blocks that continue from the last window with the first one. */
function draw(drawn: Float64Array, { strata }: Strata, blockLength: number, random: Random): void {
  drawn.fill(0);
  for (const { from, to, weight } of strata) {
    const n = to - from;
    const length = lengthIn(n, blockLength);
    for (let left = n; left > 0; ) {
      let at = Math.floor(random() * n);
      for (let i = Math.min(left, length); i > 0; i--, left--) {
        drawn[from + at]! += weight;
        at = at + 1 === n ? 0 : at + 1;
      }
    }
  }
}

/** Returns the length of blocks in a load with so many windows: at least three blocks. */
function lengthIn(windows: number, blockLength: number): number {
  return Math.max(1, Math.min(blockLength, Math.floor(windows / 3)));
}

/** Subtracts the mean of each load: a load differs from another one, which is no noise. */
function centred(values: Float64Array, weights: Float64Array, { strata }: Strata): Float64Array {
  const out = new Float64Array(values.length);
  for (const { from, to } of strata) {
    let sum = 0;
    for (let w = from; w < to; w++) sum += values[w]!;
    const mean = sum / (to - from);
    for (let w = from; w < to; w++) out[w] = (values[w]! - mean) * weights[w]!;
  }
  return out;
}
