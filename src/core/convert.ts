import type { HistogramSlot, Layout } from './layout.ts';

/**
 * What was counted, in another layout: targets by their names, histograms by their edges. A bin that the new
 * scale splits goes whole to the part that holds its upper edge, so no bucket shows an observation too early.
 * Targets that the new layout lacks are left out.
 */
export function convertValues(from: Layout, to: Layout, values: Float64Array): Float64Array {
  const converted = new Float64Array(to.size);
  const histogram = (old: HistogramSlot | undefined, made: HistogramSlot): void => {
    if (old === undefined) return;
    converted[made.offset] = values[old.offset]!;
    converted[made.offset + 1] = values[old.offset + 1]!;
    for (let bin = 0; bin < old.scale.bins; bin++) {
      const n = values[old.offset + 2 + bin]!;
      // Below 0 in the difference of two values.
      if (n !== 0) converted[made.offset + 2 + sameBin(old, made, bin)]! += n;
    }
  };
  to.targets.forEach((name, t) => {
    const index = from.targets.indexOf(name);
    if (index < 0) return;
    const old = from.slots[index]!;
    const made = to.slots[t]!;
    for (const [cell, place] of Object.entries(made.cell)) {
      const was = old.cell[cell];
      if (was !== undefined) converted[place] = values[was]!;
    }
    for (const [timing, slot] of Object.entries(made.histogram)) histogram(old.histogram[timing], slot);
  });
  for (const [health, slot] of Object.entries(to.shared)) histogram(from.shared[health], slot);
  return converted;
}

function sameBin(old: HistogramSlot, made: HistogramSlot, bin: number): number {
  const upper = old.scale.edges[bin];
  return upper === undefined ? made.scale.bins - 1 : made.scale.indexOf(upper);
}
