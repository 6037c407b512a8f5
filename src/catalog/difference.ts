import { subtractValues } from '../core/snapshot.ts';
import { PHASES, type StreamLayout } from './slots.ts';

/**
 * Returns the values of a run between two moments: counters as differences, open streams as at the later moment, maxima as
 * in {@link subtractValues}.
 */
export function difference(layout: StreamLayout, later: Float64Array, earlier: Float64Array): Float64Array {
  const values = subtractValues(layout, later, earlier);
  for (const { cell } of layout.slots) {
    for (const phase of PHASES) values[cell[`active:${phase}`]] = later[cell[`active:${phase}`]]!;
    values[cell.stalled] = later[cell.stalled]!;
  }
  return values;
}
