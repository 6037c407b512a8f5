import type { Counts, Sum } from './measures/measure.ts';

/** The sums that the thresholds of one target need, each once, as a row of numbers. */
export class SumTable {
  readonly #sums: Sum[] = [];
  readonly #places = new Map<string, number>();

  /** @returns where in a row these sums stand */
  place(sums: readonly Sum[]): number[] {
    return sums.map((sum) => {
      const known = this.#places.get(sum.key);
      if (known !== undefined) return known;
      this.#places.set(sum.key, this.#sums.length);
      return this.#sums.push(sum) - 1;
    });
  }

  /** The same where rows have the same numbers in the same places. */
  get signature(): string {
    return [...this.#places.keys()].join();
  }

  /** @returns the sums of one target at one moment */
  row(counts: Counts, target: number): Float64Array {
    return Float64Array.from(this.#sums, (sum) => sum.read(counts, target));
  }
}
