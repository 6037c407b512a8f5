import { formatPercent } from '../core/number.ts';
import type { LevelSummary } from '../schema/level-summary.ts';
import type { LoadDelivered, RunTarget, ThresholdSummary } from '../schema/summary.ts';
import { heldLoad } from './level-summary.ts';
import { levelStates, markOf } from './levels-crossed.ts';
import { notLoadedText, targetReason } from './reason.ts';
import { loads } from './turns.ts';

/** Whether the limits of a target held, and up to what load. */
export type TargetStanding = Pick<
  RunTarget,
  'verdict' | 'verdictReason' | 'heldUpTo' | 'notHeldFrom' | 'heldUnknown'
>;

/** What standings are computed from. */
interface Decided {
  readonly thresholds: readonly ThresholdSummary[];
  readonly levels: readonly LevelSummary[];
  readonly loadDelivered: LoadDelivered;
}

/** Returns the standing of a target: the same for text, JSON, JUnit and Markdown. @param isLoaded whether it had load at all */
export function standingOf(
  name: string,
  { thresholds, levels, loadDelivered }: Decided,
  isLoaded = true,
): TargetStanding {
  const own = thresholds.filter((t) => t.target === name);
  const states = own.map((threshold) => levelStates(threshold, levels));
  const crossed = levels.findIndex((_, i) => states.some((of) => of[i] === 'crossed'));
  const verdict = verdictOf(own);
  return {
    verdict,
    verdictReason: isLoaded ? targetReason(own) : notLoadedText([name]),
    notHeldFrom: crossed === -1 ? null : markOf(levels, crossed),
    ...heldOf(name, levels, states, loadDelivered),
  };
}

/** Writes why levels say nothing of the load that their values belong to. */
export function undeliveredText(delivered: number): string {
  return `only ${formatPercent(delivered)} of the planned load was delivered, so the levels had less load than their numbers say`;
}

function verdictOf(own: readonly ThresholdSummary[]): TargetStanding['verdict'] {
  if (own.some((t) => t.result === 'fail')) return 'fail';
  return own.length > 0 && own.every((t) => t.result === 'pass') ? 'pass' : 'inconclusive';
}

function heldOf(
  name: string,
  levels: readonly LevelSummary[],
  states: readonly (readonly ('held' | 'crossed' | undefined)[])[],
  { ratio, required }: LoadDelivered,
): Pick<TargetStanding, 'heldUpTo' | 'heldUnknown'> {
  const unknown = (heldUnknown: string) => ({ heldUpTo: null, heldUnknown });
  const held = levels.flatMap((level, index) => {
    const load = loads(level, name) ? heldLoad(level) : undefined;
    return load === undefined ? [] : [{ load, index }];
  });
  if (held.length === 0) return unknown('no level of constant load was held');
  if (ratio !== null && ratio < required) return unknown(undeliveredText(ratio));
  const known = states.filter((of) => of.some((state) => state !== undefined));
  if (known.length === 0) return unknown('no limit was evaluated whose value is known by level');
  const groups = [...Map.groupBy(held, (h) => h.load)].toSorted(([a], [b]) => a - b);
  const end = groups.findIndex(([, same]) =>
    same.some(({ index }) => known.some((of) => of[index] !== 'held')),
  );
  const last = groups[(end === -1 ? groups.length : end) - 1];
  return { heldUpTo: last === undefined ? null : markOf(levels, last[1][0]!.index), heldUnknown: null };
}
