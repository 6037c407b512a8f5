/** Good windows in a row that end saturation, so that it does not change with every window. */
const WELL_WINDOWS = 6;

/** Good windows in a row since the last late one; `null` while not saturated. */
export type Saturation = number | null;

export const NOT_SATURATED: Saturation = null;

export function isSaturated(saturation: Saturation): boolean {
  return saturation !== null;
}

/**
 * Returns the saturation after a window: it begins with the first late window and ends after six good ones in a row.
 * @param late whether the window's lag was over the limit, or unknown
 * @param well whether it was below half the limit
 */
export function saturationAfter(before: Saturation, late: boolean, well: boolean): Saturation {
  if (late) return 0;
  if (before === null) return null;
  const inARow = well ? before + 1 : 0;
  return inARow >= WELL_WINDOWS ? null : inARow;
}
