import { undeliveredText } from '../report/standing.ts';
import type { Subject, SubjectLimit } from './level-point.ts';
import {
  hasLevelValues,
  isSuccessLimit,
  type LimitState,
  MARGIN_USE,
  stateOf,
  valueAtLevel,
  worstState,
} from './limit-at-level.ts';
import { groupsOf, type LoadGroup } from './load-groups.ts';
import { type LoadInterval, loadInterval, type Stop, stopAfter } from './load-interval.ts';

/** Where a limit is first crossed. */
export interface Crossing {
  readonly limit: SubjectLimit;
  /** Largest load, below the crossing, at which it held; `null`: it is crossed at the lowest level. */
  readonly held: number | null;
  /** Smallest load at which it is crossed. */
  readonly crossed: number;
  /** Load at which the line between the levels meets the limit, from `held` to `crossed`; `null` without `held`. */
  readonly at: number | null;
}

/** What the limits allow of the load, from the levels of a subject. Loads in the unit of the subject. */
export interface HeldLoad {
  /** Largest load at which all limits hold with a margin of 20 %, and at every smaller one; `null`: none. */
  readonly conservative: number | null;
  /** Largest load at which all limits hold, and at every smaller one; `null`: none. */
  readonly maximum: number | null;
  /** Largest load at which the limits of success hold, and at every smaller one; `null`: none, or no such limit. */
  readonly burst: number | null;
  /** The same two loads by the sampling error; `null`: not known. */
  readonly conservativeInterval: LoadInterval | null;
  readonly maximumInterval: LoadInterval | null;
  /** Why the two loads end where they do; `null`: more was not tried. */
  readonly conservativeStop: Stop | null;
  readonly maximumStop: Stop | null;
  /** Whether more may be held: nothing was crossed above `maximum`. */
  readonly isAtLeast: boolean;
  /** Whether `conservative` is the highest load that was tried. */
  readonly isConservativeAtLeast: boolean;
  /** The same of `burst`. */
  readonly isBurstAtLeast: boolean;
  /** Of each limit that is crossed anywhere, by the load at which it gives. */
  readonly crossings: readonly Crossing[];
  /** Loads whose values lie within their measurement error of a limit; neither held nor crossed. */
  readonly inconclusive: readonly number[];
  /** Loads without a value of one of the limits. */
  readonly unknown: readonly number[];
  /** Loads above a crossing at which all limits hold again. */
  readonly heldAgain: readonly number[];
  /** Limits that count, and those that levels have no value of. */
  readonly limits: readonly SubjectLimit[];
  readonly notByLevel: readonly SubjectLimit[];
}

/** Returns what the limits allow, or the reason why that is not known. */
export function heldLoadOf(subject: Subject): HeldLoad | { readonly reason: string } {
  // What is crossed without consequence, such as an objective for dashboards, limits no load.
  const counting = subject.limits.filter((l) => l.severity !== 'info');
  const limits = counting.filter(
    (limit) => hasLevelValues(limit) && subject.levels.some((l) => valueAtLevel(limit, l) !== null),
  );
  if (subject.levels.length === 0) return { reason: 'no level of constant load was held' };
  if (subject.delivered !== undefined) return { reason: undeliveredText(subject.delivered) };
  if (limits.length === 0) return { reason: 'no limit was evaluated whose value is known by level' };
  const groups = groupsOf(subject.levels);
  const states = groups.map((g) => stateAt(g, limits));
  const maximum = lastHeld(groups, states);
  const success = limits.filter(isSuccessLimit);
  const successStates = groups.map((g) => stateAt(g, success));
  const burst = lastHeld(groups, successStates);
  const crossings = limits
    .flatMap((limit) => crossingOf(limit, groups))
    .toSorted((a, b) => (a.at ?? a.crossed) - (b.at ?? b.crossed) || a.crossed - b.crossed);
  const loadsOf = (state: LimitState): number[] =>
    groups.filter((_, i) => states[i] === state).map((g) => g.load);
  const firstCrossed = groups[states.indexOf('crossed')]?.load;
  const conservative = lastHeld(
    groups,
    groups.map((g) => stateAt(g, limits, MARGIN_USE)),
  );
  return {
    conservative,
    isConservativeAtLeast: conservative !== null && conservative === groups.at(-1)?.load,
    maximum,
    burst,
    conservativeInterval: loadInterval(groups, limits, conservative, MARGIN_USE),
    maximumInterval: loadInterval(groups, limits, maximum, 1),
    conservativeStop: stopAfter(groups, limits, conservative, MARGIN_USE),
    maximumStop: stopAfter(groups, limits, maximum, 1),
    isAtLeast: firstCrossed === undefined,
    isBurstAtLeast: burst !== null && !successStates.includes('crossed'),
    crossings,
    inconclusive: loadsOf('inconclusive'),
    unknown: loadsOf('unknown'),
    heldAgain: loadsOf('held').filter((load) => firstCrossed !== undefined && load > firstCrossed),
    limits,
    notByLevel: counting.filter((l) => !limits.includes(l)),
  };
}

function stateAt({ levels }: LoadGroup, limits: readonly SubjectLimit[], use = 1): LimitState {
  return worstState(levels.flatMap((level) => limits.map((l) => stateOf(l, valueAtLevel(l, level), use))));
}

/** Returns the last load before the first one that is not held. */
function lastHeld(groups: readonly LoadGroup[], states: readonly LimitState[]): number | null {
  const end = states.findIndex((s) => s !== 'held');
  return groups[(end === -1 ? groups.length : end) - 1]?.load ?? null;
}

function crossingOf(limit: SubjectLimit, groups: readonly LoadGroup[]): Crossing[] {
  const states = groups.map((g) => stateAt(g, [limit]));
  const index = states.indexOf('crossed');
  if (index === -1) return [];
  const crossed = groups[index]!.load;
  const heldIndex = states.slice(0, index).lastIndexOf('held');
  if (heldIndex === -1) return [{ limit, held: null, crossed, at: null }];
  const held = groups[heldIndex]!;
  const at = interpolated(limit, groups.slice(heldIndex, index + 1));
  return [{ limit, held: held.load, crossed, at }];
}

/** Returns where the observed values meet the limit, on lines between levels. @param groups the first holds, the last crosses */
function interpolated(limit: SubjectLimit, groups: readonly LoadGroup[]): number {
  const known = groups.flatMap(({ load, levels }) => {
    const values = levels.flatMap((l) => valueAtLevel(limit, l)?.value ?? []);
    const worst = limit.crossedWhen === '<' ? Math.min(...values) : Math.max(...values);
    return values.length === 0 ? [] : [{ load, over: worst - limit.limit }];
  });
  const sign = limit.crossedWhen === '<' ? -1 : 1;
  const next = known.findIndex(({ over }, i) => i > 0 && over * sign >= 0);
  const [a, b] = [known[next - 1]!, known[next]!];
  const share = a.over === b.over ? 1 : a.over / (a.over - b.over);
  return a.load + (b.load - a.load) * Math.min(1, Math.max(0, share));
}
