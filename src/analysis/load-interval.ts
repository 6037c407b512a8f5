import type { SubjectLimit } from './level-point.ts';
import {
  type LevelValue,
  type LimitState,
  stateOf,
  usedShare,
  valueAtLevel,
  worstState,
} from './limit-at-level.ts';
import type { LoadGroup } from './load-groups.ts';
import { sampledAtLevel } from './sampling.ts';

/** Loads between which the result of a repeat would lie, by the sampling error of the values. */
export interface LoadInterval {
  /** Largest load, up to the one found, at which all limits surely hold; `null`: at none. */
  readonly low: number | null;
  /** Largest load below the first at which a limit surely does not hold; `null`: the lowest. */
  readonly high: number | null;
}

/**
 * Returns the interval of a load by the sampling error.
 * @param load the largest at which the limits hold; `null`: none
 * @param use share of each limit that may be used
 * @returns `null`: not known, since the levels do not state how many observations they have, or their spread
 */
export function loadInterval(
  groups: readonly LoadGroup[],
  limits: readonly SubjectLimit[],
  load: number | null,
  use: number,
): LoadInterval | null {
  const states = groups.map((group) => sampledState(group, limits, use));
  if (states.includes(undefined)) return null;
  const isWithin = (group: LoadGroup): boolean => load !== null && group.load <= load;
  const low = groups.findLast((group, i) => isWithin(group) && states[i] === 'held')?.load ?? null;
  const end = groups.findIndex((group, i) => !isWithin(group) && states[i] === 'crossed');
  const high = groups[(end === -1 ? groups.length : end) - 1]?.load ?? null;
  return { low, high };
}

function sampledState(
  { levels }: LoadGroup,
  limits: readonly SubjectLimit[],
  use: number,
): LimitState | undefined {
  const states = levels.flatMap((level) =>
    limits.map((limit) => {
      if (valueAtLevel(limit, level) === null) return 'unknown';
      const value = sampledAtLevel(limit, level);
      return value === null ? undefined : stateOf(limit, value, use);
    }),
  );
  return states.includes(undefined) ? undefined : worstState(states as LimitState[]);
}

/** Why the next load does not count: the limits that do not hold there. */
export interface Stop {
  readonly load: number;
  readonly state: Exclude<LimitState, 'held'>;
  /** Those in this state, the one with the least left first. */
  readonly limits: readonly { readonly limit: SubjectLimit; readonly value: LevelValue | null }[];
}

/** Returns why the load ends where it does; `null`: more was not tried. @param load the largest that counts */
export function stopAfter(
  groups: readonly LoadGroup[],
  limits: readonly SubjectLimit[],
  load: number | null,
  use: number,
): Stop | null {
  const next = groups.find((g) => load === null || g.load > load);
  if (next === undefined) return null;
  const all = next.levels.flatMap((level) =>
    limits.map((limit) => {
      const value = valueAtLevel(limit, level);
      return { limit, value, state: stateOf(limit, value, use) };
    }),
  );
  const state = worstState(all.map((a) => a.state));
  if (state === 'held') return null;
  const used = ({ limit, value }: (typeof all)[number]): number =>
    value === null ? 0 : usedShare(limit, value.value);
  const found = all.filter((a) => a.state === state).toSorted((a, b) => used(b) - used(a));
  // Of several levels of one load the one with the least left speaks for its limit.
  const first = [...Map.groupBy(found, (f) => f.limit).values()].map(([worst]) => worst!);
  return { load: next.load, state, limits: first.map(({ limit, value }) => ({ limit, value })) };
}
