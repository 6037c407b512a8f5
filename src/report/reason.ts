import { formatDuration } from '../core/duration.ts';
import { formatPercent } from '../core/percent.ts';
import type { RunReason, Verdict } from '../core/run.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import { thresholdById } from '../thresholds/table.ts';
import type { Summary } from './summary.ts';

/** Why a run ended, as a person reads it. */
export const REASONS: Readonly<Record<RunReason, string>> = {
  completed: 'the plan was carried out',
  budget_spent: 'its budget was used up',
  usage_not_reported: 'a target reports no usage, which its budget of cost counts',
  threshold_crossed: 'a threshold with abort was crossed',
  stopped: 'stopped by a call',
  interrupted: 'interrupted by a signal',
  target_not_allowed: 'a target came to point outside the allowlist',
  worker_died: 'an engine thread died repeatedly',
};

/** Beside the verdict in a line of 110. */
const COLUMNS = 80;
const NAME_COLUMNS = 28;

/** Returns what decided the verdict, in at most 80 columns: "TTFB p95 4.1s > 2.5s on gunicorn". */
export function verdictReason(summary: Summary): string {
  return cut(reasonOf(summary), COLUMNS);
}

const cut = (text: string, columns: number): string =>
  text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
const clip = (name: string): string => cut(name, NAME_COLUMNS);

function reasonOf(summary: Summary): string {
  const { verdict, reason, thresholds } = summary;
  const of = (judgement: Verdict['judgement']) => thresholds.filter((v) => v.judgement === judgement);
  const first = (all: readonly Verdict[], say: (v: Verdict) => string): string =>
    `${say(all[0]!)}${all.length > 1 ? ` (and ${all.length - 1} more)` : ''}`;
  const failed = of('fail');
  if (verdict === 'aborted') return REASONS[reason];
  if (verdict === 'fail') return failed.length === 0 ? REASONS[reason] : first(failed, (v) => failedText(v));
  if (verdict === 'pass')
    return thresholds.length === 1 ? 'the one limit holds' : `all ${thresholds.length} limits hold`;
  const unsure = of('inconclusive');
  if (unsure.length > 0)
    return first(unsure, (v) => `${valueText(v)} on ${clip(v.target)} is within the measurement error`);
  const missing = of('no-data');
  if (missing.length > 0) return first(missing, (v) => `no data for ${v.threshold} on ${clip(v.target)}`);
  const { ratio } = summary.loadDelivered;
  return thresholds.length === 0 || ratio === null
    ? 'nothing was measured that has a limit'
    : `${formatPercent(ratio)} of the planned load was delivered`;
}

/** A limit can have been crossed for as long as its alert demands, and hold over the whole run. */
function failedText(verdict: Verdict): string {
  const { observed = 0, limit, op, crossed, target } = verdict;
  const crosses = op === '<' ? observed < limit : op === '>' ? observed > limit : observed >= limit;
  if (crosses || crossed.length === 0) return `${valueText(verdict)} on ${clip(target)}`;
  const times = crossed.length === 1 ? 'once' : `${crossed.length} times`;
  return `${nounOf(verdict)} ${op} ${show(verdict, limit)} on ${clip(target)}, as long as its alert waits, ${times}`;
}

function valueText(verdict: Verdict): string {
  const { observed = 0, limit, op } = verdict;
  return `${nounOf(verdict)} ${show(verdict, observed)} ${op} ${show(verdict, limit)}`;
}

function nounOf({ threshold }: Verdict): string {
  const known = thresholdById(threshold);
  return known === undefined ? threshold : measureNamed(known.metric).noun(known);
}

function show({ unit }: Verdict, value: number): string {
  return unit === 'ms' ? formatDuration(value) : formatPercent(value);
}
