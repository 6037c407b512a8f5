import type { StreamLayout } from '../catalog/slots.ts';
import { Histogram } from '../core/histogram.ts';
import type { HistogramSlot } from '../core/layout.ts';
import type { CountStatistics, TimingStatistics } from './statistics.ts';
import type { Bins, TargetWindow } from './windows.ts';

/** Computes the statistics of one measure of one target from windows that count so and so often. */
export interface Estimator {
  /**
   * @param weights of each window, at least 0
   * @returns one value for each statistic; NaN where nothing was observed
   */
  estimate(weights: Float64Array): number[];
  /**
   * How far each window pulls a statistic from its value, up to a factor: the influence function of a ratio or a
   * quantile, whose autocorrelation is that of the statistic.
   * @param place of the statistic
   * @param value of the statistic
   */
  influence(place: number, value: number): Float64Array;
  /** Observations in all windows; of a share, the streams that it is a share of. */
  readonly count: number;
  /** Windows with an observation. */
  readonly observed: number;
}

/** Merges fine histograms: their bins add. */
export class TimingEstimator implements Estimator {
  readonly #of: TimingStatistics;
  readonly #windows: readonly (Bins | undefined)[];
  readonly #sum: Float64Array;
  readonly #slot: HistogramSlot;

  constructor(of: TimingStatistics, windows: readonly TargetWindow[], layout: StreamLayout) {
    const { scale } = layout.slots[0]!.histogram[of.timing];
    this.#of = of;
    this.#windows = windows.map((w) => w.timings[of.timing]);
    this.#slot = { offset: 0, scale };
    this.#sum = new Float64Array(2 + scale.bins);
  }

  get count(): number {
    return this.#windows.reduce((sum, w) => sum + (w?.count ?? 0), 0);
  }

  get observed(): number {
    return this.#windows.filter((w) => w !== undefined).length;
  }

  estimate(weights: Float64Array): number[] {
    const sum = this.#sum;
    sum.fill(0);
    let count = 0;
    for (let w = 0; w < weights.length; w++) {
      const weight = weights[w]!;
      const window = this.#windows[w];
      if (weight === 0 || window === undefined) continue;
      const { bins, counts } = window;
      count += weight * window.count;
      sum[0]! += weight * window.sum;
      sum[1] = Math.max(sum[1]!, window.max);
      for (let i = 0; i < bins.length; i++) sum[2 + bins[i]!]! += weight * counts[i]!;
    }
    const merged = new Histogram(sum, this.#slot);
    return this.#of.statistics.map(({ quantile }) =>
      count === 0 ? Number.NaN : quantile === undefined ? sum[0]! / count : merged.quantile(quantile)!,
    );
  }

  influence(place: number, value: number): Float64Array {
    const { quantile } = this.#of.statistics[place]!;
    const limit = this.#slot.scale.indexOf(value);
    return Float64Array.from(this.#windows, (window) => {
      if (window === undefined) return 0;
      if (quantile === undefined) return window.sum - value * window.count;
      let above = 0;
      for (let i = window.bins.length - 1; i >= 0 && window.bins[i]! > limit; i--) above += window.counts[i]!;
      return above - (1 - quantile) * window.count;
    });
  }
}

/** Divides sums of cells by one another, or by the time. */
export class CountEstimator implements Estimator {
  readonly #part: Float64Array;
  readonly #whole: Float64Array;
  readonly count: number;
  readonly isShare: boolean;

  constructor(
    { kind, part, whole }: CountStatistics,
    windows: readonly TargetWindow[],
    layout: StreamLayout,
  ) {
    const { start, cell } = layout.slots[0]!;
    const places = (cells: readonly (keyof typeof cell)[]): number[] => cells.map((c) => cell[c] - start);
    this.isShare = kind === 'share';
    const sums = (of: readonly number[]): Float64Array =>
      Float64Array.from(windows, ({ cells }) => of.reduce((sum, place) => sum + cells[place]!, 0));
    this.#part = sums(places(part));
    this.#whole =
      whole === undefined ? Float64Array.from(windows, ({ spanMs }) => spanMs / 1000) : sums(places(whole));
    this.count = total(whole === undefined ? this.#part : this.#whole);
  }

  /** Sum of the part over all windows. */
  get part(): number {
    return total(this.#part);
  }

  /** Returns both sums over windows that count so and so often. */
  totals(weights: Float64Array): { readonly part: number; readonly whole: number } {
    let part = 0;
    let whole = 0;
    for (let w = 0; w < weights.length; w++) {
      part += weights[w]! * this.#part[w]!;
      whole += weights[w]! * this.#whole[w]!;
    }
    return { part, whole };
  }

  get observed(): number {
    return this.#whole.filter((n) => n > 0).length;
  }

  estimate(weights: Float64Array): number[] {
    const { part, whole } = this.totals(weights);
    return [part / whole];
  }

  influence(_place: number, value: number): Float64Array {
    return this.#part.map((part, w) => part - value * this.#whole[w]!);
  }
}

function total(values: Float64Array): number {
  return values.reduce((sum, n) => sum + n, 0);
}
