import { isSequence, loads } from '../report/turns.ts';
import type { Summary } from '../schema/summary.ts';

/** A time of a run at one constant load of one target. */
export interface HeldLevel {
  /** Place in `levels` of the summary. */
  readonly index: number;
  /** Users of the target, or streams per second to it. */
  readonly load: number;
  /** Calendar times, ms since 1970. */
  readonly fromAt: number;
  readonly toAt: number;
}

/**
 * Returns the levels at which a run held a constant load, without ramps, sines and pauses: at a load that changes, a
 * difference between two runs is also one between two moments of the plan. The load of a target is its share by weight; in
 * a sequence it is the whole load, in its own turn.
 */
export function heldLevels({ setup, levels }: Summary, target: string): HeldLevel[] {
  const weights = setup.targets.reduce((sum, t) => sum + t.weight, 0);
  const weight = setup.targets.find((t) => t.name === target)?.weight ?? 0;
  const share = isSequence(setup) ? 1 : weight / weights;
  return levels.flatMap((level, index) => {
    const { shape, users, rate, furtherLevels, startedAt, endedAt } = level;
    const load = ((users ?? rate)?.to ?? 0) * share;
    if (!loads(level, target)) return [];
    if (shape !== 'hold' || furtherLevels > 0 || !(load > 0)) return [];
    return [{ index, load: rounded(load), fromAt: Date.parse(startedAt), toAt: Date.parse(endedAt) }];
  });
}

/** Loads that differ in the seventh digit differ by rounding. */
function rounded(load: number): number {
  return Number(load.toPrecision(6));
}

/** Returns the loads that both runs held, ascending. */
export function commonLoads(a: readonly HeldLevel[], b: readonly HeldLevel[]): number[] {
  const held = new Set(b.map(({ load }) => load));
  return [...new Set(a.map(({ load }) => load))].filter((load) => held.has(load)).sort((x, y) => x - y);
}

/** Returns the loads of some levels for people: "100, 500 users". */
export function loadsText(levels: readonly HeldLevel[], kind: Summary['setup']['model']['kind']): string {
  const loads = [...new Set(levels.map(({ load }) => load))];
  if (loads.length === 0) return 'no constant load';
  return `${loads.join(', ')} ${kind === 'closed' ? 'users' : 'streams/s'}`;
}
