import type { SubjectLimit } from '../analysis/level-point.ts';
import { shareText } from './text.ts';

/**
 * Writes how much of a limit is left, or by how much it is exceeded: `1.4 % of the limit left`.
 * @param used share of the limit that is used, as `usedShare` returns it
 */
export function marginText({ crossedWhen }: Pick<SubjectLimit, 'crossedWhen'>, used: number): string {
  const what = crossedWhen === '<' ? 'what may fail' : 'the limit';
  if (!Number.isFinite(used)) return 'the limit allows nothing';
  if (used === 1) return `nothing of ${what} left`;
  return used < 1
    ? `${shareText(1 - used)} of ${what} left`
    : `${shareText(used - 1)} more than ${what === 'the limit' ? what : 'may fail'}`;
}
