import { type StreamLayout, StreamView } from '../../catalog/slots.ts';
import type { Transport } from '../../core/connect-options.ts';
import { measurementErrorOf } from '../../core/measurement-error.ts';
import { addValues } from '../../core/snapshot.ts';
import { STAMP_INTERVAL_MS } from '../../load/canary/stamp.ts';
import type { Counts } from '../../thresholds/measures/measure.ts';
import { addShift, UNKNOWN_LAG_MS } from './bounds.ts';
import { isSaturated, NOT_SATURATED, type Saturation, saturationAfter } from './saturation.ts';

/** Approximate samples a second of the canary, for each thread and transport. */
const SAMPLES_PER_SECOND = 1000 / STAMP_INTERVAL_MS;
/** Least share of the expected samples; with fewer the canary failed, or starved with everything else. */
const MIN_SAMPLE_SHARE = 0.2;
/** Length of a window from which its number of samples counts, ms. */
const MIN_MS = 1000;

/** Input for the evaluation of a window. */
export interface LagMoment {
  /** Monotonic ms. */
  readonly atMs: number;
  readonly layout: StreamLayout;
  /** Values of the run so far. */
  readonly values: Float64Array;
  /** Engine threads at work. */
  readonly threads: number;
  /** Engine threads that have died in this run so far. */
  readonly deaths: number;
  /** Total time for which engine threads were frozen in this run so far, ms; absent: 0. */
  readonly frozenMs?: number;
}

/** Measurement quality over the windows of a run. */
export interface MeasurementQuality {
  readonly windows: number;
  /** Windows with unreliable timings. */
  readonly unreliable: number;
  /** The largest p99 of lag of a window, as its upper limit; `null` where no window had one. */
  readonly worstLagMs: number | null;
  /** Highest p99 of lag of a reliable window. */
  readonly limitMs: number;
}

/** State of a watch, for a resume. */
export interface LagState {
  readonly windows: number;
  readonly unreliable: number;
  readonly worstMs: number | null;
  readonly saturation: Saturation;
  readonly shifts: LagShifts;
}

/** Differences between the observed values and the bounds of the true values; 0 without unreliable windows. */
export interface LagShifts {
  readonly least: Float64Array;
  readonly greatest: Float64Array;
}

/** @param size of the layout */
export function noShifts(size: number): LagShifts {
  return { least: new Float64Array(size), greatest: new Float64Array(size) };
}

/** Returns the sum of two shifts. */
export function addShifts(layout: StreamLayout, a: LagShifts, b: LagShifts): LagShifts {
  return {
    least: addValues(layout, a.least, b.least),
    greatest: addValues(layout, a.greatest, b.greatest),
  };
}

/** Returns the observed values and the bounds of the true values. */
export function boundsOf(
  layout: StreamLayout,
  values: Float64Array,
  { least, greatest }: LagShifts,
): Omit<Counts, 'polled'> {
  return {
    observed: new StreamView(layout, values),
    least: new StreamView(layout, addValues(layout, values, least)),
    greatest: new StreamView(layout, addValues(layout, values, greatest)),
  };
}

/** Cuts a run into windows and marks those in which the generator's lag makes timings unreliable. */
export class LagWatch {
  readonly #limitMs: number;
  readonly #transports: readonly Transport[];
  #from: LagMoment;
  /** Differences between the observed values of the run and their bounds. */
  readonly #shifts: LagShifts;
  #windows = 0;
  #unreliable = 0;
  #worstMs: number | null = null;
  #saturation: Saturation = NOT_SATURATED;

  /**
   * @param limitMs above which the p99 of lag makes a window unreliable
   * @param transports that carry streams of the run
   * @param begin when the run begins
   */
  constructor(limitMs: number, transports: Iterable<Transport>, begin: LagMoment) {
    this.#limitMs = limitMs;
    this.#transports = [...transports];
    this.#from = begin;
    this.#shifts = noShifts(begin.layout.size);
  }

  /**
   * Differences to add to the values of the run to get their bounds: the timings of each unreliable window are shorter
   * (`least`) or longer (`greatest`) by its lag.
   */
  get shifts(): LagShifts {
    return this.#shifts;
  }

  get saturated(): boolean {
    return isSaturated(this.#saturation);
  }

  get quality(): MeasurementQuality {
    return {
      windows: this.#windows,
      unreliable: this.#unreliable,
      worstLagMs: this.#worstMs,
      limitMs: this.#limitMs,
    };
  }

  /** State for a resume; its shifts are shared with this watch. */
  get state(): LagState {
    return {
      windows: this.#windows,
      unreliable: this.#unreliable,
      worstMs: this.#worstMs,
      saturation: this.#saturation,
      shifts: this.#shifts,
    };
  }

  /** Continues the windows of an earlier process. */
  restore({ windows, unreliable, worstMs, saturation, shifts }: LagState): void {
    this.#windows = windows;
    this.#unreliable = unreliable;
    this.#worstMs = worstMs;
    this.#saturation = saturation;
    this.#shifts.least.set(shifts.least);
    this.#shifts.greatest.set(shifts.greatest);
  }

  /** Forgets the shifts of some targets. @returns those shifts, as of windows that were counted already */
  without(targets: readonly string[]): { readonly shifts: LagShifts; readonly quality: MeasurementQuality } {
    const { layout } = this.#from;
    const shifts = noShifts(layout.size);
    for (const name of targets) {
      const { start, end } = layout.slots[layout.targets.indexOf(name)]!;
      for (const key of ['least', 'greatest'] as const) {
        shifts[key].set(this.#shifts[key].subarray(start, end), start);
        this.#shifts[key].fill(0, start, end);
      }
    }
    return { shifts, quality: { ...this.quality, windows: 0, unreliable: 0 } };
  }

  /** Ends a window. */
  close(now: LagMoment): void {
    const from = this.#from;
    if (now.atMs <= from.atMs) return;
    this.#from = now;
    const window = new StreamView(now.layout, now.values).minus(new StreamView(now.layout, from.values));
    const { lagMs: sampledMs, heard } = this.#lagOf(window, from, now);
    // The samples say little of a freeze: it stops the canary, too.
    const frozenMs = (now.frozenMs ?? 0) - (from.frozenMs ?? 0);
    const lagMs = frozenMs > 0 ? Math.max(sampledMs ?? 0, frozenMs) : sampledMs;
    if (lagMs !== null && lagMs > (this.#worstMs ?? 0)) this.#worstMs = lagMs;
    const late = !heard || (lagMs !== null && lagMs > this.#limitMs);
    this.#windows++;
    // A freeze is not the load's, and is over: it says nothing of what the generator can carry.
    if (frozenMs === 0)
      this.#saturation = saturationAfter(this.#saturation, late, (lagMs ?? 0) < this.#limitMs / 2);
    if (!late && frozenMs === 0 && now.deaths === from.deaths) return;
    this.#unreliable++;
    const known = (heard || frozenMs > 0) && now.deaths === from.deaths ? lagMs : null;
    addShift(this.#shifts.least, window, -(known ?? UNKNOWN_LAG_MS));
    addShift(this.#shifts.greatest, window, known ?? UNKNOWN_LAG_MS);
  }

  /** Returns the largest lag of the transports, and whether each had enough samples. */
  #lagOf(
    view: StreamView,
    from: LagMoment,
    now: LagMoment,
  ): { readonly lagMs: number | null; readonly heard: boolean } {
    const spanMs = now.atMs - from.atMs;
    const expected = (SAMPLES_PER_SECOND * Math.min(from.threads, now.threads) * spanMs) / 1000;
    let lagMs: number | null = null;
    let heard = true;
    for (const transport of this.#transports) {
      const bar = measurementErrorOf(view.shared(`measurementLag:${transport}`));
      if (bar !== null) lagMs = Math.max(lagMs ?? 0, bar.p99);
      if (spanMs >= MIN_MS && (bar?.count ?? 0) < expected * MIN_SAMPLE_SHARE) heard = false;
    }
    return { lagMs, heard };
  }
}
