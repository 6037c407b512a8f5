import type { StreamLayout } from '../../catalog/slots.ts';
import { convertValues } from '../../core/convert.ts';
import type { Counts } from '../../thresholds/measures/measure.ts';
import { addShifts, boundsOf, type LagShifts, type LagWatch, noShifts } from './lag-watch.ts';

/** What the generator was late by in all runs of the process: windows of thresholds reach over the end of a run. */
export class PastLag {
  #layout: StreamLayout;
  #shifts: LagShifts;
  #windows = 0;

  constructor(layout: StreamLayout) {
    this.#layout = layout;
    this.#shifts = noShifts(layout.size);
  }

  /** Unreliable windows of the runs that are over. */
  get windows(): number {
    return this.#windows;
  }

  /**
   * @param values everything counted since the process began
   * @param present of the current run; absent: none, or one that has only just begun
   */
  bounds(values: Float64Array, current?: LagWatch): Omit<Counts, 'polled'> {
    const shifts =
      current === undefined ? this.#shifts : addShifts(this.#layout, this.#shifts, current.shifts);
    return boundsOf(this.#layout, values, shifts);
  }

  /** Takes in a run that is over. */
  add({ shifts, quality }: LagWatch): void {
    this.#shifts = addShifts(this.#layout, this.#shifts, shifts);
    this.#windows += quality.unreliable;
  }

  /** Converts what is kept to the layout of another configuration. */
  convert(layout: StreamLayout): void {
    const { least, greatest } = this.#shifts;
    this.#shifts = {
      least: convertValues(this.#layout, layout, least),
      greatest: convertValues(this.#layout, layout, greatest),
    };
    this.#layout = layout;
  }
}
