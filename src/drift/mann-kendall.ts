import { correlationAt, deviationsOf } from './autocorrelation.ts';
import { upperTail, Z95, zOfTail } from './normal-tail.ts';
import { midRanks } from './ranks.ts';

/** With ties or more values than this the normal approximation serves; its tail is the fatter one. */
const EXACT_UP_TO = 24;

/**
 * Mann's and Kendall's score: pairs that rise less pairs that fall (H. B. Mann, Econometrica 13, 1945). O(n²).
 * @param values in the order of time
 */
export function score(values: ArrayLike<number>): number {
  let s = 0;
  for (let i = 1; i < values.length; i++) {
    const v = values[i]!;
    for (let j = 0; j < i; j++) {
      const earlier = values[j]!;
      if (v > earlier) s++;
      else if (v < earlier) s--;
    }
  }
  return s;
}

/** Variance of the score of n values without trend or autocorrelation, ties allowed (M. G. Kendall, Rank Correlation Methods, 1975). */
export function scoreVariance(values: ArrayLike<number>): number {
  const n = values.length;
  const pairs = (t: number): number => t * (t - 1) * (2 * t + 5);
  return (pairs(n) - tieGroups(values).reduce((sum, t) => sum + pairs(t), 0)) / 18;
}

/** Sizes of the groups of equal values, those of one left out. */
function tieGroups(values: ArrayLike<number>): number[] {
  const sorted = Float64Array.from(values).sort();
  const groups: number[] = [];
  for (let from = 0, i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[from]) continue;
    if (i - from > 1) groups.push(i - from);
    from = i;
  }
  return groups;
}

/** z of a score by the normal approximation, with Kendall's correction for continuity. */
export function scoreZ(s: number, variance: number): number {
  return variance <= 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
}

export interface UpwardTest {
  readonly s: number;
  /** Variance of the score, with ties and autocorrelation. */
  readonly variance: number;
  readonly z: number;
  /** One-sided: how likely so large a score is without any trend. */
  readonly p: number;
}

/**
 * One-sided Mann–Kendall test for an upward trend.
 * @param inflation by how much autocorrelation widens the score's variance; 1 is none
 */
export function testUpward(values: ArrayLike<number>, inflation: number): UpwardTest {
  const s = score(values);
  const plain = scoreVariance(values);
  const approximate = scoreZ(s, plain);
  const exact = approximate > 2 && values.length <= EXACT_UP_TO && tieGroups(values).length === 0;
  const z = (exact ? zOfTail(exactTail(values.length, s)) : approximate) / Math.sqrt(inflation);
  return { s, variance: plain * inflation, z, p: upperTail(z) };
}

/**
 * P(score ≥ s) for n values in random order, exactly: a score is all pairs less twice the inversions, and inversions
 * are built up value by value (M. G. Kendall, Biometrika 30, 1938). Fast for small tails.
 */
export function exactTail(n: number, s: number): number {
  const most = Math.floor(((n * (n - 1)) / 2 - s) / 2);
  if (most < 0) return 0;
  let shares = new Float64Array(most + 1);
  shares[0] = 1;
  for (let size = 2; size <= n; size++) {
    const next = new Float64Array(most + 1);
    for (let k = 0; k <= most; k++) {
      let sum = 0;
      for (let j = Math.max(0, k - size + 1); j <= k; j++) sum += shares[j]!;
      next[k] = sum / size;
    }
    shares = next;
  }
  return Math.min(
    1,
    shares.reduce((sum, share) => sum + share, 0),
  );
}

/**
 * How much autocorrelation widens the variance of the score (K. H. Hamed and A. R. Rao, Journal of Hydrology 204, 1998):
 * from the autocorrelation of the ranks of what is left after the trend, those lags alone that are significant at 5 %.
 * @param slope for one step of `values`
 * @returns above 1 where neighbours are alike, below 1 where they alternate; may be negative on strange series
 */
export function hamedRao(values: ArrayLike<number>, slope: number): number {
  const n = values.length;
  const ranks = deviationsOf(midRanks(Float64Array.from(values, (v, i) => v - slope * (i + 1))));
  const bound = Z95 / Math.sqrt(n);
  let sum = 0;
  for (let lag = 1; lag < n; lag++) {
    const r = correlationAt(ranks, lag);
    if (Math.abs(r) > bound) sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * r;
  }
  return 1 + (2 * sum) / (n * (n - 1) * (n - 2));
}
