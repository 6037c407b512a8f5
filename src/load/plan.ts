import type { Scenario } from '../core/scenario.ts';
import type { StreamTarget } from '../stream/target.ts';
import type { SharedRecord } from './recorder.ts';

/** The part of a run's load that one worker carries: what has index `i` with `i mod count = index`. */
export interface Segment {
  readonly index: number;
  readonly count: number;
}

/** A scenario made ready to run: everything looked up, nothing secret left to resolve. */
export interface Plan {
  readonly runId: string;
  readonly scenario: Scenario;
  /** Targets of the configuration, in its order, so that indexes are those of the layout. */
  readonly targets: readonly StreamTarget[];
  /** Names of all targets that are counted: those of the configuration, behind them others. */
  readonly counted: readonly string[];
  readonly ttfbLimitsMs: readonly number[];
  readonly allow: readonly string[];
}

/** What a worker is started with. */
export interface WorkerPlan {
  readonly plan: Plan;
  readonly segment: Segment;
  readonly record: SharedRecord;
  /** How many workers of this segment died before it. */
  readonly life: number;
}

/**
 * @param total a whole number ≥ 0
 * @returns how much of it falls to the segment; over all segments it adds up to the total
 */
export function share(total: number, { index, count }: Segment): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0);
}
