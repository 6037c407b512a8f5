/** Share of runs without drift in which a drift may be reported, over all evaluations of a run. */
export const FALSE_ALARMS = 0.01;
/** Windows before the first evaluation of an active run. */
export const FIRST_EVALUATION = 45;
/** Windows between evaluations: a share of all windows so far, within these. */
const NEXT = { share: 1 / 8, least: 4, most: 60 } as const;

/** Returns the number of windows at which the evaluation after the one at `windows` is due. */
export function nextEvaluation(windows: number): number {
  return windows + Math.min(NEXT.most, Math.max(NEXT.least, Math.floor(windows * NEXT.share)));
}

/**
 * Returns the share of false alarms for the k-th evaluation: 10 / ((k + 9) (k + 10)) of one half, which adds up to that
 * half over any number of evaluations. The other half is for the evaluation at the end of the run, which has most data.
 * @param evaluation from 1, or the one at the end
 */
export function levelOf(evaluation: number | 'last'): number {
  const half = FALSE_ALARMS / 2;
  return evaluation === 'last' ? half : (half * 10) / ((evaluation + 9) * (evaluation + 10));
}

/**
 * Decides which of many tests are significant, with a chance of at most `level` for any false one among them
 * (S. Holm, Scandinavian Journal of Statistics 6, 1979). Holds for dependent tests too.
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
