import type { HeldLoad } from './held-load.ts';

/** The load that a report recommends: all limits hold there with a margin of 20 %, and at every smaller level. */
export interface RecommendedLoad {
  /** `null`: no level has that margin. */
  readonly load: number | null;
  /** Whether it is the highest load that was tried, so that more may be recommended after a larger run. */
  readonly isAtLeast: boolean;
}

/**
 * Returns the recommended load: the only place that decides it. Targets that share the load of a plan have one, that of
 * the weakest.
 * @param held of each target whose limits have values by level
 * @returns `null`: not known of any target
 */
export function recommendedLoad(held: readonly HeldLoad[]): RecommendedLoad | null {
  if (held.length === 0) return null;
  const weakest = held.reduce((a, b) => ((b.conservative ?? 0) < (a.conservative ?? 0) ? b : a));
  return { load: weakest.conservative, isAtLeast: weakest.isConservativeAtLeast };
}
