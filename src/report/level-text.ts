import { formatCount as number } from '../core/number.ts';
import type { LevelSummary } from '../schema/level-summary.ts';

/** Returns the load of a level: "1 000", "0 to 1 000", "about 500". */
export function levelText({ users, rate, shape, furtherLevels }: LevelSummary): string {
  const { from, to } = users ?? rate ?? { from: 0, to: 0 };
  const load = (n: number): string => (users === null ? String(Number(n.toPrecision(4))) : number(n));
  const more = furtherLevels > 0 ? ' and later levels' : '';
  if (shape === 'pause') return `paused${more}`;
  if (shape === 'ramp') return `${load(from)} to ${load(to)}${more}`;
  return `${shape === 'sine' ? 'about ' : ''}${load(to)}${more}`;
}

/** Returns the load of a level with its unit: "10 users", "paused". */
export function levelLoad(level: LevelSummary): string {
  const text = levelText(level);
  if (level.shape === 'pause') return text;
  return `${text} ${level.rate === null ? 'users' : 'streams a second'}`;
}
