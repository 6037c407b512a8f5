import type { Pooling } from './blocks.ts';
import { medianInPlace, medianSlope } from './theil-sen.ts';
import { ROUGH_BLOCKS, roughBlocks } from './trend.ts';
import type { Grid } from './window-series.ts';

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
