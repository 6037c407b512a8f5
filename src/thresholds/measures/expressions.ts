import type { LimitGroup } from '../../promql/limit-group.ts';
import { braces, indent, promNumber } from '../../promql/promql.ts';
import type { Recordings } from '../../promql/recordings.ts';

/** @returns a recorded series above a limit */
export function over(series: string, matcher: string, limit: number): string {
  return `${series}${braces(matcher)} > ${promNumber(limit)}`;
}

/** One comparison for each limit that is in use. */
export function any(groups: readonly LimitGroup[], line: (group: LimitGroup) => string): string {
  return groups.map(line).join('\nor\n');
}

/**
 * A run is active on any instance of the job.
 * @param volume what must hold besides, of the same target
 */
export function duringRun(recordings: Recordings, crossed: string, volume?: string): string {
  const lines = [`(\n${indent(crossed)}\n)`];
  if (volume !== undefined) lines.push(`and ${volume}`);
  lines.push(`and on (job) ${recordings.runActive()} == 1`);
  return lines.join('\n');
}

/** A run is active; the series are of another job. */
export function duringAnyRun(recordings: Recordings, crossed: string): string {
  return `(\n${indent(crossed)}\n)\nand on () ${recordings.runActive()} == 1`;
}

/** The limit of a threshold that is not of single targets. */
export function limitOfAll(groups: readonly LimitGroup[]): string {
  return promNumber(groups[0]!.limit);
}
