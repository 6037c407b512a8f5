import type { StreamLayout } from '../../catalog/slots.ts';
import { convertValues } from '../../core/convert.ts';
import type { Counts } from '../../thresholds/measures/measure.ts';
import { addShifts, boundsOf, type LagShifts, type LagWatch, noShifts } from './lag-watch.ts';

/** Lag of the generator over all runs of the process: windows of thresholds reach over the end of a run. */
export class PastLag {
  #layout: StreamLayout;
  #shifts: LagShifts;
  #windows = 0;
  #isEmpty = true;

  constructor(layout: StreamLayout) {
    this.#layout = layout;
    this.#shifts = noShifts(layout.size);
  }

  /** Shifts so far, for a resume; the same object until they change. `undefined`: there are none. */
  get shifts(): LagShifts | undefined {
    return this.#isEmpty ? undefined : this.#shifts;
  }

  /**
   * Continues the lag of an earlier process: the kept starts of windows contain it. Its unreliable windows are counted
   * there.
   */
  restore(shifts: LagShifts | undefined): void {
    if (shifts === undefined) return;
    this.#shifts = shifts;
    this.#isEmpty = false;
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
    const own = current !== undefined && current.quality.unreliable > 0 ? current.shifts : undefined;
    if (this.#isEmpty) return boundsOf(this.#layout, values, own);
    return boundsOf(this.#layout, values, own ? addShifts(this.#layout, this.#shifts, own) : this.#shifts);
  }

  /** Adds a finished run, or a warm-up. */
  add({ shifts, quality }: Pick<LagWatch, 'shifts' | 'quality'>): void {
    if (quality.unreliable === 0) return;
    this.#isEmpty = false;
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
