/** Ranks from 1; equal values share the middle of theirs. NaN stays NaN and is not counted. */
export function midRanks(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const ranks = new Float64Array(n);
  const sorted = new Float64Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) if (!Number.isNaN(values[i]!)) sorted[count++] = values[i]!;
  const present = sorted.subarray(0, count).sort();
  for (let i = 0; i < n; i++) {
    const v = values[i]!;
    ranks[i] = Number.isNaN(v) ? v : (countUpTo(present, v, false) + countUpTo(present, v, true) + 1) / 2;
  }
  return ranks;
}

/** @returns how many of the sorted values are below `v`, or at most `v` */
function countUpTo(sorted: Float64Array, v: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = sorted[middle]!;
    if (at < v || (orEqual && at === v)) low = middle + 1;
    else high = middle;
  }
  return low;
}
