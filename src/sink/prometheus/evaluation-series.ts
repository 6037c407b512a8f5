import { METRICS } from '../../catalog/metrics.ts';
import type { MetricInfo } from '../../core/metric-info.ts';
import type { SeriesValue } from './series.ts';

/** Results of the service's own evaluations; each is computed only for the metric that shows it. */
export interface ExportedEvaluations {
  thresholds(): readonly {
    readonly id: string;
    readonly target: string;
    readonly state: keyof typeof STATES;
    readonly limit: number;
  }[];
  budgets(): readonly { readonly target: string; readonly remaining: number }[];
  /** `null` in place of a target: of soakd itself. */
  drifts(): readonly {
    readonly target: string | null;
    readonly signal: string;
    readonly unit: 'ms' | 'ratio' | 'bytes';
    /** In seconds, a ratio or bytes. */
    readonly perHour: number;
  }[];
}

/** Values of `soak_threshold_state`. */
const STATES = { ok: 0, crossed: 1, inconclusive: 2, 'no-data': 3 } as const;

/** What each metric of drift shows, by the unit of the signal. */
const DRIFTS = new Map<MetricInfo, 'ms' | 'ratio' | 'bytes'>([
  [METRICS.driftSeconds, 'ms'],
  [METRICS.driftRatio, 'ratio'],
  [METRICS.driftBytes, 'bytes'],
]);

/** The `level` of each threshold that is a number of streams. */
const LEVELS: Readonly<Record<string, string>> = {
  'concurrency-soft': 'soft',
  'concurrency-scale': 'scale',
  'concurrency-hard': 'hard',
};

/**
 * Returns the series of a metric of thresholds. Built for each scrape, since a reload adds and removes series.
 * @param labelsOf static labels of a target
 * @returns `undefined` for any other metric
 */
export function evaluationValues(
  info: MetricInfo,
  evaluations: ExportedEvaluations,
  labelsOf: (target: string) => Readonly<Record<string, string>>,
): SeriesValue[] | undefined {
  const line = (target: string, labels: Record<string, string>, value: number): SeriesValue => ({
    metricName: info.name,
    labels: { ...labelsOf(target), target, ...labels },
    value,
  });
  if (info === METRICS.thresholdState)
    return evaluations
      .thresholds()
      .map(({ id, target, state }) => line(target, { threshold: id }, STATES[state]));
  if (info === METRICS.streamsLimit)
    return evaluations.thresholds().flatMap(({ id, target, limit }) => {
      const level = LEVELS[id];
      return level === undefined ? [] : [line(target, { level }, limit)];
    });
  if (info === METRICS.errorBudget)
    return evaluations.budgets().map(({ target, remaining }) => line(target, {}, remaining));
  const unit = DRIFTS.get(info);
  if (unit !== undefined)
    return evaluations
      .drifts()
      .filter((drift) => drift.unit === unit)
      .map(({ target, signal, perHour }) => line(target ?? '', { signal }, perHour));
  return undefined;
}
