import type { Crossing } from '../analysis/held-load.ts';
import type { LevelPoint, Subject } from '../analysis/level-point.ts';
import { stateOf, timingOfLimit, valueAtLevel } from '../analysis/limit-at-level.ts';
import { comparison } from '../report/value-text.ts';
import { errorText, loadText, observedText, windowText } from './analysed.ts';

/** Writes where a limit is crossed: `near 2,030 users (between 2,000 users and 2,250 users)`. */
export function placeText({ held, crossed, at }: Crossing, subject: Subject): string {
  if (held === null || at === null) return `at the lowest level, ${loadText(crossed, subject)}`;
  return `near ${loadText(Math.round(at), subject)} (between ${loadText(held, subject)} and ${loadText(crossed, subject)})`;
}

/** Returns the level at which a limit is first crossed; of several of one load, the first that crosses. */
export function crossedLevel({ limit, crossed }: Crossing, { levels }: Subject): LevelPoint {
  return levels.find((l) => l.load === crossed && stateOf(limit, valueAtLevel(limit, l)) === 'crossed')!;
}

/** Writes the value that crosses a limit, with its number of observations, measurement error and time. */
export function crossedText(crossing: Crossing, subject: Subject): string {
  const { limit } = crossing;
  const level = crossedLevel(crossing, subject);
  const value = valueAtLevel(limit, level)!;
  const of = timingOfLimit(limit);
  const timing = of === undefined ? null : level.timings[of.timing];
  const error = timing === null ? '' : `, ${errorText(timing)}`;
  return `${comparison(limit, value.value)} (${observedText(value.n, of?.timing)}${error}; ${windowText(level)})`;
}
