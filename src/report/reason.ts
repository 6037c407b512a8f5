import { formatPercent } from '../core/number.ts';
import type { RunReason, RunVerdict } from '../core/run.ts';
import type { LoadDelivered, ThresholdSummary } from '../schema/summary.ts';
import { comparison, cut, valueText } from './value-text.ts';

/** End reasons as text. */
export const END_REASONS: Readonly<Record<RunReason, string>> = {
  completed: 'the plan was carried out',
  budget_spent: 'its budget was used up',
  usage_not_reported: 'a target reports no usage, which the cost budget needs',
  threshold_crossed: 'a threshold with abort was crossed',
  stopped: 'stopped through the API',
  interrupted: 'interrupted by a signal',
  target_not_allowed: 'a target resolved to an address outside the allowlist',
  worker_died: 'an engine thread died repeatedly',
  process_died: 'soakd ended before the run did',
};

/** Maximum length, to fit beside the verdict in a line of 110 columns. */
const COLUMNS = 90;
const NAME_COLUMNS = 28;

const clip = (name: string): string => cut(name, NAME_COLUMNS);

interface Decided {
  readonly verdict: RunVerdict;
  readonly endReason: RunReason;
  readonly thresholds: readonly ThresholdSummary[];
  readonly loadDelivered: LoadDelivered;
  /** Targets of a sequence whose turn did not come. */
  readonly notLoaded?: readonly string[];
}

/** Returns the reason for the verdict in at most 90 columns: "TTFB p95 4.1s > 2.5s on gunicorn". */
export function verdictReason(summary: Decided): string {
  return cut(reasonOf(summary), COLUMNS);
}

function reasonOf({ verdict, endReason, thresholds, loadDelivered, notLoaded = [] }: Decided): string {
  const of = (result: ThresholdSummary['result']) => thresholds.filter((t) => t.result === result);
  const first = (all: readonly ThresholdSummary[]): string => thresholdText(all[0]!) + othersText(all);
  const failed = worstFirst(of('fail'));
  if (verdict === 'aborted') return END_REASONS[endReason];
  if (verdict === 'fail') return failed.length === 0 ? END_REASONS[endReason] : first(failed);
  if (verdict === 'pass') return allHold(thresholds);
  const unsure = of('inconclusive');
  if (unsure.length > 0) return first(unsure);
  const missing = of('no-data');
  if (missing.length > 0) return first(missing);
  if (notLoaded.length > 0) return notLoadedText(notLoaded);
  const { ratio } = loadDelivered;
  return thresholds.length === 0 || ratio === null
    ? 'no limit has data'
    : `${formatPercent(ratio)} of the planned load was delivered`;
}

function allHold({ length }: readonly ThresholdSummary[]): string {
  return length === 1 ? 'the one limit holds' : `all ${length} limits hold`;
}

/** Returns the reason for the verdict of one target. @param own its thresholds */
export function targetReason(own: readonly ThresholdSummary[]): string {
  for (const result of ['fail', 'inconclusive', 'no-data'] as const) {
    const of = worstFirst(own.filter((t) => t.result === result));
    if (of.length > 0) return thresholdText(of[0]!) + othersText(of);
  }
  return own.length === 0 ? 'no limit has data' : allHold(own);
}

/** Says whose turn did not come. */
export function notLoadedText(names: readonly string[]): string {
  const [first, ...rest] = names;
  const more = rest.length === 0 ? '' : ` and ${rest.length} more`;
  return `${clip(first!)}${more} had no load: the run ended before ${rest.length === 0 ? 'its turn' : 'their turns'}`;
}

/** Maximum of further targets to name. */
const MAX_OTHERS = 2;

/** Returns the other failed targets; for one target, the number of other crossed limits. */
function othersText([first, ...rest]: readonly ThresholdSummary[]): string {
  const others = [...new Set(rest.map((t) => t.target))].filter((name) => name !== first!.target);
  if (others.length === 0) return rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  const named = others.slice(0, MAX_OTHERS).map((name) => cut(name, 16));
  if (others.length > MAX_OTHERS) named.push(`${others.length - MAX_OTHERS} more`);
  return `; also failed: ${named.join(', ')}`;
}

/** Puts targets that fail to answer before those that are slow, and the worst of them first. */
export function worstFirst(thresholds: readonly ThresholdSummary[]): ThresholdSummary[] {
  const rank = ({ unit, crossedWhen, observed }: ThresholdSummary): number =>
    unit === 'ratio' && crossedWhen === '<' ? (observed ?? 0) : 2;
  return [...thresholds].sort((a, b) => rank(a) - rank(b));
}

/** Returns the result of one threshold in a sentence; on a pass, its value and limit. */
export function thresholdText(threshold: ThresholdSummary): string {
  const { measure, target, result, observed, count, required, limit, unit, crossedWhen } = threshold;
  const where = `on ${clip(target)}`;
  if (observed === null || result === 'no-data') {
    const found = `${count} ${count === 1 ? 'observation' : 'observations'}, but the limit needs ${required}`;
    return `no data for ${measure} ${where}: ${count === 0 ? 'nothing was observed' : found}`;
  }
  const value = `${measure} ${comparison(threshold, observed)}`;
  if (result === 'inconclusive') return `${value} ${where} is within the measurement error`;
  if (result === 'pass') {
    const least = crossedWhen === '<' ? 'at least' : 'at most';
    return `${measure} ${valueText(observed, unit)} ${where}, ${least} ${valueText(limit, unit)}`;
  }
  return crosses(threshold, observed) ? `${value} ${where}` : crossedText(threshold, where);
}

function crosses({ crossedWhen, limit }: ThresholdSummary, observed: number): boolean {
  if (crossedWhen === '<') return observed < limit;
  return crossedWhen === '>' ? observed > limit : observed >= limit;
}

/** A limit can be crossed for as long as its alert requires and still hold over the whole run. */
function crossedText({ measure, crossedWhen, limit, unit, alerts }: ThresholdSummary, where: string): string {
  const times = alerts.length === 1 ? 'once' : `${alerts.length} times`;
  return `${measure} ${crossedWhen} ${valueText(limit, unit)} ${where} long enough to fire its alert, ${times}`;
}
