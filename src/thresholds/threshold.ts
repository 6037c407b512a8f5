import type { TargetThreshold } from '../core/scenario.ts';
import { measureNamed } from './measures/list.ts';
import type { Ask } from './measures/measure.ts';

/** How bad it is. `none`: not bad at all, the alert that shows that alerting works. */
export const SEVERITIES = ['none', 'info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * In what a limit is given: `ms`; `ratio`, 0 to 1; `streams`, a whole number; `times`, how many times as fast as
 * allowed. `state` has no limit that could be set: it is so or it is not.
 */
export type ThresholdUnit = 'ms' | 'ratio' | 'streams' | 'times' | 'state';

/** What a person who is woken by an alert reads. Thresholds of one alert share it. */
export interface AlertText {
  /** What it means for users, or for the figures. */
  readonly meaning: string;
  /** What to do. */
  readonly action: string;
  /** The likeliest first. */
  readonly causes: readonly string[];
  /** In this order. */
  readonly investigate: readonly string[];
}

/**
 * One line of what is wanted. From the table of these come the alert rules, the runbook, the lines in dashboards, the
 * verdict of a run, the keys under `thresholds:` of the configuration and, where a limit is compared with a
 * histogram, an edge of it.
 */
export interface Threshold extends Ask {
  /** The name of its measure. */
  readonly metric: string;
  /** Its name in the configuration, in verdicts and as the `threshold` label. */
  readonly id: string;
  /** Name of the alert. Thresholds of one alert differ in severity, or in the label `window`. */
  readonly alert: string;
  /** Crossed when the observed value is `op` the limit. */
  readonly op: '<' | '>' | '>=';
  /** `off`: until a configuration sets one. */
  readonly limit: number | 'off';
  readonly unit: ThresholdUnit;
  /** Over which the figure is taken. */
  readonly windowMs: number;
  /** `burn`: a second window, over which the same must hold, so that it ends soon after its cause does. */
  readonly shortWindowMs?: number;
  /** How long it must be crossed before the alert fires. */
  readonly forMs: number;
  /** How long the alert goes on when it is crossed no more. */
  readonly keepFiringMs?: number;
  readonly severity: Severity;
  /** Observations in the window that are needed: fewer say nothing. 0: any number. */
  readonly minCount: number;
  /** Of each target by itself, and so with a limit that can be set for each. */
  readonly perTarget: boolean;
  /** Whether the verdict of a run rests on it, too; if not it is an alert only. */
  readonly verdict: boolean | 'where-set';
  /** Whether its alert has the label `threshold`: several of the same alert and severity can be on. */
  readonly labelled?: boolean;
  /**
   * Id of a threshold that is less serious. Where this one's limit is not set, it is never stricter than that of the
   * other, so that whoever allows more there need not know of this one.
   */
  readonly follows?: string;
  /**
   * What has happened, in one line of an alert: a template of Prometheus with `{{ $labels.target }}` and
   * `{{ $value | … }}`, in which `{limit}` and `{window}` are filled in.
   */
  readonly summary: string;
}

/** What the configuration sets for all targets (`common`) and for one (`own`). */
export interface Settings {
  readonly own: readonly TargetThreshold[];
  readonly common: readonly TargetThreshold[];
}

/** @returns the limit of a threshold for one target: its own, else that for all, else the table's; or that it is off */
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

/** @returns whether a run ends early when the threshold is crossed for the target */
export function abortsRun({ id }: Threshold, { own, common }: Settings): boolean {
  return [...own, ...common].find((t) => t.id === id && t.abort !== undefined)?.abort ?? false;
}

/** @returns whether the configuration sets a limit for it itself */
export function isSet({ id }: Threshold, { own, common }: Settings): boolean {
  return [...own, ...common].some((t) => t.id === id && typeof t.limit === 'number');
}

/** @returns whether the service evaluates it itself while a run is active: what is about streams of a target */
export function isLive({ metric, perTarget }: Threshold): boolean {
  return perTarget && measureNamed(metric).evaluator !== undefined;
}
