import type { FinishedRun } from '../core/run.ts';
import { SIGNALS, type SignalId, type SignalUnit } from '../drift/signals.ts';
import { driftText, periodicText } from '../drift/text.ts';
import type { DriftReport } from '../drift/watch.ts';

/** Trends of series under steady load. */
export interface DriftSummary {
  /**
   * Signals with a result, and signals without enough data: less than ten minutes after the warm-up, too few windows of
   * one steady load, or, for the memory of soakd, fewer than two major garbage collections in each thread.
   */
  readonly evaluated: number;
  readonly notEvaluated: number;
  readonly found: readonly DriftResult[];
  /** Periodic series without a trend. */
  readonly periodic: readonly {
    readonly signal: SignalId;
    readonly target: string | null;
    readonly periodMs: number;
    readonly text: string;
  }[];
}

/** A series with an upward trend. Values are in its unit: ms, a ratio from 0 to 1, bytes. */
export interface DriftResult {
  readonly signal: SignalId;
  /** Name of the target; `null`: soakd itself. */
  readonly target: string | null;
  readonly unit: SignalUnit;
  /** `trend`: a steady increase; `staircase`: an increase in several steps; `step`: one step. */
  readonly kind: 'trend' | 'staircase' | 'step';
  /** 0 for a single step. */
  readonly slopePerHour: number;
  /** 95 % confidence interval of the slope. */
  readonly interval: readonly [low: number, high: number];
  /** Start of the first window that shows the trend, ISO 8601. */
  readonly since: string;
  /** Value at the end of the run. */
  readonly level: number;
  readonly limit: number | null;
  /** Time from the end of the run until the limit at this slope; `null` without a limit or a slope. */
  readonly reachesLimitInMs: number | null;
  /** Number of windows. */
  readonly windows: number;
  /** All of it in one sentence. */
  readonly text: string;
}

/** @internal Only the types of this file are declared in the package. */
export function driftSummary(
  { drifts, periodic, evaluated, notEvaluated }: DriftReport,
  { startedAt, startMs }: Pick<FinishedRun, 'startedAt' | 'startMs'>,
): DriftSummary {
  return {
    evaluated: evaluated,
    notEvaluated: notEvaluated,
    found: drifts.map((drift) => ({
      signal: drift.signal,
      target: drift.target,
      unit: SIGNALS[drift.signal].unit,
      kind: drift.kind,
      slopePerHour: drift.slopePerHour,
      interval: drift.interval,
      since: new Date(startedAt + Math.max(0, drift.sinceMs - startMs)).toISOString(),
      level: drift.level,
      limit: drift.limit,
      reachesLimitInMs: drift.reachesLimitInHours === null ? null : drift.reachesLimitInHours * 3_600_000,
      windows: drift.n,
      text: driftText(drift),
    })),
    periodic: periodic.map((periodic) => ({ ...periodic, text: periodicText(periodic) })),
  };
}
