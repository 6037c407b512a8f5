import { memoryOf } from './autocorrelation.ts';
import { type Blocks, blocksOf, type Pooling } from './blocks.ts';
import { hamedRao, scoreVariance, testUpward } from './mann-kendall.ts';
import { type Line, medianSlope, theilSen } from './theil-sen.ts';
import type { Grid } from './window-series.ts';

/** Windows that must be there before anything is said. */
export const MIN_WINDOWS = 24;
/** More would cost time and gain little. */
export const MAX_BLOCKS = 48;
/** Fewer cannot be significant. */
const MIN_BLOCKS = 8;
/** A block is this many times as long as a value is remembered, so that neighbours hardly know of each other. */
const MEMORIES = 3;
/** What neighbouring blocks of that length still have in common widens the variance of the score by up to this. */
export const REST = 1.2;
/** z below which nothing will be significant. */
const WORTH_A_LOOK = 2;

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
 * @returns `undefined` where the windows are too few for what they remember
 */
export function trendOf(grid: Grid, pooling: Pooling): Trend | undefined {
  const n = grid.values.length;
  if (presentIn(grid) < MIN_WINDOWS) return undefined;
  const rough = blocksOf(grid, Math.ceil(n / 32), pooling);
  if (rough.values.length < MIN_BLOCKS) return undefined;
  const slope = medianSlope(rough.times, rough.values);
  const blocks = independentBlocks(grid, pooling, (i) => slope * i);
  if (blocks === undefined) return undefined;
  const { times, values, length } = blocks;
  const plain = testUpward(values, REST);
  // The correction only ever makes it less: not worth its time where nothing is to be seen.
  if (plain.z < WORTH_A_LOOK)
    return { p: plain.p, z: plain.z, blocks: { times, values }, length, inflation: REST };
  const inflation = Math.max(REST, hamedRao(values, medianSlope(times, values) * length));
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
): (Blocks & { readonly length: number }) | undefined {
  const n = grid.values.length;
  const residuals = new Float64Array(n);
  for (let i = 0; i < n; i++) residuals[i] = grid.values[i]! - shape(i);
  const length = Math.max(Math.ceil(n / MAX_BLOCKS), Math.ceil(MEMORIES * memoryOf(residuals)));
  const blocks = blocksOf(grid, length, pooling);
  return blocks.values.length < MIN_BLOCKS ? undefined : { ...blocks, length };
}

export function presentIn({ values }: Grid): number {
  let present = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) present++;
  return present;
}
