import { PHASES, type StreamLayout } from '../catalog/slots.ts';
import { subtractValues } from '../core/snapshot.ts';
import { TIMINGS } from '../measures/list.ts';

/**
 * What a run has counted after its warm-up. A stream that was open at its end belongs to what follows, so that started
 * streams are still those that finished and those that are open.
 * @param values everything the run has counted
 * @param warmUp what it had counted at the end of the warm-up
 */
export function withoutWarmUp(
  layout: StreamLayout,
  values: Float64Array,
  warmUp: Float64Array,
): Float64Array {
  const measured = subtractValues(layout, values, warmUp);
  for (const { cell, histogram } of layout.slots) {
    for (const phase of PHASES) {
      const place = cell[`active:${phase}`];
      measured[cell.started]! += warmUp[place]!;
      // What is open is open now, and no difference.
      measured[place] = values[place]!;
    }
    measured[cell.stalled] = values[cell.stalled]!;
    for (const timing of TIMINGS) {
      const { offset, scale } = histogram[timing];
      // A maximum does not subtract: it is at most the upper edge of the highest bin that is left.
      let bin = scale.bins - 1;
      while (bin >= 0 && measured[offset + 2 + bin] === 0) bin--;
      const edge = bin < 0 ? 0 : (scale.edges[bin] ?? Number.POSITIVE_INFINITY);
      measured[offset + 1] = Math.min(values[offset + 1]!, edge);
    }
  }
  return measured;
}
