import type { StreamLayout, TimingLimits } from '../catalog/slots.ts';
import type { FinishedRun, Unevaluated } from '../core/run.ts';
import type { Config, Scenario } from '../core/scenario.ts';
import type { DriftReport } from '../drift/watch.ts';
import type { LoadDelivered, MeasurementQuality, Usage } from '../schema/summary.ts';
import type { GeneratorUse } from './generator-use.ts';
import type { RunRecording } from './run-record.ts';

/** A configuration and the layout of its counters. */
export interface Setup {
  readonly config: Config;
  /** Names of targets: those of the configuration in their order, then those of earlier configurations. */
  readonly counted: readonly string[];
  /** Edges that the histograms of timings must have. */
  readonly timingLimits: TimingLimits;
  readonly layout: StreamLayout;
}

/** A finished run with everything it counted. */
export interface RunResult extends RunRecording {
  readonly run: FinishedRun;
  /** Configuration at its start. */
  readonly config: Config;
  readonly scenario: Scenario;
  readonly layout: StreamLayout;
  readonly values: Float64Array;
  /** The part of `values` after the warm-up; basis of verdict and summary. */
  readonly measured: Float64Array;
  /** Duration after the warm-up, ms. */
  readonly measuredMs: number;
  readonly use: GeneratorUse;
  /** Usage of its budget, with the warm-up. */
  readonly usage: Usage;
  /** Names of the targets that have an objective. */
  readonly objectives: readonly string[];
  /** Delivered part of the planned load. */
  readonly delivered: LoadDelivered;
  /** Default limits that are no verdicts, since their target had no data for them. */
  readonly notEvaluated: readonly Unevaluated[];
  readonly quality: MeasurementQuality;
  /** Signals with an upward trend, and periodic ones. */
  readonly drift: DriftReport;
}
