import type { LevelPoint } from './level-point.ts';

/** All levels of one load. A load that was held twice has to hold twice. */
export interface LoadGroup {
  readonly load: number;
  readonly levels: readonly LevelPoint[];
}

/** Returns the levels by load, the lowest first. */
export function groupsOf(levels: readonly LevelPoint[]): LoadGroup[] {
  return [...Map.groupBy(levels, (l) => l.load)]
    .map(([load, same]) => ({ load, levels: same }))
    .toSorted((a, b) => a.load - b.load);
}
