import type { TargetThreshold } from '../core/target.ts';
import type { TargetSummary } from '../schema/streams-summary.ts';
import type { Summary } from '../schema/summary.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import { THRESHOLDS, thresholdById } from '../thresholds/table.ts';
import { limitOf, type Severity } from '../thresholds/threshold.ts';
import type { SubjectLimit } from './level-point.ts';

/**
 * Limits that never decide the verdict of a run, and that a grade needs: without them a target that answers no stream at
 * all would cross nothing but a warning.
 */
const ALERTS_ONLY = ['success-rate-critical', 'duration-mean-critical'];

/** Returns the limits of the verdict for one target, and the critical limits of the same measures that only alert. */
export function limitsOfTarget(summary: Summary, target: TargetSummary): SubjectLimit[] {
  const evaluated = summary.thresholds
    .filter((t) => t.target === target.name)
    .map(({ threshold, measure, unit, crossedWhen, limit, result, observed }): SubjectLimit => {
      const severity = severityOf(thresholdById(threshold)?.severity);
      return { threshold, measure, unit, crossedWhen, limit, severity, result, observed };
    });
  return [...evaluated, ...alertLimits(summary, target)];
}

function alertLimits(summary: Summary, target: TargetSummary): SubjectLimit[] {
  return ALERTS_ONLY.flatMap((id) => {
    const limit = configuredLimit(summary, target.name, id);
    if (limit === null) return [];
    const isRatio = limit.unit === 'ratio';
    const observed = isRatio ? target.successRatio : target.successDurationMs.mean;
    const errorMs = target.successDurationMs.measurementErrorMs?.p99;
    const possible = isRatio ? 0 : (errorMs ?? observed ?? 0);
    return [{ ...limit, observed, result: resultOf({ ...limit, observed }, possible) }];
  });
}

/** Returns the limit of a threshold for a target, as its run was configured; `null`: it was off. */
export function configuredLimit(
  summary: Summary,
  target: string,
  id: string,
): Omit<SubjectLimit, 'result' | 'observed'> | null {
  const threshold = thresholdById(id)!;
  const limit = limitOf(threshold, THRESHOLDS, {
    own: setUnder(summary, `targets.${target}.thresholds.`),
    common: setUnder(summary, 'thresholds.'),
  });
  if (limit === 'off') return null;
  return {
    threshold: id,
    measure: measureNamed(threshold.metric).noun(threshold),
    unit: threshold.unit === 'ms' ? 'ms' : 'ratio',
    crossedWhen: threshold.op,
    limit,
    severity: severityOf(threshold.severity),
  };
}

/** @param possible what the observed value may be too large by */
function resultOf(
  { observed, limit, crossedWhen }: Pick<SubjectLimit, 'observed' | 'limit' | 'crossedWhen'>,
  possible: number,
): SubjectLimit['result'] {
  if (observed === null) return 'no-data';
  const crossed = (value: number): boolean => isCrossed(crossedWhen, value, limit);
  if (!crossed(observed)) return 'pass';
  return crossed(observed - possible) ? 'fail' : 'inconclusive';
}

/** Returns whether a value crosses a limit. */
export function isCrossed(when: SubjectLimit['crossedWhen'], value: number, limit: number): boolean {
  if (when === '<') return value < limit;
  return when === '>' ? value > limit : value >= limit;
}

/** Returns the limits that a configuration set, from the settings in the summary. */
function setUnder({ setup }: Summary, prefix: string): TargetThreshold[] {
  return setup.changed.flatMap(({ key, value }) => {
    if (!key.startsWith(prefix) || (typeof value !== 'number' && value !== 'off')) return [];
    return [{ id: key.slice(prefix.length), limit: value }];
  });
}

function severityOf(severity: Severity | undefined): SubjectLimit['severity'] {
  return severity === 'critical' || severity === 'warning' ? severity : 'info';
}
