/**
 * Corrects p-values for their number: the chance of any false one below a level is at most that level, for dependent
 * tests too (S. Holm, Scandinavian Journal of Statistics 6, 1979, 65–70).
 * @param ps in any order
 * @returns corrected p-values in the same order, at most 1
 */
export function holmCorrected(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((i, j) => ps[i]! - ps[j]!);
  const corrected = new Array<number>(ps.length).fill(1);
  let highest = 0;
  order.forEach((i, rank) => {
    highest = Math.max(highest, Math.min(1, ps[i]! * (ps.length - rank)));
    corrected[i] = highest;
  });
  return corrected;
}
