import type { RunEvent } from './control.ts';

/** The result of a threshold, or of a whole run. */
export const THRESHOLD_RESULTS = ['pass', 'fail', 'inconclusive', 'no-data'] as const;
export type ThresholdResult = (typeof THRESHOLD_RESULTS)[number];

/**
 * A time in which a threshold was crossed for as long as its alert requires. Calendar times, ms since 1970.
 */
export interface CrossedTime {
  /** When it was first crossed, before the waiting time. */
  readonly fromAt: number;
  /** When it no longer was; absent where the run ended with it. */
  readonly toAt?: number;
  /** The furthest its window went, in the threshold's unit; of percentiles, the share above the limit. */
  readonly worst: number;
}

/** One threshold evaluated for one target. */
export interface Verdict {
  readonly threshold: string;
  readonly target: string;
  readonly result: ThresholdResult;
  /** ms or a ratio, as the threshold's unit; absent without data. */
  readonly observed?: number;
  readonly limit: number;
  readonly unit: 'ms' | 'ratio';
  /** Crossed when the observed value is below the limit, or above it. */
  readonly op: '<' | '>' | '>=';
  /** Observations it rests on, and how many it needs. */
  readonly count: number;
  readonly required: number;
  /** When its alert would have fired: its window was crossed for as long as it requires. */
  readonly crossed: readonly CrossedTime[];
}

export const RUN_VERDICTS = ['pass', 'fail', 'inconclusive', 'aborted'] as const;
export type RunVerdict = (typeof RUN_VERDICTS)[number];

/** Grace period of open streams after a stop, ms. */
export const GRACE_MS = 8000;

/** Why a run ended. */
export const RUN_REASONS = [
  /** Its planned time is over, and all streams have drained. */
  'completed',
  /** Its budget is spent, and all streams have drained. */
  'budget_spent',
  /** It has a budget of cost, and a target whose first complete stream reported no usage. */
  'usage_not_reported',
  /** A threshold that ends runs was crossed. */
  'threshold_crossed',
  /** A call stopped it. */
  'stopped',
  /** A signal ended the process. */
  'interrupted',
  /** A target's name now points outside the allowlist. */
  'target_not_allowed',
  /** Engine threads died in a crash loop. */
  'worker_died',
  /** Its process ended without finishing it, and it was not resumed. */
  'process_died',
] as const;
export type RunReason = (typeof RUN_REASONS)[number];

/** Time in which no process carried out the run. Calendar times, ms since 1970. */
export interface RunGap {
  readonly fromAt: number;
  readonly toAt: number;
  /** Streams that were open at its start. */
  readonly lost: number;
}

interface RunFacts {
  readonly id: string;
  readonly scenario: string;
  /** Calendar times, ms since 1970. While it is paused the planned end moves on. */
  readonly startedAt: number;
  readonly plannedEndAt: number;
  /** Monotonic, ms (`process.hrtime`). */
  readonly startMs: number;
  /** Planned, with the pauses it had and all that was changed by now. */
  readonly durationMs: number;
  readonly stages: number;
  /** Gaps in the run, the oldest first. The plan is paused in them. */
  readonly gaps: readonly RunGap[];
  /** Changes of the run, the oldest first; only the latest ones if there are very many. */
  readonly events: readonly RunEvent[];
}

/** Where a run is in its plan. */
interface RunPlace {
  /** From 0. */
  readonly stage: number;
  /** The only target that the stage loads; absent: all. */
  readonly turn?: string;
}

export type Run = RunFacts &
  (
    | ({ readonly state: 'running' } & RunPlace)
    /** No new starts; open streams finish, and the plan later continues from here. */
    | ({ readonly state: 'paused' } & RunPlace)
    /** No new starts; open streams get a grace period. `stage` is the last one, counted from 0. */
    | ({
        readonly state: 'draining';
        readonly why: RunReason;
        /** Latest end of the last open stream. Monotonic, ms. */
        readonly drainedByMs: number;
      } & RunPlace)
    | {
        readonly state: 'finished';
        readonly endedAt: number;
        readonly reason: RunReason;
        readonly verdict: RunVerdict;
        readonly verdicts: readonly Verdict[];
      }
  );

export type FinishedRun = Extract<Run, { state: 'finished' }>;

/** Returns the length of all gaps, ms. */
export function gapsMs(gaps: readonly RunGap[]): number {
  return gaps.reduce((sum, { fromAt, toAt }) => sum + toAt - fromAt, 0);
}

/** A default limit of a target that had no data for it. */
export type Unevaluated = Pick<
  Verdict,
  'threshold' | 'target' | 'limit' | 'unit' | 'op' | 'count' | 'required'
>;
