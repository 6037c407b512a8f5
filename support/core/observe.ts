import type { HistogramSlot } from '../../src/core/layout.ts';

/** Counts a duration, as a recorder would. */
export function observe(values: Float64Array, { offset, scale }: HistogramSlot, ms: number, count = 1): void {
  values[offset]! += ms * count;
  values[offset + 1] = Math.max(values[offset + 1]!, ms);
  values[offset + 2 + scale.indexOf(ms)]! += count;
}
