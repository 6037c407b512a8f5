import type { HistogramSlot } from './layout.ts';

/** Statistics of a set of durations, in ms; all but `count` are `null` where nothing was observed. */
export interface Stats {
  readonly count: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** A read-only view of one fine histogram in a snapshot's array. */
export class Histogram {
  readonly #values: Float64Array;
  readonly #slot: HistogramSlot;
  /** Bins outside are 0. */
  readonly #from: number;
  readonly #to: number;

  /** @param bins first bin that may not be 0, and the one after the last; absent: all may not be */
  constructor(
    values: Float64Array,
    slot: HistogramSlot,
    bins?: { readonly from: number; readonly to: number },
  ) {
    this.#values = values;
    this.#slot = slot;
    this.#from = Math.max(0, bins?.from ?? 0);
    this.#to = bins?.to ?? slot.scale.bins;
  }

  get count(): number {
    const values = this.#values;
    const first = this.#slot.offset + 2;
    const end = first + this.#to;
    let n = 0;
    for (let i = first + this.#from; i < end; i++) n += values[i]!;
    return n;
  }

  /** Sum of all values, ms. */
  get sum(): number {
    return this.#values[this.#slot.offset]!;
  }

  /** How many values were ≤ each of the given edges (ms, ascending). Exact where an edge is one of the scale's. */
  cumulative(edgesMs: readonly number[]): number[] {
    const { offset, scale } = this.#slot;
    const out: number[] = [];
    let bin = 0;
    let n = 0;
    for (const edge of edgesMs) {
      while (bin < scale.edges.length && scale.edges[bin]! <= edge) n += this.#values[offset + 2 + bin++]!;
      out.push(n);
    }
    return out;
  }

  /**
   * @param q from 0 to 1
   * @param count number of values, where the caller has it: counting them is half of the work
   * @returns ms, interpolated inside its bin, so within 1 % where values are many and never further off than the
   * bin is wide (2.5 %); `null` when nothing was observed
   */
  quantile(q: number, count = this.count): number | null {
    if (count === 0) return null;
    const values = this.#values;
    const { offset, scale } = this.#slot;
    const max = values[offset + 1]!;
    const rank = q * count;
    let below = 0;
    for (let bin = this.#from; bin < this.#to; bin++) {
      const n = values[offset + 2 + bin]!;
      if (n > 0 && below + n >= rank) {
        const low = bin === 0 ? 0 : scale.edges[bin - 1]!;
        const high = bin < scale.edges.length ? scale.edges[bin]! : Math.max(max, low);
        const value = low + ((high - low) * Math.max(0, rank - below)) / n;
        return max > 0 ? Math.min(value, max) : value;
      }
      below += n;
    }
    return max;
  }

  stats(): Stats {
    const count = this.count;
    if (count === 0) return { count: 0, mean: null, p50: null, p95: null, p99: null, max: null };
    return {
      count,
      mean: this.sum / count,
      p50: this.quantile(0.5, count),
      p95: this.quantile(0.95, count),
      p99: this.quantile(0.99, count),
      max: this.#values[this.#slot.offset + 1]!,
    };
  }
}
