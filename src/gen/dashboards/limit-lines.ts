import { METRICS } from '../../catalog/metrics.ts';
import type { LimitGroup } from '../../promql/limit-group.ts';
import { promNumber } from '../../promql/promql.ts';
import { ALERTS, THRESHOLDS } from '../../thresholds/table.ts';
import type { Severity, Threshold } from '../../thresholds/threshold.ts';
import { type LimitSettings, limitGroups, limitText } from '../limits.ts';
import { series } from './expressions.ts';
import type { Query, Step } from './panel-spec.ts';

const COLOURS: Readonly<Record<Severity, string>> = {
  none: 'green',
  info: 'blue',
  warning: 'orange',
  critical: 'red',
};
const RANK: readonly Severity[] = ['none', 'info', 'warning', 'critical'];

/** Lines of limits in a graph. */
export interface LimitLines {
  /** Limits that all targets share: lines of the panel itself. */
  readonly steps: readonly Step[];
  /** Limits that differ between targets, drawn by queries that show the limits of `$target`. */
  readonly queries: readonly Query[];
}

/**
 * @param ids of thresholds; of two with the same limit only the more serious one is drawn
 * @param scope matchers of the selected targets
 */
export function limitLines(ids: readonly string[], settings: LimitSettings, scope: string): LimitLines {
  const steps = new Map<number, Severity>();
  const queries: Query[] = [];
  for (const threshold of ids.map(thresholdOf)) {
    const groups = limitGroups(threshold, settings);
    if (groups.length === 0) continue;
    if (groups.length === 1 && groups[0]!.matcher === '') {
      const limit = inUnitOfPanel(threshold, groups[0]!.limit);
      steps.set(limit, moreSerious(threshold.severity, steps.get(limit)));
    } else {
      queries.push({
        expr: groups.map((group) => line(threshold, group, scope)).join(' or '),
        legend: 'limit {{limit}}',
        dashed: COLOURS[threshold.severity],
      });
    }
  }
  const sorted = [...steps].sort(([a], [b]) => a - b);
  return { steps: sorted.map(([value, severity]) => ({ value, colour: COLOURS[severity] })), queries };
}

/** Returns a query with the limit as a constant where a target of the group is selected; needs no rules. */
function line(threshold: Threshold, { matcher, targets, limit }: LimitGroup, scope: string): string {
  const who =
    targets.length === 0 ? '' : ` (${targets.length > 3 ? `${targets.length} targets` : targets.join(', ')})`;
  const name = `${threshold.id} ${limitText(limit, threshold.unit)}${who}`;
  const value = `${promNumber(inUnitOfPanel(threshold, limit))} * group(${series(METRICS.desired.name, scope, matcher)})`;
  return `label_replace(${value}, "limit", "${name}", "", "")`;
}

/**
 * Returns the colours of a value from the limits that hold for all targets, since its target is unknown here. Without
 * such a limit there is no colour.
 */
export function limitColours(ids: readonly string[], settings: LimitSettings): Step[] {
  const limits = new Map<number, Severity>();
  let below = false;
  for (const threshold of ids.map(thresholdOf)) {
    below = threshold.op === '<';
    const common = limitGroups(threshold, settings).find((group) => group.targets.length === 0);
    if (common === undefined) continue;
    const limit = inUnitOfPanel(threshold, common.limit);
    limits.set(limit, moreSerious(threshold.severity, limits.get(limit)));
  }
  if (limits.size === 0) return [{ value: null, colour: 'text' }];
  const sorted = [...limits].sort(([a], [b]) => a - b);
  const colours = sorted.map(([, severity]) => COLOURS[severity]);
  // A step begins at its value. Above a limit that must not be passed it is bad, below one that must be reached.
  const levels = below ? [...colours, COLOURS.none] : [COLOURS.none, ...colours];
  return levels.map((colour, i) => ({ value: i === 0 ? null : sorted[i - 1]![0], colour }));
}

/** @returns the lowest limit of these thresholds over all targets, in the unit of a panel; none where all are off */
export function lowestLimit(ids: readonly string[], settings: LimitSettings): number | undefined {
  const limits = ids
    .map(thresholdOf)
    .flatMap((t) => limitGroups(t, settings).map((g) => inUnitOfPanel(t, g.limit)));
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** Returns whether a threshold has the limit of the table for all targets. */
export function isAsInTable(id: string, settings: LimitSettings): boolean {
  const threshold = thresholdOf(id);
  const groups = limitGroups(threshold, settings);
  return groups.length === 1 && groups[0]!.matcher === '' && groups[0]!.limit === threshold.limit;
}

function moreSerious(a: Severity, b: Severity = 'none'): Severity {
  return RANK.indexOf(a) > RANK.indexOf(b) ? a : b;
}

function thresholdOf(id: string): Threshold {
  const threshold = THRESHOLDS.find((t) => t.id === id);
  if (threshold === undefined) throw new Error(`there is no threshold ${id}`);
  return threshold;
}

function inUnitOfPanel({ unit }: Threshold, limit: number): number {
  return unit === 'ms' ? limit / 1000 : limit;
}

/** Returns the runbook's advice, for the description of a panel that shows the value of an alert. */
export function advice(alert: string): string {
  const text = ALERTS[alert];
  if (text === undefined) throw new Error(`there is no alert ${alert}`);
  return `What to do where it crosses its limit (${alert}): ${text.action}`;
}
