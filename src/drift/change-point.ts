import type { Blocks, Pooling } from './blocks.ts';
import { upperTail } from './normal-tail.ts';
import { midRanks } from './ranks.ts';
import { medianInPlace } from './theil-sen.ts';
import { independentBlocks, MIN_BLOCKS, MIN_WINDOWS, presentIn, roughBlocks } from './trend.ts';
import type { Grid } from './window-series.ts';

/** Lowest uncorrected z of the best place that can still be significant after the correction. */
const MIN_ROUGH_Z = 3;

export interface Step {
  /** One-sided: how likely so clear a step up is at any place, without one. */
  readonly p: number;
  /** Place of the first window after it, in steps of the grid. */
  readonly at: number;
  /** Medians of the blocks before and after it. */
  readonly before: number;
  readonly after: number;
}

/**
 * Tests one signal for a step up, once, at any place: at each place the values before against those after (Mann and
 * Whitney's test of ranks, Annals of Mathematical Statistics 18, 1947), corrected for the number of places. A. N.
 * Pettitt's sum over all of them (Applied Statistics 28, 1979) is the same statistic without its variance, and hardly
 * sees a step outside the middle half. Uses the same kind of blocks as the trend test, with memory estimated from the
 * residuals of the step.
 * @returns `undefined` where there are too few windows for their memory, or no sign of a step
 */
export function stepOf(grid: Grid, pooling: Pooling): Step | undefined {
  const rough = roughBlocks(grid, pooling);
  if (presentIn(grid) < MIN_WINDOWS || rough.values.length < MIN_BLOCKS) return undefined;
  const guess = split(rough);
  if (guess.z < MIN_ROUGH_Z) return undefined;
  const blocks = independentBlocks(grid, pooling, (place) => (place < guess.at ? guess.before : guess.after));
  if (blocks === undefined) return undefined;
  const { z, ...step } = split(blocks);
  const places = blocks.values.length - 1;
  return { ...step, p: Math.min(1, places * upperTail(z / Math.sqrt(blocks.inflation))) };
}

/** Returns the place with the clearest difference: values before it low, values after it high. */
function split({ times, values }: Blocks): Omit<Step, 'p'> & { readonly z: number } {
  const n = values.length;
  const ranks = midRanks(values);
  let sum = 0;
  let z = Number.NEGATIVE_INFINITY;
  let first = 1;
  for (let t = 1; t < n; t++) {
    sum += (n + 1) / 2 - ranks[t - 1]!;
    const here = sum / Math.sqrt((t * (n - t) * (n + 1)) / 12);
    if (here > z) {
      z = here;
      first = t;
    }
  }
  return {
    z,
    at: (times[first - 1]! + times[first]!) / 2,
    before: medianInPlace(values.slice(0, first)),
    after: medianInPlace(values.slice(first)),
  };
}
