import { difference } from '../catalog/difference.ts';
import { PHASES, type StreamLayout } from '../catalog/slots.ts';

/**
 * Returns the values of a run after its warm-up. A stream that was open at the end of the warm-up counts as started
 * after it, so that started streams are still the finished and the open ones together.
 * @param values all values of the run
 * @param warmUp values at the end of the warm-up
 */
export function withoutWarmUp(
  layout: StreamLayout,
  values: Float64Array,
  warmUp: Float64Array,
): Float64Array {
  const measured = difference(layout, values, warmUp);
  for (const { cell } of layout.slots)
    for (const phase of PHASES) measured[cell.started]! += warmUp[cell[`active:${phase}`]]!;
  return measured;
}
