import type { Level, PlannedLevel } from '../run/levels.ts';
import type { LevelCounts } from '../run/run-record.ts';

/** What was counted while the plan was on one level. The last one holds the drain as well. */
export interface LevelSummary extends LevelCounts {
  /** From 0. */
  readonly stage: number;
  readonly shape: PlannedLevel['shape'];
  /** Users, or streams a second, at its start and its end; of a sine its middle. The other one is `null`. */
  readonly users: LevelRange | null;
  readonly rate: LevelRange | null;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly lastedMs: number;
  /** Further levels that this one holds as well, since very many are not kept one by one. */
  readonly furtherLevels: number;
  /** Windows of lag that ended in it, and how many of them were unreliable. */
  readonly measurementQuality: { readonly windows: number; readonly unreliable: number };
}

export interface LevelRange {
  readonly from: number;
  readonly to: number;
}

/** @internal */
export function levelSummary({
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
}: Level<LevelCounts>): LevelSummary {
  const range = { from, to };
  return {
    stage,
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
