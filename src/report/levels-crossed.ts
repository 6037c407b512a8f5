import type { Verdict } from '../core/run.ts';
import type { TargetSummary } from '../run/streams-summary.ts';
import type { LevelSummary } from './level-summary.ts';
import { loads } from './turns.ts';

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

/** Returns the indexes of the levels at which a threshold was crossed, as far as their values are known. */
export function levelsCrossed(
  { threshold, target, op, limit }: Pick<Verdict, 'threshold' | 'target' | 'op' | 'limit'>,
  levels: readonly LevelSummary[],
): number[] {
  return levels.flatMap((level, index) => {
    // A stream that outlasted the turn of its target says nothing of a level of another one.
    const of = loads(level, target) ? level.targets.find((t) => t.name === target) : undefined;
    const observed = of === undefined ? undefined : observedIn(threshold, of);
    if (observed === undefined || observed === null) return [];
    return (op === '<' ? observed < limit : observed > limit) ? [index] : [];
  });
}
