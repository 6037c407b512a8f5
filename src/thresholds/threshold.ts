import type { TargetThreshold } from '../core/target.ts';
import { measureNamed } from './measures/list.ts';
import type { Ask } from './measures/measure.ts';

/** Severity of an alert. `none`: the Watchdog, which shows that alerting works. */
export const SEVERITIES = ['none', 'info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * Unit of a limit: `ms`; `ratio`, 0 to 1; `streams`, a whole number; `times`, how many times as fast as allowed.
 * `state`: a condition without a limit, which holds or does not.
 */
export type ThresholdUnit = 'ms' | 'ratio' | 'streams' | 'times' | 'state';

/** Runbook text of an alert. All thresholds of the alert share it. */
export interface AlertText {
  /** What it means for users, or for the measurement. */
  readonly meaning: string;
  /** What to do. */
  readonly action: string;
  /** The likeliest first. */
  readonly causes: readonly string[];
  /** In this order. */
  readonly investigate: readonly string[];
}

/**
 * A row of the table of thresholds. The table is the source of the alert rules, the runbook, the lines in dashboards,
 * the verdict of a run, the keys under `thresholds:` of the configuration and, for a limit on a histogram, of one of its
 * edges.
 */
export interface Threshold extends Ask {
  /** The name of its measure. */
  readonly metric: string;
  /** Name in the configuration, in verdicts and in the `threshold` label. */
  readonly id: string;
  /** Name of the alert. Thresholds of one alert differ in severity, or in the label `window`. */
  readonly alert: string;
  /** Crossed when the observed value is `op` the limit. */
  readonly op: '<' | '>' | '>=';
  /** `off`: no limit until a configuration sets one. */
  readonly limit: number | 'off';
  readonly unit: ThresholdUnit;
  /** Window of the measure, ms. */
  readonly windowMs: number;
  /** `burn`: second window over which the same must hold, so that the alert ends soon after its cause, ms. */
  readonly shortWindowMs?: number;
  /** Time that it must be crossed before the alert fires, ms. */
  readonly forMs: number;
  /** Time that the alert keeps firing after the threshold is no longer crossed, ms. */
  readonly keepFiringMs?: number;
  readonly severity: Severity;
  /** Observations that the window needs; with fewer there is no data. 0: any number. */
  readonly minCount: number;
  /** Whether each target is evaluated by itself and can have its own limit. */
  readonly perTarget: boolean;
  /** Whether it counts for the verdict of a run; else it is an alert only. */
  readonly verdict: boolean | 'where-set';
  /** Whether its alert has the label `threshold`, since several thresholds share alert and severity. */
  readonly labelled?: boolean;
  /**
   * Id of a less serious threshold. A default limit is never stricter than the limit of that threshold, so that a
   * configuration which relaxes that one need not set both.
   */
  readonly follows?: string;
  /**
   * Summary line of the alert: a template of Prometheus with `{{ $labels.target }}` and
   * `{{ $value | … }}`; `{limit}` and `{window}` are filled in.
   */
  readonly summary: string;
}

/** What the configuration sets for all targets (`common`) and for one (`own`). */
export interface Settings {
  readonly own: readonly TargetThreshold[];
  readonly common: readonly TargetThreshold[];
}

/** Returns the limit of a threshold for one target: its own, else that for all targets, else the table's. */
export function limitOf(
  threshold: Threshold,
  table: readonly Threshold[],
  { own, common }: Settings,
): number | 'off' {
  const set = [...own, ...common].find((t) => t.id === threshold.id && t.limit !== undefined);
  if (set?.limit !== undefined) return set.limit;
  const leader = table.find((t) => t.id === threshold.follows);
  if (leader === undefined) return threshold.limit;
  const other = limitOf(leader, table, { own, common });
  if (other === 'off' || threshold.limit === 'off') return threshold.limit;
  return threshold.op === '<' ? Math.min(threshold.limit, other) : Math.max(threshold.limit, other);
}

/** Returns whether a run ends early when the threshold is crossed for the target. */
export function abortsRun({ id }: Threshold, { own, common }: Settings): boolean {
  return [...own, ...common].find((t) => t.id === id && t.abort !== undefined)?.abort ?? false;
}

/** Returns whether the configuration sets a limit for the threshold. */
export function isSet({ id }: Threshold, { own, common }: Settings): boolean {
  return [...own, ...common].some((t) => t.id === id && typeof t.limit === 'number');
}

/** Returns whether soakd evaluates the threshold during a run: those about the streams of a target. */
export function isLive({ metric, perTarget }: Threshold): boolean {
  return perTarget && measureNamed(metric).evaluator !== undefined;
}
