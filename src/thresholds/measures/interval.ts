import type { Evaluation } from './measure.ts';

/** Between which values the truth lies. */
export interface Interval {
  readonly least: number;
  readonly greatest: number;
}

/**
 * Whether a value crosses its limit, where that does not depend on where in its interval the truth lies.
 * @param crosses of one value; if it holds for one, it holds for every greater one
 */
export function crossing(
  { least, greatest }: Interval,
  crosses: (value: number) => boolean,
): Evaluation['kind'] {
  if (crosses(least)) return 'crossed';
  return crosses(greatest) ? 'inconclusive' : 'ok';
}
