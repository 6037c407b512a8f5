import type { Objective, TargetThreshold } from '../core/target.ts';
import type { LimitGroup } from '../promql/limit-group.ts';
import { among, promNumber } from '../promql/promql.ts';
import { THRESHOLDS } from '../thresholds/table.ts';
import { limitOf, type Threshold, type ThresholdUnit } from '../thresholds/threshold.ts';

/** Part of a configuration that rules depend on. */
export interface LimitSettings {
  readonly thresholds: readonly TargetThreshold[];
  readonly targets: readonly {
    readonly name: string;
    readonly thresholds: readonly TargetThreshold[];
    /** Absent: goodput is not counted for it. */
    readonly objective?: Objective;
  }[];
}

/**
 * Returns one group for each limit in use; none where the threshold is off for all targets.
 * @param limitFor returns the limit of one target from its own thresholds
 */
function grouped(
  { targets }: LimitSettings,
  limitFor: (own: readonly TargetThreshold[]) => number | 'off',
): LimitGroup[] {
  const common = limitFor([]);
  const own = new Map<number | 'off', string[]>();
  for (const { name, thresholds } of targets) {
    const limit = limitFor(thresholds);
    if (limit !== common) own.set(limit, [...(own.get(limit) ?? []), name]);
  }
  const others = [...own.values()].flat();
  const groups: LimitGroup[] = [];
  if (common !== 'off') {
    const matcher = others.length === 0 ? '' : among('target', others, true);
    groups.push({ matcher, targets: [], limit: common });
  }
  for (const [limit, names] of own) {
    if (limit === 'off') continue;
    groups.push({ matcher: among('target', names), targets: names, limit });
  }
  return groups;
}

/** Returns the limits of a threshold under a configuration, grouped by target. */
export function limitGroups(threshold: Threshold, settings: LimitSettings): LimitGroup[] {
  const common = settings.thresholds;
  return grouped(threshold.perTarget ? settings : { ...settings, targets: [] }, (own) =>
    limitOf(threshold, THRESHOLDS, { own, common }),
  );
}

/**
 * The share of failures at which the error budget is used up so many times too fast. The budget is what the threshold
 * `success-objective` leaves, be it off as an alert or not.
 */
export function burnGroups(threshold: Threshold, settings: LimitSettings): LimitGroup[] {
  const objective = THRESHOLDS.find((t) => t.id === 'success-objective')!;
  const common = settings.thresholds;
  return grouped(settings, (own) => {
    const times = limitOf(threshold, THRESHOLDS, { own, common });
    const wanted = limitOf(objective, THRESHOLDS, { own, common });
    if (times === 'off') return 'off';
    const budget = 1 - (wanted === 'off' ? (objective.limit as number) : wanted);
    return Number(promNumber(times * budget));
  });
}

/** @returns a limit as a person writes it: `500 ms`, `2.5 s`, `99 %` */
export function limitText(limit: number, unit: ThresholdUnit): string {
  if (unit === 'ms') return limit < 1000 ? `${promNumber(limit)} ms` : `${promNumber(limit / 1000)} s`;
  if (unit === 'ratio') return `${promNumber(limit * 100)} %`;
  return String(limit);
}

/**
 * @returns all limits of a threshold as a person reads them, and for whom it is off: `99 % (a, b: 95 %; c: off)`, or
 * `3 s (a; all others: off)`
 */
export function limitsText(threshold: Threshold, settings: LimitSettings): string {
  const groups = limitGroups(threshold, settings);
  const common = groups.find((g) => g.targets.length === 0);
  const own = groups.filter((g) => g.targets.length > 0);
  const text = (g: LimitGroup) => limitText(g.limit, threshold.unit);
  const off = offFor(threshold, settings);
  const offText = off.length === 0 ? [] : [`${common === undefined ? 'all others' : off.join(', ')}: off`];
  const [lead, rest] = common === undefined ? [own[0]!, own.slice(1)] : [common, own];
  const others = [...rest.map((g) => `${g.targets.join(', ')}: ${text(g)}`), ...offText];
  const notes = common === undefined && others.length > 0 ? [lead.targets.join(', '), ...others] : others;
  return notes.length === 0 ? text(lead) : `${text(lead)} (${notes.join('; ')})`;
}

/** @returns the targets for which a threshold is off */
function offFor(threshold: Threshold, { thresholds: common, targets }: LimitSettings): string[] {
  if (!threshold.perTarget) return [];
  return targets
    .filter(({ thresholds: own }) => limitOf(threshold, THRESHOLDS, { own, common }) === 'off')
    .map(({ name }) => name);
}
