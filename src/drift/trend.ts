import { deviationsOf, memoryOf } from './autocorrelation.ts';
import { type Blocks, blocksOf, type Pooling } from './blocks.ts';
import { hamedRao, scoreVariance, testUpward } from './mann-kendall.ts';
import { type Line, medianSlope, theilSen } from './theil-sen.ts';
import type { Grid } from './window-series.ts';

/** Windows that a result needs. */
export const MIN_WINDOWS = 24;
/** More would cost time and gain little. */
const MAX_BLOCKS = 48;
/** Fewer cannot be significant. */
export const MIN_BLOCKS = 8;
/** Correction of the memory, which few windows underestimate by up to a fifth. */
const SHORT = 1.25;
/** Wanted number of blocks: with few windows blocks become shorter relative to the memory, within `MEMORIES`. */
const WANTED_BLOCKS = 20;
/** Length of a block, in multiples of the memory. */
const MEMORIES = { least: 1, most: 3 } as const;
/** Share of a signal's variance that is next to nothing. */
const NEGLIGIBLE = 0.001;
/** Lowest z without a correction for memory that can still be significant with it; saves the time of the rest. */
const MIN_ROUGH_Z = 2;
/** Blocks of a first estimate of the slope. */
export const ROUGH_BLOCKS = 32;

export interface Trend {
  /** One-sided p of Mann–Kendall over the blocks. */
  readonly p: number;
  readonly z: number;
  readonly blocks: Blocks;
  /** Windows in a block. */
  readonly length: number;
  /** Variance of the score relative to that of independent values. */
  readonly inflation: number;
}

/**
 * Tests one signal for an upward trend: Mann–Kendall over blocks that are long relative to the memory of the signal.
 * @returns `undefined` where there are too few windows for their memory, or no sign of a trend
 */
export function trendOf(grid: Grid, pooling: Pooling): Trend | undefined {
  if (presentIn(grid) < MIN_WINDOWS) return undefined;
  const rough = roughBlocks(grid, pooling);
  if (rough.values.length < MIN_BLOCKS || testUpward(rough.values, 1).z < MIN_ROUGH_Z) return undefined;
  const slope = medianSlope(rough.times, rough.values);
  const blocks = independentBlocks(grid, pooling, (place) => slope * place);
  if (blocks === undefined) return undefined;
  const { times, values, length } = blocks;
  const inflation = Math.max(blocks.inflation, hamedRao(values, medianSlope(times, values) * length));
  const { p, z } = testUpward(values, inflation);
  return { p, z, blocks: { times, values }, length, inflation };
}

/** Returns the line of a trend and the interval of its slope. Times are steps of the grid. */
export function lineOf({ blocks, inflation }: Trend): Line {
  return theilSen(blocks.times, blocks.values, scoreVariance(blocks.values) * inflation);
}

/**
 * Returns blocks long enough to be nearly independent.
 * @param shape value of the fitted shape at each place of the grid: memory is estimated from its residuals
 * @returns `undefined` where there would be too few
 */
export function independentBlocks(
  grid: Grid,
  pooling: Pooling,
  shape: (place: number) => number,
): (Blocks & { readonly length: number; readonly inflation: number }) | undefined {
  const n = grid.values.length;
  const residuals = new Float64Array(n);
  for (let i = 0; i < n; i++) residuals[i] = grid.values[i]! - shape(i);
  const memory = isNegligible(residuals, grid.values) ? 1 : SHORT * memoryOf(residuals, n / MIN_BLOCKS);
  const memories = Math.min(MEMORIES.most, Math.max(MEMORIES.least, n / memory / WANTED_BLOCKS));
  const length = Math.max(Math.ceil(n / MAX_BLOCKS), Math.ceil(memories * memory));
  if (length * MIN_BLOCKS > n) return undefined;
  const blocks = blocksOf(grid, length, pooling);
  if (blocks.values.length < MIN_BLOCKS) return undefined;
  return { ...blocks, length, inflation: commonTo(Math.min(MEMORIES.most, length / memory)) };
}

/**
 * Returns whether the residuals are negligible. Readings that are repeatedly a little late leave residuals with a long
 * memory, which is no reason to doubt the shape: noise alone never lies that close to a line.
 */
function isNegligible(residuals: Float64Array, values: Float64Array): boolean {
  return deviationsOf(residuals).squares < NEGLIGIBLE * deviationsOf(values).squares;
}

/**
 * Returns how much the correlation of neighbouring blocks widens the variance of a mean over them: for noise whose
 * memory fades exponentially 1.76 where a block is as long as the memory, 1.2 where it is three times as long.
 */
function commonTo(memories: number): number {
  return 1 / (1 - (1 - Math.exp(-2 * memories)) / (2 * memories));
}

/** Returns at most 32 blocks, whatever the memory of the signal. */
export function roughBlocks(grid: Grid, pooling: Pooling): Blocks {
  return blocksOf(grid, Math.ceil(grid.values.length / ROUGH_BLOCKS), pooling);
}

export function presentIn({ values }: Grid): number {
  let present = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) present++;
  return present;
}
