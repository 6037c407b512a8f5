/** A series as flat levels, one after another. */
export interface Levels {
  /** Where each begins; the first at 0. */
  readonly starts: readonly number[];
  readonly means: readonly number[];
  /** Sum of the squared distances from the levels. */
  readonly squares: number;
}

/**
 * The best series of k flat levels, for each k: least squares by dynamic programming (segment neighbourhood;
 * I. E. Auger and C. E. Lawrence, Bulletin of Mathematical Biology 51, 1989). O(most × n²): meant for up to 128 values.
 * @param least values in a level
 * @param most levels
 * @returns by number of levels, from 1 on
 */
export function levelsOf(values: ArrayLike<number>, least: number, most: number): Levels[] {
  const n = values.length;
  const sums = new Float64Array(n + 1);
  const squares = new Float64Array(n + 1);
  const offset = values[0]!;
  for (let i = 0; i < n; i++) {
    // From the first value on, or the squares of large values would swallow small distances.
    const v = values[i]! - offset;
    sums[i + 1] = sums[i]! + v;
    squares[i + 1] = squares[i]! + v * v;
  }
  const mean = (from: number, to: number): number => (sums[to]! - sums[from]!) / (to - from);
  const cost = (from: number, to: number): number =>
    Math.max(0, squares[to]! - squares[from]! - (sums[to]! - sums[from]!) * mean(from, to));

  // best[to]: least cost of the values before `to` in k levels; cut[k][to]: start of the last level.
  let best = Float64Array.from({ length: n + 1 }, (_, to) =>
    to < least ? Number.POSITIVE_INFINITY : cost(0, to),
  );
  const cuts: Int32Array[] = [new Int32Array(n + 1)];
  const found: Levels[] = [];
  for (let k = 1; k <= Math.min(most, Math.floor(n / least)); k++) {
    if (k > 1) {
      const next = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
      const cut = new Int32Array(n + 1);
      for (let to = k * least; to <= n; to++) {
        for (let from = (k - 1) * least; from <= to - least; from++) {
          const total = best[from]! + cost(from, to);
          if (total < next[to]!) {
            next[to] = total;
            cut[to] = from;
          }
        }
      }
      best = next;
      cuts.push(cut);
    }
    const starts: number[] = [];
    for (let level = k - 1, to = n; level >= 0; level--) {
      to = cuts[level]![to]!;
      starts.unshift(to);
    }
    const means = starts.map((from, i) => offset + mean(from, starts[i + 1] ?? n));
    found.push({ starts, means, squares: best[n]! });
  }
  return found;
}
