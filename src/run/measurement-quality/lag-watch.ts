import { type StreamLayout, StreamView } from '../../catalog/slots.ts';
import { iso } from '../../core/clock.ts';
import { measurementErrorOf } from '../../core/measurement-error.ts';
import { addValues } from '../../core/snapshot.ts';
import type { Transport } from '../../core/target.ts';
import { STAMP_INTERVAL_MS } from '../../load/canary/stamp.ts';
import { TIMINGS } from '../../measures/list.ts';
import type { MeasurementQuality } from '../../schema/summary.ts';
import type { Counts } from '../../thresholds/measures/measure.ts';

/** Good windows in a row that end saturation, so that it does not change with every window. */
const WELL_WINDOWS = 6;

/** Good windows in a row since the last late one; `null` while not saturated. */
type Saturation = number | null;

export const NOT_SATURATED: Saturation = null;

export function isSaturated(saturation: Saturation): boolean {
  return saturation !== null;
}

/**
 * Returns the saturation after a window: it begins with the first late window and ends after six good ones in a row.
 * @param late whether the window's lag was over the limit, or unknown
 * @param well whether it was below half the limit
 */
export function saturationAfter(before: Saturation, late: boolean, well: boolean): Saturation {
  if (late) return 0;
  if (before === null) return null;
  const inARow = well ? before + 1 : 0;
  return inARow >= WELL_WINDOWS ? null : inARow;
}

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

const NO_CAUSES: MeasurementQuality['causes'] = { lag: 0, samples: 0, freeze: 0, death: 0 };

/** State of a watch, for a resume. */
export interface LagState {
  readonly windows: number;
  readonly unreliable: number;
  readonly worstMs: number | null;
  /** Absent in a state of before 0.3.0. */
  readonly worstAt?: number | undefined;
  readonly causes?: MeasurementQuality['causes'];
  readonly saturation: Saturation;
  readonly shifts: LagShifts;
}

/** A window that was open at the last record of a process: nobody has evaluated it. */
export interface OpenLagWindow {
  /** Values of the run when it began; the same array until the next window. */
  readonly from: Float64Array;
  /** From its start to the last record, ms. */
  readonly lastedMs: number;
  /** Engine threads at work when it began. */
  readonly threads: number;
  /** Engine threads that died in it. */
  readonly deaths: number;
  /** Time for which engine threads were frozen in it, ms. */
  readonly frozenMs: number;
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

/**
 * Returns the observed values and the bounds of the true values.
 * @param shifts absent: no window was unreliable, and the observed values are the true ones
 */
export function boundsOf(
  layout: StreamLayout,
  values: Float64Array,
  shifts: LagShifts | undefined,
): Omit<Counts, 'polled'> {
  const observed = new StreamView(layout, values);
  if (shifts === undefined) return { observed, least: observed, greatest: observed };
  return {
    observed,
    least: new StreamView(layout, addValues(layout, values, shifts.least)),
    greatest: new StreamView(layout, addValues(layout, values, shifts.greatest)),
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
  /** Calendar time, ms since 1970. */
  #worstAt: number | undefined;
  #causes = NO_CAUSES;
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
      worstLagAt: this.#worstAt === undefined ? null : iso(this.#worstAt),
      causes: this.#causes,
    };
  }

  /** State for a resume; its shifts are shared with this watch. */
  get state(): LagState {
    return {
      windows: this.#windows,
      unreliable: this.#unreliable,
      worstMs: this.#worstMs,
      worstAt: this.#worstAt,
      causes: this.#causes,
      saturation: this.#saturation,
      shifts: this.#shifts,
    };
  }

  /** Continues the windows of an earlier process. */
  restore({ windows, unreliable, worstMs, worstAt, causes, saturation, shifts }: LagState): void {
    this.#windows = windows;
    this.#unreliable = unreliable;
    this.#worstMs = worstMs;
    this.#worstAt = worstAt;
    this.#causes = causes ?? NO_CAUSES;
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
    return { shifts, quality: { ...this.quality, windows: 0, unreliable: 0, causes: NO_CAUSES } };
  }

  /** Returns the window that is open now. @param from values of the run when it began */
  openWindow(from: Float64Array, now: Pick<LagMoment, 'atMs' | 'deaths' | 'frozenMs'>): OpenLagWindow {
    const begin = this.#from;
    return {
      from,
      lastedMs: Math.max(0, now.atMs - begin.atMs),
      threads: begin.threads,
      deaths: now.deaths - begin.deaths,
      frozenMs: (now.frozenMs ?? 0) - (begin.frozenMs ?? 0),
    };
  }

  /**
   * Evaluates the window that was open when an earlier process was killed, up to its last record: what it counted has
   * not been evaluated yet. The current window stays as it is.
   * @param values of the run at the last record @param at calendar time of that record, ms since 1970
   */
  closeKept(
    { from, lastedMs, threads, deaths, frozenMs }: OpenLagWindow,
    values: Float64Array,
    at: number,
  ): void {
    const begin = this.#from;
    const { layout } = begin;
    this.#from = { atMs: 0, layout, values: from, threads, deaths: 0 };
    this.close({ atMs: lastedMs, layout, values, threads, deaths, frozenMs }, at);
    this.#from = begin;
  }

  /** Ends a window. @param at calendar time of its end, ms since 1970 */
  close(now: LagMoment, at = Date.now()): void {
    const from = this.#from;
    if (now.atMs <= from.atMs) return;
    this.#from = now;
    const window = new StreamView(now.layout, now.values).minus(new StreamView(now.layout, from.values));
    const { lagMs: sampledMs, heard } = this.#lagOf(window, from, now);
    // The samples say little of a freeze: it stops the canary, too.
    const frozenMs = (now.frozenMs ?? 0) - (from.frozenMs ?? 0);
    const lagMs = frozenMs > 0 ? Math.max(sampledMs ?? 0, frozenMs) : sampledMs;
    if (lagMs !== null && lagMs > (this.#worstMs ?? 0)) {
      this.#worstMs = lagMs;
      this.#worstAt = at;
    }
    const late = !heard || (lagMs !== null && lagMs > this.#limitMs);
    this.#windows++;
    // A freeze is not the load's, and is over: it says nothing of what the generator can carry.
    if (frozenMs === 0)
      this.#saturation = saturationAfter(this.#saturation, late, (lagMs ?? 0) < this.#limitMs / 2);
    if (!late && frozenMs === 0 && now.deaths === from.deaths) return;
    this.#unreliable++;
    const isDeath = now.deaths !== from.deaths;
    const cause = isDeath ? 'death' : frozenMs > 0 ? 'freeze' : heard ? 'lag' : 'samples';
    this.#causes = { ...this.#causes, [cause]: this.#causes[cause] + 1 };
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
