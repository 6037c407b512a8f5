import { blocksOf, type Pooling } from './blocks.ts';
import { type Step, stepOf } from './change-point.ts';
import { shapeOf } from './shape.ts';
import { medianInPlace, medianSlope } from './theil-sen.ts';
import { lineOf, presentIn, ROUGH_BLOCKS, roughBlocks, type Trend, trendOf } from './trend.ts';
import type { Grid } from './window-series.ts';

/** Result of the tests of one series. Times and places are steps of its grid. */
export type ShapeResult = {
  /** One-sided p of the test that was significant, not corrected. */
  readonly p: number;
  /** Windows evaluated. */
  readonly n: number;
  /** Place of the first window, and places from there to the end. */
  readonly from: number;
  readonly span: number;
  /** Value at the end. */
  readonly level: number;
} & (
  | { readonly kind: 'trend'; readonly slope: number; readonly interval: readonly [number, number] }
  | {
      readonly kind: 'staircase';
      readonly slope: number;
      readonly interval: readonly [number, number];
      readonly height: number;
      readonly every: number;
    }
  | { readonly kind: 'step'; readonly at: number; readonly height: number }
);

interface Part {
  readonly grid: Grid;
  readonly from: number;
  readonly trend: Trend;
}

/** All tests of one series in one evaluation. */
export interface Examination {
  /** p of each test; 1 with too few windows for it, since the correction must not depend on the data. */
  readonly ps: readonly number[];
  /** @param bound the largest p that is significant among all signals */
  conclude(bound: number): ShapeResult | undefined;
}

/**
 * Parts of a series that are tested, all after the warm-up: the whole, its last half and its last quarter. A leak that
 * begins on the tenth day would drown among nine good days.
 */
const SHARES = [1, 1 / 2, 1 / 4] as const;

export function examine(series: Grid, pooling: Pooling): Examination {
  const warmUp = warmUpOf(series, pooling);
  const whole = after(series, warmUp);
  const parts: (Part | undefined)[] = SHARES.map((share) => {
    const skip = whole.values.length - Math.floor(whole.values.length * share);
    const grid = after(whole, skip);
    const trend = trendOf(grid, pooling);
    return trend && { grid, from: warmUp + skip, trend };
  });
  const step = stepOf(whole, pooling);
  return {
    ps: [...parts.map((part) => part?.trend.p ?? 1), step?.p ?? 1],
    conclude(bound) {
      for (const part of parts) {
        if (part === undefined || part.trend.p > bound) continue;
        if (part.grid.values.length < whole.values.length && !isNews(part, whole, pooling)) continue;
        const shape = shapeOf(part.grid, part.trend, pooling);
        // A rise that flattens is no drift, and its last part is the same rise.
        if (shape.kind === 'flattens') return undefined;
        if (shape.kind === 'step') {
          const end = part.trend.blocks.values.at(-1)!;
          return { ...factsOf(part), ...shape, at: part.from + shape.at, level: end };
        }
        const { slope, intercept, interval } = lineOf(part.trend);
        const level = intercept + slope * (part.grid.values.length - 0.5);
        return { ...factsOf(part), ...shape, slope, interval, level };
      }
      return step !== undefined && step.p <= bound ? stepResult(step, whole, warmUp) : undefined;
    },
  };
}

function factsOf({ trend, grid, from }: Part) {
  return { p: trend.p, n: presentIn(grid), from, span: grid.values.length };
}

function stepResult({ p, at, before, after: level }: Step, whole: Grid, warmUp: number): ShapeResult {
  return {
    kind: 'step',
    p,
    n: presentIn(whole),
    from: warmUp,
    span: whole.values.length,
    level,
    at: warmUp + at,
    height: level - before,
  };
}

/**
 * Returns whether a last part rises faster than the whole, and above every earlier block. Without that test the upward
 * half of a wave, or the end of a rise that flattens, would count as a new trend.
 */
function isNews({ grid, trend }: Part, whole: Grid, pooling: Pooling): boolean {
  const rough = roughBlocks(whole, pooling);
  if (lineOf(trend).slope <= medianSlope(rough.times, rough.values)) return false;
  const { values } = trend.blocks;
  const top = values.slice(-Math.ceil(values.length / 4));
  const mean = top.reduce((sum, v) => sum + v, 0) / top.length;
  const earlier = {
    values: whole.values.subarray(0, whole.values.length - grid.values.length),
    weights: whole.weights.subarray(0, whole.values.length - grid.values.length),
  };
  return blocksOf(earlier, trend.length, pooling).values.every((v) => v < mean);
}

function after({ values, weights }: Grid, from: number): Grid {
  return { values: values.subarray(from), weights: weights.subarray(from) };
}

/** Largest share of the windows that counts as warm-up. */
const AT_MOST = 0.25;
/** Robust deviations (1.4826 × MAD) from the line beyond which a window does not belong to it. */
const FAR = 3.5;

/**
 * Returns how many windows at the start belong to the warm-up: caches fill, code is compiled. Fits a line to the last
 * three quarters and leaves out the leading windows that all lie far from it on one side. A line and not a level, since
 * a leak has no level.
 * @returns windows to leave out, at most a quarter; 0 where the start fits the rest
 */
export function warmUpOf(grid: Grid, pooling: Pooling): number {
  const n = grid.values.length;
  const length = Math.ceil(n / ROUGH_BLOCKS);
  const { times, values } = roughBlocks(grid, pooling);
  const from = times.findIndex((t) => t >= AT_MOST * n);
  if (from < 1 || values.length - from < 8) return 0;
  const restTimes = times.subarray(from);
  const restValues = values.subarray(from);
  const slope = medianSlope(restTimes, restValues);
  const rest = restValues.map((v, i) => v - slope * restTimes[i]!);
  const base = medianInPlace(rest.slice());
  const far = FAR * 1.4826 * medianInPlace(rest.map((v) => Math.abs(v - base)));
  let side = 0;
  let end = 0;
  for (let i = 0; i < from; i++) {
    const off = values[i]! - slope * times[i]! - base;
    if (Math.abs(off) <= far || (side !== 0 && Math.sign(off) !== side)) break;
    side = Math.sign(off);
    end = Math.ceil(times[i]! + length / 2);
  }
  return Math.min(end, Math.floor(AT_MOST * n));
}
