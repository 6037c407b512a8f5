import { memoryOf } from './autocorrelation.ts';
import { type Blocks, blocksOf, type Pooling } from './blocks.ts';
import { type Levels, levelsOf } from './levels.ts';
import type { Trend } from './trend.ts';
import type { Grid } from './window-series.ts';

/** Shape of a significant trend. */
export type Shape =
  | { readonly kind: 'trend' }
  /** Rises ever more slowly. */
  | { readonly kind: 'flattens' }
  | { readonly kind: 'step'; readonly at: number; readonly height: number }
  | {
      readonly kind: 'staircase';
      /** Height of the middle step up. */
      readonly height: number;
      /** Mean distance between steps up, in steps of the grid. */
      readonly every: number;
    };

/** Values that the search for levels uses. */
const MAX_VALUES = 128;
/** Least advantage of levels by the criterion: very strong evidence by R. E. Kass and A. E. Raftery, JASA 90, 1995. */
const CLEARLY = 10;
const MIN_IN_A_LEVEL = 3;
const MAX_LEVELS = 26;
/** Largest slope within the levels of a staircase, as a share of the whole slope. */
const WITHIN = 0.4;
/** Largest slope at the end of a rise that flattens, as a share of the whole slope. */
const FLAT = 0.5;
/** One-sided t at 1 % with many degrees of freedom. */
const T99 = 2.4;

/** @param trend significant trend of this grid */
export function shapeOf(grid: Grid, trend: Trend, pooling: Pooling): Shape {
  const stairs = stairsIn(blocksOf(grid, Math.ceil(grid.values.length / MAX_VALUES), pooling));
  if (stairs !== undefined) return stairs;
  return flattens(trend.blocks) ? { kind: 'flattens' } : { kind: 'trend' };
}

/**
 * Returns a staircase or a step where flat levels explain the values better than a curve does (Bayesian information
 * criterion, for as many values as are independent), the rise is at the steps and not within levels, and steps go up.
 */
function stairsIn({ times, values }: Blocks): Shape | undefined {
  const n = values.length;
  const { line, squares } = curveThrough(times, values);
  const tiny = 1e-12 * (1 + line.mean ** 2);
  let best: Levels | undefined;
  let least = -CLEARLY;
  for (const levels of levelsOf(values, MIN_IN_A_LEVEL, MAX_LEVELS).slice(1)) {
    // A level has two parameters, height and place; the curve has three.
    const parameters = 2 * levels.means.length - 1 - 3;
    const gain = n * Math.log((levels.squares / n + tiny) / (squares / n + tiny));
    if (gain + parameters * Math.log(n) >= least) continue;
    const value = gain / memoryOf(besides(levels, values)) + parameters * Math.log(n);
    if (value < least) {
      least = value;
      best = levels;
    }
  }
  if (best === undefined || slopeWithin(best, times, values) > WITHIN * line.slope) return undefined;
  const { starts, means } = best;
  const jumps = means.slice(1).map((mean, i) => mean - means[i]!);
  const up = jumps.filter((j) => j > 0);
  const rise = up.reduce((sum, j) => sum + j, 0);
  const fall = rise - (means.at(-1)! - means[0]!);
  if (fall > rise / 3) return undefined;
  if (up.length === 1) {
    const at = starts[1 + jumps.findIndex((j) => j > 0)]!;
    return { kind: 'step', at: (times[at - 1]! + times[at]!) / 2, height: up[0]! };
  }
  const height = middleOf(up, rise);
  return { kind: 'staircase', height, every: height / line.slope };
}

/** Median step weighted by height, so that small steps hardly count. */
function middleOf(up: readonly number[], rise: number): number {
  let passed = 0;
  for (const step of [...up].sort((a, b) => b - a)) {
    passed += step;
    if (passed >= rise / 2) return step;
  }
  return rise;
}

function besides({ starts, means }: Levels, values: Float64Array): Float64Array {
  let level = 0;
  return values.map((v, i) => {
    if (i === starts[level + 1]) level++;
    return v - means[level]!;
  });
}

/** Returns the mean slope within levels. */
function slopeWithin({ starts }: Levels, times: Float64Array, values: Float64Array): number {
  let products = 0;
  let squares = 0;
  starts.forEach((from, i) => {
    const to = starts[i + 1] ?? values.length;
    const part = leastSquares(times.subarray(from, to), values.subarray(from, to));
    products += part.slope * part.spread;
    squares += part.spread;
  });
  return products / squares;
}

/** Whether a curve that bends down is clearly better than the line, and nearly level at its end. */
function flattens({ times, values }: Blocks): boolean {
  const { line, bend, error, end } = curveThrough(times, values);
  return bend < -T99 * error && end < FLAT * line.slope;
}

/** A parabola by least squares. */
function curveThrough(times: Float64Array, values: Float64Array) {
  const n = values.length;
  const line = leastSquares(times, values);
  // The square of time, orthogonal to the line, so that its coefficient can be computed by itself.
  const square = times.map((t) => (t - line.time) ** 2);
  const fit = leastSquares(times, square);
  const rest = square.map((s, i) => s - fit.mean - fit.slope * (times[i]! - line.time));
  const products = rest.reduce((sum, r, i) => sum + r * values[i]!, 0);
  const bend = products / fit.squares;
  const squares = Math.max(0, line.squares - bend * products);
  return {
    line,
    bend,
    /** Standard error of the bend. */
    error: Math.sqrt(squares / (n - 3) / fit.squares),
    /** Sum of squared residuals of the curve. */
    squares,
    /** Slope at the last value. */
    end: line.slope + bend * (2 * (times[n - 1]! - line.time) - fit.slope),
  };
}

interface Fit {
  readonly slope: number;
  readonly mean: number;
  /** Mean of the times. */
  readonly time: number;
  /** Sum of squared residuals of the line. */
  readonly squares: number;
  /** Sum of the squared distances of the times from their mean. */
  readonly spread: number;
}

function leastSquares(times: Float64Array, values: Float64Array): Fit {
  const n = values.length;
  const average = (of: Float64Array): number => of.reduce((sum, v) => sum + v, 0) / n;
  const time = average(times);
  const mean = average(values);
  let spread = 0;
  let products = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const t = times[i]! - time;
    const v = values[i]! - mean;
    spread += t * t;
    products += t * v;
    total += v * v;
  }
  const slope = spread === 0 ? 0 : products / spread;
  return { slope, mean, time, squares: Math.max(0, total - slope * products), spread };
}
