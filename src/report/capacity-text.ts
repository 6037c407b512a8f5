import { formatDuration } from '../core/duration.ts';
import { formatCount, formatPercent } from '../core/number.ts';
import type { CapacityResult, CapacityStep, StepCause } from '../schema/capacity.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import { thresholdById } from '../thresholds/table.ts';
import { comparison, cut, valueText } from './value-text.ts';

const TARGET_COLUMNS = 28;

/** Returns the result in one sentence, with its interval and what limits the load. */
export function capacityText(capacity: CapacityResult): string {
  const { steps, lastedMs } = capacity;
  const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
  return `${found(capacity)}. ${count}, ${formatDuration(lastedMs)}.`;
}

function found(capacity: CapacityResult): string {
  const { low, high, limitedBy, ended, confirmed } = capacity;
  const value = provenLoad(capacity);
  const load = loadOf(capacity);
  const why = whyOf(capacity);
  const unproven = confirmed ? '' : ', not confirmed by a longer hold';
  const early = ended === 'found' ? '' : `; the search ended early: ${ENDS[ended]}`;
  if (value === 0) {
    if (limitedBy === null) return `no load is proven to hold${early}`;
    const least = high === null ? '' : ` at ${loadText(high, capacity)}`;
    return limitedBy === 'generator'
      ? `the generator was the limit${least}, no load is proven to hold${early}`
      : `not even the smallest load holds: ${why}${least}${early}`;
  }
  if (high === null)
    return limitedBy === 'maxUsers' || limitedBy === 'maxRate'
      ? `at least ${load}: every threshold holds at the largest load allowed (${limitedBy})${unproven}${early}`
      : `at least ${load}${unproven}${limitedBy === 'generator' ? ': above it the generator was the limit' : ''}${early}`;
  const interval = `(${number(low)} to ${number(high)})`;
  return limitedBy === 'generator'
    ? `at least ${load}: the generator was the limit at ${loadText(high, capacity)}${unproven}${early}`
    : `${load} ${interval}: above it ${why}${unproven}${early}`;
}

const ENDS: Readonly<Record<Exclude<CapacityResult['ended'], 'found'>, string>> = {
  'max-steps': 'its steps were used up (--max-steps)',
  'max-time': 'its time was used up (--max-time)',
  'no-data':
    'a threshold has too few observations; set a longer --for, or leave the threshold out with --only',
  interrupted: 'the run was ended',
};

/** Returns the crossed threshold: "TTFB p95 > 2.5s on django". */
export function whyOf({ limitedBy, target, steps }: CapacityResult): string {
  const cause = steps.findLast((s) => s.verdict === 'crossed' && s.cause?.threshold === limitedBy)?.cause;
  const known = limitedBy === null ? undefined : thresholdById(limitedBy);
  if (cause === undefined || cause === null || known === undefined) return limitedBy ?? 'it is not known';
  const measure = measureNamed(known.metric).noun(known);
  const where = target === null ? '' : ` on ${cut(target, TARGET_COLUMNS)}`;
  return `${measure} ${cause.op} ${valueText(cause.limit, cause.unit)}${where}`;
}

/** Returns the proven load: users, or streams a second. */
export function provenLoad({ users, rate }: CapacityResult): number {
  return users ?? rate ?? 0;
}

function loadOf(capacity: CapacityResult): string {
  return loadText(provenLoad(capacity), capacity);
}

function loadText(load: number, { rate }: CapacityResult): string {
  if (rate !== undefined) return `${number(load)} streams a second`;
  return `${number(load)} ${load === 1 ? 'user' : 'users'}`;
}

function number(load: number): string {
  return Number.isInteger(load) ? formatCount(load) : String(load);
}

const VERDICTS: Readonly<Record<CapacityStep['verdict'], string>> = {
  held: 'holds',
  crossed: 'crossed',
  inconclusive: 'inconclusive',
  generator: 'generator',
  'no-data': 'no data',
};

/** Returns the head of the table of steps. */
export function stepHead(unit: 'users' | 'rate'): string {
  const head = unit === 'users' ? 'users' : 'streams/s';
  return cells([head, 'TTFB p95', 'error', 'n', 'failed', 'time'], 'verdict');
}

/** Returns one step as a row: load, TTFB p95 with its error and number of observations, verdict and reason. */
export function stepRow(step: CapacityStep): string {
  const { load, ttfbP95Ms, ttfbCount, measurementErrorMs, failed, settledMs, measuredMs } = step;
  const error = measurementErrorMs === null ? '–' : formatDuration(measurementErrorMs.p99);
  const p95 = ttfbP95Ms === null ? (ttfbCount === 0 ? '–' : '∞') : formatDuration(ttfbP95Ms);
  const time = formatDuration(settledMs + measuredMs);
  const row = [number(load), p95, error, formatCount(ttfbCount), formatCount(failed), time];
  return cells(row, stepText(step));
}

/** Returns the verdict of a step and its reason: "crossed: TTFB p95 3.08s > 1s on sim". */
export function stepText(step: CapacityStep): string {
  return `${VERDICTS[step.verdict]}${step.confirms ? ', longer hold' : ''}${causeText(step)}`;
}

function causeText({ cause, verdict }: CapacityStep): string {
  if (cause === null) return '';
  const where = cause.target === null ? '' : ` on ${cut(cause.target, TARGET_COLUMNS)}`;
  if (cause.kind === 'load-delivered')
    return `: ${formatPercent(cause.observed ?? 0)} of the load delivered${where}`;
  if (verdict === 'no-data')
    return `: ${cause.measure}${where} has ${cause.count} observations and needs ${cause.required}`;
  return `: ${cause.measure} ${valueAgainst(cause)}${where}${verdict === 'crossed' ? '' : ', within the measurement error'}`;
}

function valueAgainst(cause: StepCause): string {
  const { observed, limit, unit, op } = cause;
  return observed === null
    ? `∞ ${op} ${valueText(limit, unit)}`
    : comparison({ limit, unit, crossedWhen: op }, observed);
}

function cells(values: readonly string[], last: string): string {
  return `  ${values.map((v) => v.padStart(10)).join('')}  ${last}`;
}

/** Returns the table of the steps; empty without any. */
export function stepTable({ steps, users }: CapacityResult): string[] {
  if (steps.length === 0) return [];
  return [stepHead(users === undefined ? 'rate' : 'users'), ...steps.map(stepRow)];
}
