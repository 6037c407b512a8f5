import { deviationsOf, memoryOf } from './autocorrelation.ts';
import { type Blocks, blocksOf, type Pooling } from './blocks.ts';
import { hamedRao, scoreVariance, testUpward } from './mann-kendall.ts';
import { type Line, medianSlope, theilSen } from './theil-sen.ts';
import type { Grid } from './window-series.ts';

/** Windows that must be there before anything is said. */
export const MIN_WINDOWS = 24;
/** More would cost time and gain little. */
export const MAX_BLOCKS = 48;
/** Fewer cannot be significant. */
export const MIN_BLOCKS = 8;
/** What is remembered comes out too short by up to a fifth where it is estimated from few windows. */
const SHORT = 1.25;
/** So many are wanted: to make them as many, blocks become shorter against what is remembered, within `MEMORIES`. */
const WANTED_BLOCKS = 20;
/** A block is this many times as long as a value is remembered. */
const MEMORIES = { least: 1, most: 3 } as const;
/** Share of a signal's variance that is next to nothing. */
const NEGLIGIBLE = 0.001;
/** Without any correction for memory; what is below will not be significant with it, and costs no more time. */
const WORTH_A_LOOK = 2;
/** Enough to see a slope by. */
export const ROUGH_BLOCKS = 32;

export interface Trend {
  /** One-sided, of Mann–Kendall over the blocks. */
  readonly p: number;
  readonly z: number;
  readonly blocks: Blocks;
  /** Windows in a block. */
  readonly length: number;
  /** How much wider than that of independent values the variance of the score was taken to be. */
  readonly inflation: number;
}

/**
 * Tests one signal for a climb: windows become blocks that are long against what is remembered, and Mann–Kendall is
 * made on those.
 * @returns `undefined` where the windows are too few for what they remember, and where at first sight there is nothing
 */
export function trendOf(grid: Grid, pooling: Pooling): Trend | undefined {
  if (presentIn(grid) < MIN_WINDOWS) return undefined;
  const rough = roughBlocks(grid, pooling);
  if (rough.values.length < MIN_BLOCKS || testUpward(rough.values, 1).z < WORTH_A_LOOK) return undefined;
  const slope = medianSlope(rough.times, rough.values);
  const blocks = independentBlocks(grid, pooling, (place) => slope * place);
  if (blocks === undefined) return undefined;
  const { times, values, length } = blocks;
  const inflation = Math.max(blocks.inflation, hamedRao(values, medianSlope(times, values) * length));
  const { p, z } = testUpward(values, inflation);
  return { p, z, blocks: { times, values }, length, inflation };
}

/** @returns the line of a trend, and the interval of its slope; times are steps of the grid */
export function lineOf({ blocks, inflation }: Trend): Line {
  return theilSen(blocks.times, blocks.values, scoreVariance(blocks.values) * inflation);
}

/**
 * Blocks long enough for neighbours to know little of each other.
 * @param shape of what was found in the signal, at each place of the grid: only what it leaves can be memory
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
 * What a shape leaves of a signal is remembered for long where a reading comes a little late, again and again. Where
 * it is next to nothing of the signal, that is no reason to doubt the shape: noise alone never lies that close to a line.
 */
function isNegligible(residuals: Float64Array, values: Float64Array): boolean {
  return deviationsOf(residuals).squares < NEGLIGIBLE * deviationsOf(values).squares;
}

/**
 * What neighbouring blocks still have in common widens the variance of a mean over them by this: of noise whose
 * memory fades exponentially, 1.76 where a block is as long as the memory, 1.2 where it is three times as long.
 */
function commonTo(memories: number): number {
  return 1 / (1 - (1 - Math.exp(-2 * memories)) / (2 * memories));
}

/** At most 32 blocks, however much neighbours know of each other. */
export function roughBlocks(grid: Grid, pooling: Pooling): Blocks {
  return blocksOf(grid, Math.ceil(grid.values.length / ROUGH_BLOCKS), pooling);
}

export function presentIn({ values }: Grid): number {
  let present = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) present++;
  return present;
}
