import { subtractValues } from '../core/snapshot.ts';
import { TIMINGS } from '../measures/list.ts';
import { PHASES, type StreamLayout } from './slots.ts';

/**
 * Returns the values of a run between two moments: counters as differences, open streams as at the later moment, a
 * maximum as the upper edge of the highest bin that was filled.
 */
export function difference(layout: StreamLayout, later: Float64Array, earlier: Float64Array): Float64Array {
  const values = subtractValues(layout, later, earlier);
  for (const { cell, histogram } of layout.slots) {
    for (const phase of PHASES) values[cell[`active:${phase}`]] = later[cell[`active:${phase}`]]!;
    values[cell.stalled] = later[cell.stalled]!;
    for (const timing of TIMINGS) {
      const { offset, scale } = histogram[timing];
      // A maximum does not subtract: it is at most the upper edge of the highest bin that is left.
      let bin = scale.bins - 1;
      while (bin >= 0 && values[offset + 2 + bin] === 0) bin--;
      const edge = bin < 0 ? 0 : (scale.edges[bin] ?? Number.POSITIVE_INFINITY);
      values[offset + 1] = Math.min(later[offset + 1]!, edge);
    }
  }
  return values;
}
