import type { Grid } from './window-series.ts';

/** Groups of neighbouring windows, one value each. */
export interface Blocks {
  /** Mean place of the windows in each block, in steps of the grid. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** How windows become one value: the mean of their middle half, or the mean by weight, as ratios pool. */
export type Pooling = 'middle' | 'weighted';

/**
 * Cuts a grid of windows into blocks of equal length. What is left over lies at the start, where a run is youngest.
 * Leaves out a block with more than three quarters of its windows missing.
 * @param length windows in a block, at least 1
 */
export function blocksOf({ values, weights }: Grid, length: number, pooling: Pooling): Blocks {
  const most = Math.floor(values.length / length);
  const outTimes = new Float64Array(most);
  const outValues = new Float64Array(most);
  const kept = new Float64Array(length);
  let count = 0;
  for (let from = values.length - most * length; from < values.length; from += length) {
    let present = 0;
    let places = 0;
    let sum = 0;
    let weight = 0;
    for (let i = from; i < from + length; i++) {
      const v = values[i]!;
      if (Number.isNaN(v)) continue;
      kept[present++] = v;
      places += i;
      sum += v * weights[i]!;
      weight += weights[i]!;
    }
    if (present === 0 || present * 4 < length) continue;
    outTimes[count] = places / present;
    outValues[count++] = pooling === 'weighted' ? sum / weight : middleMean(kept.subarray(0, present));
  }
  return { times: outTimes.subarray(0, count), values: outValues.subarray(0, count) };
}

/**
 * The mean of the middle half (interquartile mean): a quarter of the windows may hold pauses without moving it, and
 * it wastes less of quiet noise than a median does.
 */
function middleMean(values: Float64Array): number {
  sortFew(values);
  const cut = Math.floor(values.length / 4);
  let sum = 0;
  for (let i = cut; i < values.length - cut; i++) sum += values[i]!;
  return sum / (values.length - 2 * cut);
}

/** By insertion: for the few values of a block four times as quick as `sort`, which is made for many. */
function sortFew(values: Float64Array): void {
  for (let i = 1; i < values.length; i++) {
    const v = values[i]!;
    let at = i;
    for (; at > 0 && values[at - 1]! > v; at--) values[at] = values[at - 1]!;
    values[at] = v;
  }
}
