import type { Layout } from '../core/layout.ts';
import { packValues, unpackValues } from '../core/packed-values.ts';

/** Numbers that describe a moment, not a span: of a sum, those of its end. */
const GAUGES = /^(?:active:|stalled$)/;

/** Returns the places of gauges in a layout. */
export function gaugesOf({ slots }: Layout): number[] {
  return slots.flatMap(({ cell }) =>
    Object.entries(cell).flatMap(([name, place]) => (GAUGES.test(name) ? [place] : [])),
  );
}

interface Known {
  readonly gauges: readonly number[];
  readonly sum: Float64Array;
  readonly added: Float64Array;
}

const known = new WeakMap<Layout, Known>();

/**
 * Returns the packed sum of two windows, one after the other, over a part of a layout: counts add, maxima are the
 * larger ones, gauges those of the later window.
 */
export function addPacked(
  layout: Layout,
  start: number,
  end: number,
  earlier: Uint8Array,
  later: Uint8Array,
): Uint8Array {
  let arrays = known.get(layout);
  if (arrays === undefined) {
    arrays = {
      gauges: gaugesOf(layout),
      sum: new Float64Array(layout.size),
      added: new Float64Array(layout.size),
    };
    known.set(layout, arrays);
  }
  const { gauges, sum, added } = arrays;
  sum.fill(0, start, end);
  added.fill(0, start, end);
  unpackValues(earlier, sum, start, end);
  unpackValues(later, added, start, end);
  const isWithin = (place: number): boolean => place >= start && place < end;
  const maxima = layout.maxima.filter(isWithin).map((place) => Math.max(sum[place]!, added[place]!));
  for (let i = start; i < end; i++) sum[i]! += added[i]!;
  layout.maxima.filter(isWithin).forEach((place, i) => {
    sum[place] = maxima[i]!;
  });
  for (const place of gauges) if (isWithin(place)) sum[place] = added[place]!;
  return packValues(sum, start, end);
}
