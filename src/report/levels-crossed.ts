import type { Verdict } from '../core/run.ts';
import type { LevelMark, LevelSummary } from '../schema/level-summary.ts';
import type { TargetSummary } from '../schema/streams-summary.ts';
import { loads } from './turns.ts';

/** What levels are compared with: a threshold, and when its alert would have fired. */
interface Compared {
  readonly threshold: string;
  readonly target: string;
  readonly crossedWhen: Verdict['op'];
  readonly limit: number;
  readonly alerts: readonly { readonly from: string }[];
}

const TIMINGS: Readonly<Record<string, keyof TargetSummary & `${string}Ms`>> = {
  connect: 'connectMs',
  headers: 'headersMs',
  ttfb: 'ttfbMs',
  ttft: 'ttftMs',
  gap: 'gapMs',
  tpot: 'tpotMs',
  effective: 'effectiveDurationMs',
};

/** Returns the value of a threshold's measure for one target at one level; `undefined` if the summary of a level lacks it. */
function observedIn(threshold: string, target: TargetSummary): number | null | undefined {
  if (threshold.startsWith('success-rate')) return target.successRatio;
  const [, timing = '', statistic = ''] = /^(\w+)-(mean|p50|p95|p99|max)$/.exec(threshold) ?? [];
  const stats = timing === 'duration' ? target.successDurationMs : statsOf(target, TIMINGS[timing]);
  return stats?.[statistic as 'mean' | 'p50' | 'p95' | 'p99' | 'max'];
}

function statsOf(target: TargetSummary, key: (typeof TIMINGS)[string] | undefined) {
  const stats = key === undefined ? undefined : target[key];
  return typeof stats === 'object' ? stats : undefined;
}

/** Returns for each level whether a threshold held at it; `undefined` where its value is not known. */
function statesByValue(
  { threshold, target, crossedWhen, limit }: Omit<Compared, 'alerts'>,
  levels: readonly LevelSummary[],
): ('held' | 'crossed' | undefined)[] {
  return levels.map((level) => {
    // A stream that outlasted the turn of its target says nothing of a level of another one.
    const of = loads(level, target) ? level.targets.find((t) => t.name === target) : undefined;
    const observed = of === undefined ? undefined : observedIn(threshold, of);
    if (observed === undefined || observed === null) return undefined;
    return (crossedWhen === '<' ? observed < limit : observed > limit) ? 'crossed' : 'held';
  });
}

/** Returns the indexes of the levels at which a threshold was crossed, as far as their values are known. */
export function levelsCrossed(
  threshold: Omit<Compared, 'alerts'>,
  levels: readonly LevelSummary[],
): number[] {
  return statesByValue(threshold, levels).flatMap((state, index) => (state === 'crossed' ? [index] : []));
}

/**
 * Returns for each level whether a threshold held at it; `undefined` where that is not known. Where its alert would have
 * fired although no level crosses the limit as a whole, the level counts in which it began.
 */
export function levelStates(
  threshold: Compared,
  levels: readonly LevelSummary[],
): ('held' | 'crossed' | undefined)[] {
  const states = statesByValue(threshold, levels);
  const [first] = threshold.alerts;
  if (first === undefined || states.includes('crossed')) return states;
  const index = levels.findLastIndex(
    (level) => level.startedAt <= first.from && loads(level, threshold.target),
  );
  if (index !== -1) states[index] = 'crossed';
  return states;
}

/** Returns the first level at which a threshold was crossed, and the highest load before it at which it held. */
export function crossingOf(
  threshold: Compared,
  levels: readonly LevelSummary[],
): { readonly heldUpTo: LevelMark | null; readonly crossedFrom: LevelMark | null } {
  const states = levelStates(threshold, levels);
  const crossed = states.indexOf('crossed');
  const loadAt = (index: number): number => levels[index]!.users?.to ?? levels[index]!.rate?.to ?? 0;
  const held = states
    .slice(0, crossed === -1 ? states.length : crossed)
    .reduce((best, state, i) => (state === 'held' && (best < 0 || loadAt(i) > loadAt(best)) ? i : best), -1);

  return {
    heldUpTo: held === -1 ? null : markOf(levels, held),
    crossedFrom: crossed === -1 ? null : markOf(levels, crossed),
  };
}

/** Returns the mark of a level. */
export function markOf(levels: readonly LevelSummary[], index: number): LevelMark {
  const { users, rate, startedAt } = levels[index]!;
  return { level: index, users: users?.to ?? null, rate: rate?.to ?? null, startedAt };
}
