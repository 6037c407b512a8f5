import type { LevelPoint, PointTiming, SubjectLimit } from '../analysis/level-point.ts';

const STATISTICS: readonly string[] = ['mean', 'p50', 'p95', 'p99'] satisfies (keyof PointTiming)[];

/** Returns the value at a level of what a threshold evaluates, in its unit; `null` where the level does not have it. */
export function limitValue(point: LevelPoint, { threshold }: Pick<SubjectLimit, 'threshold'>): number | null {
  if (threshold.startsWith('success')) return point.successRatio;
  const [timing = '', statistic = ''] = threshold.split('-');
  if (!Object.hasOwn(point.timings, timing) || !STATISTICS.includes(statistic)) return null;
  return point.timings[timing as keyof LevelPoint['timings']]?.[statistic as 'p95'] ?? null;
}

/** Returns whether a value crosses a limit. */
export function crosses({ crossedWhen, limit }: SubjectLimit, value: number): boolean {
  if (crossedWhen === '<') return value < limit;
  return crossedWhen === '>' ? value > limit : value >= limit;
}
