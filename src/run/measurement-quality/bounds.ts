import type { StreamView } from '../../catalog/slots.ts';
import { TIMINGS } from '../../measures/list.ts';

/** Shift of timings where the lag is unknown: the largest edge of a fine histogram, above any limit. */
export const UNKNOWN_LAG_MS = 1_000_000;

/**
 * Adds to `shifts` the change of a window's histograms when each timing moves by a lag. Bins move as a whole: by their
 * lower edge towards 0, by their upper edge away from it, so that rounding widens the interval.
 * @param shifts an array of the window's layout; written to
 * @param window values of the window
 * @param lagMs below 0: each timing may be too long by it, and is at least 0; above 0: too short by it
 */
export function addShift(shifts: Float64Array, window: StreamView, lagMs: number): void {
  const { layout, values } = window;
  for (const { histogram } of layout.slots) {
    for (const timing of TIMINGS) {
      const { offset, scale } = histogram[timing];
      const { edges, bins } = scale;
      let count = 0;
      for (let bin = 0; bin < bins; bin++) {
        const n = values[offset + 2 + bin]!;
        if (n === 0) continue;
        count += n;
        const low = bin === 0 ? 0 : edges[bin - 1]!;
        const high = edges[bin] ?? Number.POSITIVE_INFINITY;
        const to = scale.indexOf(lagMs < 0 ? Math.max(0, low + lagMs) : high + lagMs);
        shifts[offset + 2 + bin]! -= n;
        shifts[offset + 2 + to]! += n;
      }
      const sum = values[offset]!;
      // The sum behind the mean: it cannot be below 0.
      shifts[offset]! += Math.max(-sum, count * lagMs);
    }
  }
}
