import type { Evaluation } from './measure.ts';

/** Bounds of the true value. */
export interface Interval {
  readonly least: number;
  readonly greatest: number;
}

/**
 * Returns whether a value crosses its limit, if that is the same for every value of the interval.
 * @param crosses of one value; if it holds for one, it holds for every greater one
 */
export function crossing(
  { least, greatest }: Interval,
  crosses: (value: number) => boolean,
): Evaluation['kind'] {
  if (crosses(least)) return 'crossed';
  return crosses(greatest) ? 'inconclusive' : 'ok';
}
