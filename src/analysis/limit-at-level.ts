import { timingRecord } from '../measures/list.ts';
import type { LevelPoint, PointTiming, PointTimings, SubjectLimit } from './level-point.ts';
import { isCrossed } from './subject-limits.ts';

/** Value of a limit's measure at one level, with the bounds of the true value. In the unit of the limit. */
export interface LevelValue {
  readonly value: number;
  /** Equal to `value` where soakd's own lag does not matter, and in a table that states no measurement error. */
  readonly low: number;
  readonly high: number;
  /** Number of observations; `null`: not known. */
  readonly n: number | null;
  /** Whether soakd's own lag is not known, so that the bounds say nothing of the measurement. Absent: it is known, or does not matter. */
  readonly isErrorUnknown?: true;
}

/** State of a limit at a level. `inconclusive`: the limit lies within the measurement error. `unknown`: no value. */
export type LimitState = 'held' | 'crossed' | 'inconclusive' | 'unknown';

/** Share of a limit that may be used up where a margin is asked for: 20 % are left. */
export const MARGIN_USE = 0.8;

type Statistic = 'mean' | 'p50' | 'p95' | 'p99';

/** Returns the timing and the statistic of a limit; `undefined` for one that a level has no value of. */
export function timingOfLimit({
  threshold,
}: Pick<SubjectLimit, 'threshold'>):
  | { readonly timing: keyof PointTimings; readonly statistic: Statistic }
  | undefined {
  const pattern = /^(connect|headers|ttfb|ttft|gap|tpot|duration)-(mean|p50|p95|p99)(?:-critical)?$/;
  const [, timing, statistic] = pattern.exec(threshold) ?? [];
  return timing === undefined
    ? undefined
    : { timing: timing as keyof PointTimings, statistic: statistic as Statistic };
}

/** Returns whether lag can make the timing of a limit too short as well as too long: a time between two reads. */
export function isEitherWay(limit: Pick<SubjectLimit, 'threshold'>): boolean {
  const of = timingOfLimit(limit);
  return of !== undefined && timingRecord(of.timing).eitherWay === true;
}

/** Returns whether a limit is about the share of streams that succeed. */
export function isSuccessLimit({ threshold }: Pick<SubjectLimit, 'threshold'>): boolean {
  return /^success-(rate|objective)/.test(threshold);
}

/** Returns whether levels have a value of the limit's measure. */
export function hasLevelValues(limit: Pick<SubjectLimit, 'threshold'>): boolean {
  return isSuccessLimit(limit) || timingOfLimit(limit) !== undefined;
}

/** Returns the value of a limit's measure at a level; `null`: not known. */
export function valueAtLevel(limit: Pick<SubjectLimit, 'threshold'>, level: LevelPoint): LevelValue | null {
  if (isSuccessLimit(limit)) {
    const { successRatio: value, streams: n } = level;
    return value === null ? null : { value, low: value, high: value, n };
  }
  const of = timingOfLimit(limit);
  const timing = of === undefined ? null : level.timings[of.timing];
  const value = of === undefined ? null : (timing?.[of.statistic] ?? null);
  if (of === undefined || timing === null || value === null) return null;
  const error = errorOf(timing, level, value);
  return {
    value,
    low: value - error,
    high: isEitherWay(limit) ? value + error : value,
    n: timing.n,
    ...(timing.errorMs === null ? { isErrorUnknown: true } : {}),
  };
}

/** A level of a run whose lag is unknown may have been late by all of it; a table without times is taken as written. */
function errorOf({ errorMs }: PointTiming, { fromAt }: LevelPoint, value: number): number {
  return Math.min(value, errorMs ?? (fromAt === null ? 0 : value));
}

/** Returns the state of a limit for a value. @param use share of the limit that may be used, 1 or less */
export function stateOf(
  limit: Pick<SubjectLimit, 'crossedWhen' | 'limit'>,
  value: LevelValue | null,
  use = 1,
): LimitState {
  if (value === null) return 'unknown';
  const bound = usedLimit(limit, use);
  const crossed = [value.low, value.high].map((v) => isCrossed(limit.crossedWhen, v, bound));
  if (crossed.every((c) => !c)) return 'held';
  return crossed.every((c) => c) ? 'crossed' : 'inconclusive';
}

/** Of a ratio that must be large, the allowed failures are what is used: 80 % of 1 % leaves a limit of 99.2 %. */
function usedLimit({ crossedWhen, limit }: Pick<SubjectLimit, 'crossedWhen' | 'limit'>, use: number): number {
  if (use === 1) return limit;
  return crossedWhen === '<' ? 1 - use * (1 - limit) : use * limit;
}

/**
 * Returns the share of a limit that a value uses, 0 or more; of ratios that must be large, the share of what may fail. What is
 * left is the margin. Infinite where the limit allows nothing and something is used.
 */
export function usedShare(
  { crossedWhen, limit }: Pick<SubjectLimit, 'crossedWhen' | 'limit'>,
  value: number,
): number {
  const [used, allowed] = crossedWhen === '<' ? [1 - value, 1 - limit] : [value, limit];
  return used <= 0 ? 0 : used / allowed;
}

/** Returns the state of several limits together: crossed by one is crossed, and held needs a value of each. */
export function worstState(states: readonly LimitState[]): LimitState {
  if (states.includes('crossed')) return 'crossed';
  if (states.includes('inconclusive')) return 'inconclusive';
  return states.length === 0 || states.includes('unknown') ? 'unknown' : 'held';
}
