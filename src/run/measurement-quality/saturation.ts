/** Windows in a row that must be well before it is over: it must not come and go with every window. */
const WELL_WINDOWS = 6;

/** How many windows in a row were well since the last that was late; `null` while it is not saturated. */
export type Saturation = number | null;

export const NOT_SATURATED: Saturation = null;

export function isSaturated(saturation: Saturation): boolean {
  return saturation !== null;
}

/**
 * Begins with the first window that is late, and ends after six in a row that are far from it.
 * @param late whether the window's lag was over the limit, or unknown
 * @param well whether it was below half the limit
 */
export function saturationAfter(before: Saturation, late: boolean, well: boolean): Saturation {
  if (late) return 0;
  if (before === null) return null;
  const inARow = well ? before + 1 : 0;
  return inARow >= WELL_WINDOWS ? null : inARow;
}
