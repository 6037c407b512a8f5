import type { StreamLayout, TimingLimits } from '../catalog/slots.ts';
import type { FinishedRun } from '../core/run.ts';
import type { Config, Scenario } from '../core/scenario.ts';
import type { DriftReport } from '../drift/watch.ts';
import type { Usage } from './budget.ts';
import type { LoadDelivered } from './delivered.ts';
import type { GeneratorUse } from './generator-use.ts';
import type { MeasurementQuality } from './measurement-quality/lag-watch.ts';
import type { RunRecording } from './run-record.ts';

/** A configuration, and where what is counted under it lies. */
export interface Setup {
  readonly config: Config;
  /** Names of targets: those of the configuration in their order, behind them those of earlier ones. */
  readonly counted: readonly string[];
  /** Edges that the histograms of timings must have. */
  readonly timingLimits: TimingLimits;
  readonly layout: StreamLayout;
}

/** A run that is over, with all it counted. */
export interface RunResult extends RunRecording {
  readonly run: FinishedRun;
  /** What it was made from. */
  readonly config: Config;
  readonly scenario: Scenario;
  readonly layout: StreamLayout;
  readonly values: Float64Array;
  /** What of that was counted after the warm-up: verdict and summary are of this. */
  readonly measured: Float64Array;
  /** How long that took, ms. */
  readonly measuredMs: number;
  readonly use: GeneratorUse;
  /** What its budget counts: with the warm-up. */
  readonly usage: Usage;
  /** Names of the targets that have an objective. */
  readonly objectives: readonly string[];
  /** How much of the planned load it brought. */
  readonly delivered: LoadDelivered;
  /** How far its timings are to be trusted. */
  readonly quality: MeasurementQuality;
  /** Figures that climbed over its windows. */
  readonly drift: DriftReport;
}
