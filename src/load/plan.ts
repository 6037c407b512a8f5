import type { TimingLimits } from '../catalog/slots.ts';
import type { Scenario } from '../core/scenario.ts';
import type { Transport } from '../core/target.ts';
import type { ReadyTarget } from '../target/ready-target.ts';
import type { SharedRecord } from './recorder.ts';

/** The part of a run's load that one worker carries: users or arrivals `i` with `i mod count = index`. */
export interface Segment {
  readonly index: number;
  readonly count: number;
}

/** A scenario that is ready to run: names looked up, secrets resolved. */
export interface Plan {
  readonly runId: string;
  readonly scenario: Scenario;
  /** Targets of the configuration, in its order, so that indexes are those of the layout. */
  readonly targets: readonly ReadyTarget[];
  /** Names of all targets that are counted: those of the configuration, behind them others. */
  readonly counted: readonly string[];
  readonly timingLimits: TimingLimits;
  readonly allow: readonly string[];
}

/** `workerData` of a worker. */
export interface WorkerPlan {
  readonly plan: Plan;
  readonly segment: Segment;
  readonly record: SharedRecord;
  /** Port of the canary's server on loopback; absent where there is none. */
  readonly canaryPort?: number;
  /** How streams of each target end, as learned, by its index: 0 unknown, 1 in `[DONE]`, 2 in any event. */
  readonly learned: Int32Array;
  /** How many workers of this segment died before it. */
  readonly life: number;
}

/** @returns what carries the streams of a plan */
export function transportsOf({ scenario, targets }: Plan): Set<Transport> {
  const used = new Set(scenario.targets.map(({ name }) => name));
  return new Set(targets.filter(({ name }) => used.has(name)).map(({ route }) => route.transport));
}

/**
 * @param total a whole number ≥ 0
 * @returns how much of it falls to the segment; over all segments it adds up to the total
 */
export function share(total: number, { index, count }: Segment): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0);
}
