import { type Blocks, blocksOf, type Pooling } from './blocks.ts';
import { midRanks } from './ranks.ts';
import { medianInPlace } from './theil-sen.ts';
import { independentBlocks, REST } from './trend.ts';
import type { Grid } from './window-series.ts';

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
 * Tests one signal for a step up, once, at any place: A. N. Pettitt, Applied Statistics 28, 1979, on the same blocks as
 * the test for a climb, but with what a step leaves taken for memory.
 * @returns `undefined` where the windows are too few for what they remember
 */
export function stepOf(grid: Grid, pooling: Pooling): Step | undefined {
  const rough = blocksOf(grid, Math.ceil(grid.values.length / 32), pooling);
  if (rough.values.length < 4) return undefined;
  const guess = split(rough);
  const blocks = independentBlocks(grid, pooling, (place) => (place < guess.at ? guess.before : guess.after));
  if (blocks === undefined) return undefined;
  const { k, ...step } = split(blocks);
  const n = blocks.values.length;
  return { ...step, p: Math.min(1, Math.exp((-6 * k * k) / REST / (n ** 3 + n ** 2))) };
}

/** Where the values before are the most below those after. */
function split({ times, values }: Blocks): Omit<Step, 'p'> & { readonly k: number } {
  const n = values.length;
  const ranks = midRanks(values);
  let u = 0;
  let k = Number.NEGATIVE_INFINITY;
  let first = 1;
  for (let t = 1; t < n; t++) {
    u += n + 1 - 2 * ranks[t - 1]!;
    if (u > k) {
      k = u;
      first = t;
    }
  }
  return {
    k,
    at: (times[first - 1]! + times[first]!) / 2,
    before: medianInPlace(values.slice(0, first)),
    after: medianInPlace(values.slice(first)),
  };
}
