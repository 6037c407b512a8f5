import type { Stage } from './scenario.ts';

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
