import { METRICS as M } from '../../catalog/metrics.ts';
import { type ShareName, shareRecord, type TimingName, timingRecord } from '../../measures/list.ts';
import { THRESHOLDS } from '../../thresholds/table.ts';
import type { LimitSettings } from '../limits.ts';
import { max, mean, min, quantile, rate, series, successDuration, successRatio, sum } from './expressions.ts';
import { advice, isAsInTable, limitLines, lowestLimit } from './limit-lines.ts';
import type { HeatmapSpec, LinesSpec, Query } from './panel-spec.ts';

/** Scope of panels about streams. */
export interface View {
  /** Matchers of the selected targets. */
  readonly scope: string;
  /** Whether there is a line for each target. */
  readonly each: boolean;
  readonly settings: LimitSettings;
}

const SUCCESS = ['success-objective', 'success-rate', 'success-rate-critical'];

export function successPanel({ scope, each, settings }: View): LinesSpec {
  const limits = limitLines(SUCCESS, settings, scope);
  const lowest = lowestLimit(SUCCESS, settings);
  return {
    kind: 'lines',
    isOpenBelow: true,
    title: 'Success',
    description: `Streams that ended well, of those that succeeded or failed; what soakd itself cancelled or lost counts as neither. A gap: nothing ended. ${advice('SoakSuccessRateLow')}`,
    unit: 'percentunit',
    decimals: 2,
    max: 1,
    ...(lowest === undefined ? {} : { softMin: Math.max(0, lowest - 0.01) }),
    limits: limits.steps,
    queries: [
      each
        ? { expr: successRatio(scope, 'target'), legend: '{{target}}' }
        : { expr: successRatio(scope), legend: 'success' },
      ...limits.queries,
    ],
  };
}

/** Percentiles and the mean of a histogram over all selected targets. */
function timingQueries(metric: string, scope: string): Query[] {
  return [
    { expr: quantile(0.5, metric, scope), legend: 'p50' },
    { expr: quantile(0.95, metric, scope), legend: 'p95' },
    { expr: quantile(0.99, metric, scope), legend: 'p99' },
    { expr: mean(metric, scope), legend: 'mean' },
  ];
}

/** @returns the thresholds of a measure, in the order of the table */
function thresholdsOf(name: TimingName | ShareName): string[] {
  return THRESHOLDS.filter((t) => t.metric === name).map((t) => t.id);
}

/** Percentiles and the mean of one timing, with a line at each limit. */
export function timingPanel(name: TimingName, { scope, each, settings }: View): LinesSpec {
  const { title, panel, metric, alert = 'SoakStreamSlow' } = timingRecord(name);
  const ids = thresholdsOf(name);
  const limits = limitLines(ids, settings, scope);
  const lowest = lowestLimit(ids, settings);
  return {
    kind: 'lines',
    title,
    description: `${panel}${each ? ' All chosen targets together.' : ''} Percentiles are read from buckets and so rounded; alerts and verdicts are exact. ${advice(alert)}`,
    unit: 's',
    softMax: lowest,
    limits: limits.steps,
    queries: [...timingQueries(metric.name, scope), ...limits.queries],
  };
}

/** A share of streams, with a line at each limit. */
export function sharePanel(name: ShareName, { scope, settings }: View): LinesSpec {
  const { title, panel, alert, part, whole } = shareRecord(name);
  const limits = limitLines(thresholdsOf(name), settings, scope);
  const all =
    whole === undefined
      ? sum(rate(M.finished.name, scope, 'result=~"success|failed"'))
      : sum(rate(whole.metric.name, scope));
  return {
    kind: 'lines',
    title,
    description: `${panel} ${advice(alert)}`,
    unit: 'percentunit',
    decimals: 2,
    max: 1,
    limits: limits.steps,
    queries: [
      { expr: `${sum(rate(part.name, scope))} / ${all}`, legend: title.toLowerCase() },
      ...limits.queries,
    ],
  };
}

export function ttfbHeatmap({ scope }: View): HeatmapSpec {
  return {
    kind: 'heatmap',
    title: 'TTFB, all streams',
    description:
      'How many streams waited how long for their first byte. Two bands are two kinds of users. What to do: find out how they differ (a cold cache, one slow instance, a queue). Empty while nothing runs.',
    unit: 's',
    queries: [{ expr: sum(rate(`${M.ttfb.name}_bucket`, scope), 'le'), legend: '{{le}}' }],
  };
}

const OUTCOME_COLOURS = {
  complete: 'green',
  limited: 'light-green',
  cancelled: 'text',
  generator_lost: 'purple',
};

export function outcomesPanel({ scope }: View): LinesSpec {
  return {
    kind: 'lines',
    title: 'Outcomes',
    description: `Streams that ended, by how. Green ended well, grey were cancelled by soakd itself, purple were lost by it; all others failed. docs/metrics.md says what each name means. ${advice('SoakSuccessRateLow')}`,
    unit: 'reqps',
    stacked: true,
    many: true,
    colours: OUTCOME_COLOURS,
    queries: [{ expr: sum(rate(M.finished.name, scope), 'outcome'), legend: '{{outcome}}' }],
  };
}

/** Upper end of an optimal duration, s; there is no threshold for it. */
const OPTIMAL_SECONDS = 35;

export function durationPanel({ scope, each, settings }: View): LinesSpec {
  const ids = thresholdsOf('duration');
  const limits = limitLines(ids, settings, scope);
  const lowest = lowestLimit(ids, settings);
  // The seed's report gives 35, 40 and 50 s for its workload: with other limits the first means nothing.
  const optimal = isAsInTable('duration-mean', settings) ? [{ value: OPTIMAL_SECONDS, colour: 'green' }] : [];
  const success = `${scope}, result="success"`;
  return {
    kind: 'lines',
    title: 'Duration of successes',
    description: `From the start of a stream to its end${each ? ', the mean of each target' : ''}. Limits are on the mean. ${advice('SoakStreamDurationHigh')}`,
    unit: 's',
    softMax: lowest,
    limits: [...optimal, ...limits.steps],
    queries: [
      ...(each
        ? [{ expr: successDuration(scope, 'target'), legend: '{{target}}' }]
        : timingQueries(M.duration.name, success)),
      ...limits.queries,
    ],
  };
}

const LEVEL_COLOURS = { 'limit: soft': 'blue', 'limit: scale': 'orange', 'limit: hard': 'red' };

/** Lines of the limits, shown from half of a limit on: else they would flatten all other lines. */
function streamLimits(scope: string): Query {
  const limit = min(series(M.streamsLimit.name, scope), 'level');
  const wanted = max(sum(series(M.desired.name, scope), 'target'));
  return {
    expr: `${limit} <= on () group_left () 2 * ${wanted}`,
    legend: 'limit: {{level}}',
    dashed: 'orange',
  };
}

/** Open and wanted streams of each target. */
export function concurrencyPanel({ scope }: View): LinesSpec {
  return {
    kind: 'lines',
    title: 'Streams, open and wanted',
    description: `Of each target, over all instances of soakd. Limits (soft, scale, hard; the lowest of the chosen targets) show once half of one is wanted. ${advice('SoakConcurrencyHigh')}`,
    unit: 'short',
    colours: LEVEL_COLOURS,
    queries: [
      { expr: sum(series(M.active.name, scope), 'target'), legend: '{{target}}' },
      { expr: sum(series(M.desired.name, scope), 'target'), legend: '{{target}} wanted', dashed: 'text' },
      streamLimits(scope),
    ],
  };
}

/** Open streams of one target by phase, and wanted streams. */
export function phasesPanel({ scope }: View): LinesSpec {
  return {
    kind: 'lines',
    title: 'Streams, open and wanted',
    description: `Open streams by phase, over all instances of soakd. Waiting: the request is written, and no byte of the body is there. What grows there is a queue in the target. Limits (soft, scale, hard) show once half of one is wanted. ${advice('SoakConcurrencyHigh')}`,
    unit: 'short',
    stacked: true,
    colours: { connecting: 'yellow', waiting: 'orange', streaming: 'green', ...LEVEL_COLOURS },
    queries: [
      { expr: sum(series(M.active.name, scope), 'phase'), legend: '{{phase}}' },
      { expr: sum(series(M.desired.name, scope)), legend: 'wanted', dashed: 'text' },
      streamLimits(scope),
    ],
  };
}
