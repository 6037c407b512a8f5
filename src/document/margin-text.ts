import type { SubjectLimit } from '../analysis/level-point.ts';

/** One digit after the point, rounded down: what is left is never more than it says. */
const percentText = (share: number): string => `${Math.floor(Number((share * 1000).toPrecision(12))) / 10} %`;

/**
 * Writes how much of a limit is left, or by how much it is exceeded: `1.4 % of the limit left`.
 * @param used share of the limit that is used, as `usedShare` returns it
 */
export function marginText({ crossedWhen }: Pick<SubjectLimit, 'crossedWhen'>, used: number): string {
  const what = crossedWhen === '<' ? 'what may fail' : 'the limit';
  if (!Number.isFinite(used)) return 'the limit allows nothing';
  if (used === 1) return `nothing of ${what} left`;
  if (used < 1) return `${percentText(1 - used)} of ${what} left`;
  return used < 2 ? `${percentText(used - 1)} above ${what}` : `${Number(used.toPrecision(2))} times ${what}`;
}
