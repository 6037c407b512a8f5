import { formatPercent } from '../core/number.ts';

/** What is left is never less than it says. */
const percentText = (share: number): string => formatPercent(share, 1);

/**
 * Writes how much of a limit is left, or by how much it is exceeded: `1.4 % left`, `3.8 % over`, `20 times the limit`. Of a
 * share that must be large, it is about the failures that the limit allows.
 * @param used share of the limit that is used, as `usedShare` returns it
 */
export function marginText(used: number): string {
  if (!Number.isFinite(used)) return 'the limit allows nothing';
  if (used === 1) return 'nothing left';
  if (used < 1) return `${percentText(1 - used)} left`;
  return used < 2 ? `${percentText(used - 1)} over` : `${Number(used.toPrecision(2))} times the limit`;
}
