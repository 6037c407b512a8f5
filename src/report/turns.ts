/** Returns whether a level loads a target. Summaries before 0.3.0 know no sequences. */
import type { LevelSummary } from '../schema/level-summary.ts';
import type { SetupSummary } from '../schema/setup.ts';
export function loads({ target }: Pick<LevelSummary, 'target'>, name: string): boolean {
  return (target ?? null) === null || target === name;
}

/** Returns whether the targets of a run were loaded one after another. */
export function isSequence({ sequence }: Pick<SetupSummary, 'sequence'>): boolean {
  return (sequence ?? null) !== null;
}
