/** A p-value and its share of the correction, above 0. */
export interface Weighted {
  readonly p: number;
  readonly weight: number;
}

/**
 * Corrects p-values for their number: the chance of any false one below a level is at most that level, for dependent
 * tests too. With weights: a p of weight 8 has eight times the level of one of weight 1 (S. Holm, Scandinavian Journal of
 * Statistics 6, 1979, 65–70, sections 2 and 4).
 * @param ps in any order
 * @returns corrected p-values in the same order, at most 1
 */
export function holmCorrected(ps: readonly Weighted[]): number[] {
  const sorted = ps
    .map(({ p, weight }, i) => ({ i, perWeight: p / weight, weight }))
    .sort((x, y) => x.perWeight - y.perWeight);
  const corrected = new Array<number>(ps.length).fill(1);
  let left = ps.reduce((sum, { weight }) => sum + weight, 0);
  let highest = 0;
  for (const { i, perWeight, weight } of sorted) {
    highest = Math.max(highest, Math.min(1, perWeight * left));
    corrected[i] = highest;
    left -= weight;
  }
  return corrected;
}
