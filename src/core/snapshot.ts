import { Histogram } from './histogram.ts';
import type { HistogramSlot, Layout } from './layout.ts';

/**
 * Everything counted, at one moment. Snapshots add (workers, shards) and subtract (windows): that is why
 * page, metrics, verdict, report and terminal can all be made from them.
 */
export interface Snapshot<L extends Layout = Layout> {
  /** Monotonic time, ms (`process.hrtime`). */
  readonly atMs: number;
  readonly layout: L;
  readonly values: Float64Array;
  /** Streams wanted at that moment, by target. */
  readonly desired: readonly number[];
}

/** @returns `a + b`; maxima by the larger one, the time of `a` */
export function addValues(layout: Layout, a: Float64Array, b: Float64Array): Float64Array {
  const sum = new Float64Array(layout.size);
  for (let i = 0; i < layout.size; i++) sum[i] = a[i]! + b[i]!;
  for (const i of layout.maxima) sum[i] = Math.max(a[i]!, b[i]!);
  return sum;
}

/** Returns `values` with earlier ones, as in {@link addValues}; `values` itself where there are none: a copy costs time. */
export function withEarlier(
  layout: Layout,
  earlier: Float64Array | undefined,
  values: Float64Array,
): Float64Array {
  return earlier === undefined ? values : addValues(layout, earlier, values);
}

/** Returns a copy whose maxima are 0. */
export function withoutMaxima(layout: Layout, values: Float64Array): Float64Array {
  const copy = values.slice();
  for (const i of layout.maxima) copy[i] = 0;
  return copy;
}

/**
 * Returns what happened from `earlier` to `later`. Gauges (what is open) are differences. A maximum does not subtract: that
 * of a histogram is exact where it rose, else the upper edge of the highest bin that was filled, and at most the later one;
 * other maxima are those of `later`.
 */
export function subtractValues(layout: Layout, later: Float64Array, earlier: Float64Array): Float64Array {
  const difference = new Float64Array(layout.size);
  for (let i = 0; i < layout.size; i++) difference[i] = later[i]! - earlier[i]!;
  for (const i of layout.maxima) difference[i] = later[i]!;
  for (const { histogram } of layout.slots)
    for (const name in histogram) boundMaximum(difference, histogram[name]!);
  for (const name in layout.shared) boundMaximum(difference, layout.shared[name]!);
  return difference;
}

/** Bounds a maximum by the bins. One that rose lies in the highest bin, so that it stays as it is. */
function boundMaximum(values: Float64Array, { offset, scale }: HistogramSlot): void {
  let bin = scale.bins - 1;
  while (bin >= 0 && values[offset + 2 + bin] === 0) bin--;
  const edge = bin < 0 ? 0 : (scale.edges[bin] ?? Number.POSITIVE_INFINITY);
  values[offset + 1] = Math.min(values[offset + 1]!, edge);
}

type CellsOf<L> = L extends Layout<infer C, string, string> ? C : never;
type TimingsOf<L> = L extends Layout<string, infer H, string> ? H : never;
type SharedOf<L> = L extends Layout<string, string, infer S> ? S : never;

/** Reads one snapshot by names in place of numbers. */
export class SnapshotView<L extends Layout> {
  readonly layout: L;
  readonly values: Float64Array;

  constructor(layout: L, values: Float64Array) {
    this.layout = layout;
    this.values = values;
  }

  /** @returns the counts since `earlier`, as in `subtractValues` */
  minus(earlier: this): this {
    return this.#like(subtractValues(this.layout, this.values, earlier.values));
  }

  /** @returns the counts of both, as in `addValues` */
  plus(other: this): this {
    return this.#like(addValues(this.layout, this.values, other.values));
  }

  #like(values: Float64Array): this {
    return new (this.constructor as new (layout: L, values: Float64Array) => this)(this.layout, values);
  }

  /** @returns one number of one target */
  cell(target: number, name: CellsOf<L>): number {
    return this.values[this.layout.slots[target]!.cell[name]!]!;
  }

  /** @returns the sum of a number over all targets */
  total(name: CellsOf<L>): number {
    let sum = 0;
    for (let t = 0; t < this.layout.slots.length; t++) sum += this.cell(t, name);
    return sum;
  }

  histogram(target: number, name: TimingsOf<L>): Histogram {
    return new Histogram(this.values, this.layout.slots[target]!.histogram[name] as HistogramSlot);
  }

  shared(name: SharedOf<L>): Histogram {
    return new Histogram(this.values, this.layout.shared[name] as HistogramSlot);
  }

  /** @returns one histogram over several of the workers themselves; they share a scale */
  sharedMerged(names: readonly SharedOf<L>[]): Histogram {
    return this.#merge(names.map((name) => this.layout.shared[name] as HistogramSlot));
  }

  /** @returns one histogram over several targets; they share a scale */
  merged(targets: readonly number[], name: TimingsOf<L>): Histogram {
    return this.combined(targets, [name]);
  }

  /** @returns one histogram over several targets and timings, all on the same scale */
  combined(targets: readonly number[], names: readonly TimingsOf<L>[]): Histogram {
    const slots = targets.flatMap((t) =>
      names.map((n) => this.layout.slots[t]!.histogram[n] as HistogramSlot),
    );
    return this.#merge(slots);
  }

  #merge(slots: readonly HistogramSlot[]): Histogram {
    const scale = slots[0]!.scale;
    const values = new Float64Array(2 + scale.bins);
    for (const { offset } of slots) {
      values[0]! += this.values[offset]!;
      values[1] = Math.max(values[1]!, this.values[offset + 1]!);
      for (let i = 2; i < values.length; i++) values[i]! += this.values[offset + i]!;
    }
    return new Histogram(values, { offset: 0, scale });
  }
}
