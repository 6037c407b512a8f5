import { METRICS } from '../../catalog/metrics.ts';
import { CODES, measurementLag, PHASES, type StreamView, type TimingLimits } from '../../catalog/slots.ts';
import { FINISH_REASONS } from '../../core/finish-reason.ts';
import { OUTCOMES, resultOf } from '../../core/outcome.ts';
import type { Objective, Timeouts } from '../../core/target.ts';
import {
  OBJECTIVE_CELLS,
  SHARE_CELLS,
  slotsOf,
  TIMING_NAMES,
  type TimingName,
  timingRecord,
} from '../../measures/list.ts';
import { histogramSeries, type Series, scalar } from './series.ts';

/** What the series of streams are read from. */
export interface StreamState {
  readonly view: StreamView;
  readonly desired: readonly number[];
  /** Share of the planned load that was brought, by target; absent: no run. */
  readonly delivered?: readonly number[];
}

type MetricKey = keyof typeof METRICS;
export type SeriesByMetric = Partial<Record<MetricKey, Series<StreamState>[]>>;

export interface SeriesTarget {
  readonly name: string;
  /** Static labels; the same names for every target. */
  readonly labels: Readonly<Record<string, string>>;
  /** Upper ends of the buckets; absent for a target of an earlier configuration. */
  readonly timeouts?: Timeouts;
  /** Absent: no series of goodput. `former`: the objective of an earlier configuration, no longer known. */
  readonly objective?: Objective | 'former';
}

/** Returns the number of successful or failed refreshes of a target's token. */
export type TokenRefreshes = (target: string, what: 'refreshed' | 'failed') => number;

/**
 * Returns every series about streams. All exist from the start with 0; goodput only for targets with an objective.
 * @param limits configured limits of timings, each of which becomes a bucket
 */
export function streamSeries(
  targets: readonly SeriesTarget[],
  limits: TimingLimits,
  tokenRefreshes: TokenRefreshes = () => 0,
): SeriesByMetric {
  const series: SeriesByMetric = {};
  const add = (key: MetricKey, made: Series<StreamState>): void => {
    series[key] ??= [];
    series[key].push(made);
  };
  const timeouts = targets.flatMap((target) => target.timeouts ?? []);

  targets.forEach(({ name, labels: own, objective }, t) => {
    const labels = { ...own, target: name };
    add(
      'desired',
      scalar(METRICS.desired, labels, (s) => s.desired[t] ?? 0),
    );
    add(
      'delivered',
      scalar(METRICS.delivered, labels, (s) => s.delivered?.[t] ?? 1),
    );
    for (const phase of PHASES) {
      add(
        'active',
        scalar(METRICS.active, { ...labels, phase }, (s) => s.view.cell(t, `active:${phase}`)),
      );
    }
    for (const key of [
      'started',
      'dropped',
      'chunks',
      'reads',
      'bytes',
      'characters',
      'keepalives',
      'trailing',
    ] as const) {
      add(
        key,
        scalar(METRICS[key], labels, (s) => s.view.cell(t, key)),
      );
    }
    add(
      'stalled',
      scalar(METRICS.stalled, labels, (s) => s.view.cell(t, 'stalled')),
    );
    add(
      'silence',
      scalar(METRICS.silence, labels, (s) => s.view.cell(t, 'silence') / 1000),
    );
    add(
      'downSeconds',
      scalar(METRICS.downSeconds, labels, (s) => s.view.cell(t, 'downMs') / 1000),
    );
    add(
      'backoff',
      scalar(METRICS.backoff, labels, (s) => s.view.cell(t, 'backoff') / 1000),
    );
    add(
      'inputTokens',
      scalar(METRICS.inputTokens, labels, (s) => s.view.cell(t, 'inputTokens')),
    );
    add(
      'outputTokens',
      // What was estimated is for budgets alone.
      scalar(
        METRICS.outputTokens,
        labels,
        (s) => s.view.cell(t, 'outputTokens') - s.view.cell(t, 'estimatedTokens'),
      ),
    );
    for (const [cell, info] of SHARE_CELLS) {
      // A target without an objective would show a goodput of 0.
      if (objective === undefined && OBJECTIVE_CELLS.has(cell)) continue;
      add(
        cell,
        scalar(info, labels, (s) => s.view.cell(t, cell)),
      );
    }
    for (const key of ['tokenRefreshes', 'tokenRefreshFailures'] as const) {
      const kind = key === 'tokenRefreshes' ? 'refreshed' : 'failed';
      add(
        key,
        scalar(METRICS[key], labels, () => tokenRefreshes(name, kind)),
      );
    }
    for (const outcome of OUTCOMES) {
      const marked = { ...labels, result: resultOf(outcome), outcome };
      add(
        'finished',
        scalar(METRICS.finished, marked, (s) => s.view.cell(t, `finished:${outcome}`)),
      );
    }
    for (const reason of FINISH_REASONS) {
      add(
        'finishReasons',
        scalar(METRICS.finishReasons, { ...labels, reason }, (s) => s.view.cell(t, `finish:${reason}`)),
      );
    }
    for (const code of CODES) {
      add(
        'responses',
        scalar(METRICS.responses, { ...labels, code }, (s) => s.view.cell(t, `response:${code}`)),
      );
    }
    for (const name of TIMING_NAMES) {
      const info = timingRecord(name).metric;
      const buckets = bucketsFor(name, limits[name] ?? [], timeouts);
      for (const { timing, result } of slotsOf(name)) {
        const marked = result === undefined ? labels : { ...labels, result };
        add(
          name,
          histogramSeries(info, buckets, marked, (s) => s.view.histogram(t, timing)),
        );
      }
    }
  });
  for (const key of ['scheduleLag', 'eventLoopDelay'] as const) {
    add(
      key,
      histogramSeries(METRICS[key], METRICS[key].buckets!, {}, (s) => s.view.shared(key)),
    );
  }
  add(
    'measurementLag',
    histogramSeries(METRICS.measurementLag, METRICS.measurementLag.buckets!, {}, ({ view }) =>
      measurementLag(view),
    ),
  );
  return series;
}

/** Edges behind those of the records, s. Each is also an edge of the fine histograms. */
const FURTHER = [
  10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000, 72_000, 90_000,
];

/**
 * Returns the upper edges of a histogram, s, ascending: those of its record, the configured limits, and more up to the
 * longest timeout. They are one union over all targets, so that `sum by (le)` is right.
 * @param limitsMs configured limits of this timing, ms: each becomes an edge
 * @param timeouts of every target
 */
export function bucketsFor(
  name: TimingName,
  limitsMs: readonly number[],
  timeouts: readonly Timeouts[],
): number[] {
  const { metric, longestMs } = timingRecord(name);
  const base = metric.buckets!;
  const limits = limitsMs.map((ms) => Number((ms / 1000).toPrecision(12)));
  const longest = longestMs === undefined ? 0 : Math.max(0, ...timeouts.map(longestMs)) / 1000;
  const last = base.at(-1) ?? 0;
  // Up to the first edge at or above the timeout.
  const further = FURTHER.filter(
    (edge, i) => edge > last && (FURTHER[i - 1] ?? 0) < longest && last < longest,
  );
  return [...new Set([...base, ...limits, ...further])].sort((a, b) => a - b);
}
