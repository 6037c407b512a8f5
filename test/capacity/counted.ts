import type { Cell } from '../../src/catalog/slots.ts';
import { StreamView } from '../../src/catalog/slots.ts';
import type { Timing } from '../../src/measures/list.ts';
import { addShift, boundsOf, noShifts } from '../../src/run/measurement-quality/lag-watch.ts';
import type { LoadDelivered } from '../../src/schema/summary.ts';
import { observe } from '../../support/core/observe.ts';
import { LAYOUT } from '../../support/run/samples.ts';

/** What target `a` counted. */
export interface Counted {
  readonly cells?: Partial<Record<Cell, number>>;
  /** Observations, and how many of each. */
  readonly timings?: Partial<Record<Timing, readonly (readonly [ms: number, count: number])[]>>;
  /** Lag of the generator in all of that time, ms; absent: reliable. */
  readonly lagMs?: number;
}

export function countsOf({ cells = {}, timings = {}, lagMs }: Counted) {
  const values = new Float64Array(LAYOUT.size);
  const [slot] = LAYOUT.slots;
  for (const [cell, n] of Object.entries(cells)) values[slot!.cell[cell as Cell]] = n;
  for (const [timing, all] of Object.entries(timings))
    for (const [ms, count] of all) observe(values, slot!.histogram[timing as Timing], ms, count);
  const shifts = noShifts(LAYOUT.size);
  if (lagMs !== undefined) {
    addShift(shifts.least, new StreamView(LAYOUT, values), -lagMs);
    addShift(shifts.greatest, new StreamView(LAYOUT, values), lagMs);
  }
  return boundsOf(LAYOUT, values, shifts);
}

export const DELIVERED: LoadDelivered = { ratio: 1, required: 0.95, perTarget: [] };
