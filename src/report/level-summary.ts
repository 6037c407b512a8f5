import type { Stage } from '../core/scenario.ts';
import type { Level, PlannedLevel } from '../run/levels.ts';
import type { LevelCounts } from '../run/run-record.ts';

/** Statistics of one level of the plan. The last level includes the drain; in a sequence that is a pause. */
export interface LevelSummary extends LevelCounts {
  /** Index of the stage, from 0. */
  readonly stage: number;
  /** The only target that the level loads, in a sequence; `null`: all targets. */
  readonly target: string | null;
  readonly shape: PlannedLevel['shape'];
  /** Users, or streams per second, at the start and end of the level; for a sine, its middle. The other one is `null`. */
  readonly users: LevelRange | null;
  readonly rate: LevelRange | null;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly lastedMs: number;
  /** Later levels merged into this one, since the number of levels is bounded. */
  readonly furtherLevels: number;
  /** Windows of lag that ended in the level, and how many of them were unreliable. */
  readonly measurementQuality: { readonly windows: number; readonly unreliable: number };
}

export interface LevelRange {
  readonly from: number;
  readonly to: number;
}

/** @internal */
export function levelSummary(
  { model, stage, shape, from, to, fromAt, toAt, merged, windows, unreliable, counted }: Level<LevelCounts>,
  stages: readonly Stage[],
): LevelSummary {
  const range = { from, to };
  return {
    stage,
    target: stages[stage]?.target ?? null,
    shape,
    users: model === 'closed' ? range : null,
    rate: model === 'open' ? range : null,
    startedAt: new Date(fromAt).toISOString(),
    endedAt: new Date(toAt).toISOString(),
    lastedMs: toAt - fromAt,
    furtherLevels: merged,
    measurementQuality: { windows, unreliable },
    ...counted,
  };
}
