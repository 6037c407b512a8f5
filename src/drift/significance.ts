/** Share of runs without any drift in which one may be reported, by all looks together. */
export const FALSE_ALARMS = 0.01;
/** Windows at the first look while a run goes on. */
export const FIRST_LOOK = 45;
/** A look is due after so many windows more: a share of those there were, within these. */
const NEXT = { share: 1 / 8, least: 4, most: 60 } as const;

/** @returns after how many windows the look is due that follows one at `windows` */
export function nextLook(windows: number): number {
  return windows + Math.min(NEXT.most, Math.max(NEXT.least, Math.floor(windows * NEXT.share)));
}

/**
 * What of the false alarms the k-th look may use up: 10 / ((k + 9) (k + 10)) of one half, which adds up to that half
 * over any number of looks. The other half is for the last look, at the end of the run, which has most to go by.
 * @param look from 1, or the last one
 */
export function levelOf(evaluation: number | 'last'): number {
  const half = FALSE_ALARMS / 2;
  return evaluation === 'last' ? half : (half * 10) / ((evaluation + 9) * (evaluation + 10));
}

/**
 * Which of many tests are significant, so that the chance of any false one among them all is at most `level`
 * (S. Holm, Scandinavian Journal of Statistics 6, 1979). Holds however the tests depend on each other.
 * @param ps in any order
 * @returns the largest p that is significant; below 0 where none is
 */
export function holmBound(ps: readonly number[], level: number): number {
  const sorted = [...ps].sort((a, b) => a - b);
  let bound = -1;
  for (let i = 0; i < sorted.length; i++) {
    if (sorted[i]! > level / (sorted.length - i)) break;
    bound = sorted[i]!;
  }
  return bound;
}
