import { iso } from '../core/clock.ts';
import type { Level } from '../run/levels.ts';
import type { LevelCounts } from '../run/run-record.ts';
import type { LevelSummary } from '../schema/level-summary.ts';
import type { StreamsSummary } from '../schema/streams-summary.ts';
import type { Stage } from '../shapes/list.ts';

/** @internal */
export function levelSummary(
  {
    model,
    stage,
    shape,
    from,
    to,
    fromAt,
    toAt,
    merged,
    windows,
    unreliable,
    counted,
    loaded,
  }: Level<LevelCounts>,
  stages: readonly Stage[],
): LevelSummary {
  const range = { from, to };
  return {
    stage,
    target: stages[stage]?.target ?? null,
    shape,
    users: model === 'closed' ? range : null,
    rate: model === 'open' ? range : null,
    startedAt: iso(fromAt),
    endedAt: iso(toAt),
    lastedMs: toAt - fromAt,
    furtherLevels: merged,
    measurementQuality: { windows, unreliable },
    loaded: loadedPart(loaded),
    ...counted,
  };
}

/** Relative difference below which a level counts as constant: the plan of a run rounds. */
const ROUNDING = 1e-9;

/** Returns the one load above 0 that a level held; `undefined` for a ramp, a sine, a pause, and a level with further ones merged. */
export function heldLoad({
  shape,
  users,
  rate,
  furtherLevels,
}: Pick<LevelSummary, 'shape' | 'users' | 'rate' | 'furtherLevels'>): number | undefined {
  const range = users ?? rate;
  if (shape !== 'hold' || range === null || furtherLevels > 0) return undefined;
  const isConstant = range.to > 0 && Math.abs(range.to - range.from) <= ROUNDING * range.to;
  return isConstant ? range.to : undefined;
}

/** Returns the level with the highest constant load, of equal loads the longest one. */
export function highestHeld(levels: readonly LevelSummary[]): LevelSummary | undefined {
  return levels
    .filter((level) => heldLoad(level) !== undefined)
    .toSorted((a, b) => heldLoad(b)! - heldLoad(a)! || b.lastedMs - a.lastedMs)[0];
}

/** Returns how many streams a level, or one of its targets, had open on average while its load lasted: a drain is left out. */
export function openMeanOf(level: LevelSummary, target?: string): number {
  const { loaded } = level;
  if (target === undefined) return loaded?.openMean ?? level.streams.openMean;
  const named = <T extends { readonly name: string }>(all: readonly T[] | undefined): T | undefined =>
    all?.find(({ name }) => name === target);
  return named(loaded?.targets)?.openMean ?? named(level.targets)?.streams.openMean ?? 0;
}

function loadedPart(loaded: Level<LevelCounts>['loaded']): LevelSummary['loaded'] {
  if (loaded === undefined) return null;
  const { toAt, durationMs, counted } = loaded;
  return {
    endedAt: iso(toAt),
    lastedMs: durationMs,
    ...loadedCounts(counted),
    targets: counted.targets.map((t) => ({ name: t.name, ...loadedCounts(t) })),
  };
}

function loadedCounts({ streams, chunks, bytes, outputTokens }: StreamsSummary) {
  const { success, failed } = streams.results;
  return { ended: success + failed, openMean: streams.openMean, chunks, bytes, outputTokens };
}
