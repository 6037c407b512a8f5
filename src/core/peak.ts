import type { Scenario, Stage } from './scenario.ts';

/** The highest level that a stage reaches: virtual users, or streams a second. */
export function peakOf(s: Stage): number {
  switch (s.shape) {
    case 'hold':
      return s.level;
    case 'ramp':
      return Math.max(s.from, s.to);
    case 'steps':
      return Math.max(...s.levels);
    case 'spike':
      return Math.max(s.base, s.peak);
    case 'sine':
      return s.max;
  }
}

/** @returns the most streams that a scenario may have open at a time */
export function mostUsersOf({ model, stages }: Pick<Scenario, 'model' | 'stages'>): number {
  return model.kind === 'open' ? model.maxUsers : Math.max(...stages.map(peakOf));
}
