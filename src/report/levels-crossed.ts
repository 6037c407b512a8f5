import type { TargetSummary } from '../run/streams-summary.ts';
import type { LevelSummary } from './level-summary.ts';
import { levelText } from './table.ts';
import type { ThresholdSummary } from './threshold-summary.ts';

const TIMINGS: Readonly<Record<string, keyof TargetSummary & `${string}Ms`>> = {
  connect: 'connectMs',
  headers: 'headersMs',
  ttfb: 'ttfbMs',
  ttft: 'ttftMs',
  gap: 'gapMs',
  tpot: 'tpotMs',
  effective: 'effectiveDurationMs',
};

/** Returns what a threshold looks at, of one target at one level; `undefined` where the summary of a level has none. */
function observedIn(threshold: string, target: TargetSummary): number | null | undefined {
  if (threshold.startsWith('success-rate')) return target.successRatio;
  const [, timing = '', statistic = ''] = /^(\w+)-(mean|p50|p95|p99|max)$/.exec(threshold) ?? [];
  const key = TIMINGS[timing];
  if (key === undefined) return undefined;
  return target[key][statistic as 'mean' | 'p50' | 'p95' | 'p99' | 'max'];
}

/**
 * Returns at which levels a failed threshold was crossed: "; held up to 20 users, crossed from 40 users on". Nothing where
 * there is one level, or its values by level are not known.
 */
export function levelsCrossed(
  { threshold, target, result, op, limit }: ThresholdSummary,
  levels: readonly LevelSummary[],
): string {
  if (result !== 'fail' || levels.length < 2) return '';
  const known = levels.flatMap((level) => {
    const of = level.targets.find((t) => t.name === target);
    const observed = of === undefined ? undefined : observedIn(threshold, of);
    if (observed === undefined || observed === null) return [];
    return { level, crossed: op === '<' ? observed < limit : observed > limit };
  });
  const first = known.findIndex((k) => k.crossed);
  if (first < 0) return '';
  const load = ({ level }: (typeof known)[number]): string =>
    `${levelText(level)} ${level.rate === null ? 'users' : 'streams a second'}`;
  if (known.every((k) => k.crossed)) return '; at every level';
  if (first > 0 && known.slice(first).every((k) => k.crossed))
    return `; held up to ${load(known[first - 1]!)}, crossed from ${load(known[first]!)} on`;
  const some = known.filter((k) => k.crossed);
  return `; crossed at ${some.slice(0, 5).map(load).join(', ')}${some.length > 5 ? ', …' : ''}`;
}
