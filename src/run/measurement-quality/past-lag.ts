import type { StreamLayout } from '../../catalog/slots.ts';
import { convertValues } from '../../core/convert.ts';
import type { Counts } from '../../thresholds/measures/measure.ts';
import { addShifts, boundsOf, type LagShifts, type LagWatch, noShifts } from './lag-watch.ts';

/** Lag of the generator over all runs of the process: windows of thresholds reach over the end of a run. */
export class PastLag {
  #layout: StreamLayout;
  #shifts: LagShifts;
  #windows = 0;

  constructor(layout: StreamLayout) {
    this.#layout = layout;
    this.#shifts = noShifts(layout.size);
  }

  /** Unreliable windows of all finished runs. */
  get windows(): number {
    return this.#windows;
  }

  /**
   * @param values everything counted since the process began
   * @param current of the current run; absent: no run, or a run that has only just begun
   */
  bounds(values: Float64Array, current?: LagWatch): Omit<Counts, 'polled'> {
    const shifts =
      current === undefined ? this.#shifts : addShifts(this.#layout, this.#shifts, current.shifts);
    return boundsOf(this.#layout, values, shifts);
  }

  /** Adds a finished run, or a warm-up. */
  add({ shifts, quality }: Pick<LagWatch, 'shifts' | 'quality'>): void {
    this.#shifts = addShifts(this.#layout, this.#shifts, shifts);
    this.#windows += quality.unreliable;
  }

  /** Converts the shifts to the layout of another configuration. */
  convert(layout: StreamLayout): void {
    const { least, greatest } = this.#shifts;
    this.#shifts = {
      least: convertValues(this.#layout, layout, least),
      greatest: convertValues(this.#layout, layout, greatest),
    };
    this.#layout = layout;
  }
}
