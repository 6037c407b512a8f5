/** What a figure of timings is made from; of suspect windows how much of it. */
export interface TimingSums {
  readonly count: number;
  /** Observations above the limit. */
  readonly above: number;
  readonly sumMs: number;
  readonly suspect: { readonly count: number; readonly above: number; readonly sumMs: number };
}

/** The least and the greatest that a figure can truly be. */
export interface Range {
  readonly least: number;
  readonly greatest: number;
}

/** @returns the share of observations above the limit: each of a suspect window may lie above it or not */
export function shareRange({ count, above, suspect }: TimingSums): Range {
  const least = (above - suspect.above) / count;
  return { least, greatest: least + suspect.count / count };
}

/**
 * @param longestMs after which such an observation is cut off
 * @returns the mean, ms: each observation of a suspect window may be anything from 0 to that
 */
export function meanRange({ count, sumMs, suspect }: TimingSums, longestMs: number): Range {
  const least = (sumMs - suspect.sumMs) / count;
  return { least, greatest: least + (suspect.count * longestMs) / count };
}

/**
 * Whether a figure crosses its limit, where that does not depend on what suspect windows held.
 * @param crosses of one value of the figure
 */
export function crossing(
  { least, greatest }: Range,
  crosses: (value: number) => boolean,
): 'crossed' | 'ok' | 'inconclusive' {
  if (crosses(least)) return 'crossed';
  return crosses(greatest) ? 'inconclusive' : 'ok';
}
