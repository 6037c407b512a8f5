import type { History } from './history/history.ts';
import type { KeptCounters } from './history/kept-counters.ts';
import type { Setup } from './run/run-result.ts';
import type { Runner } from './run/runner.ts';
import { type ExporterOptions, PrometheusExporter } from './sink/prometheus/exporter.ts';
import type { SeriesTarget } from './sink/prometheus/stream-series.ts';
import { BUILD } from './version.ts';

export interface ExporterSources extends Pick<ExporterOptions, 'reloads' | 'schedules'> {
  readonly setup: Setup;
  /** What earlier processes counted, in the layout of the setup. */
  readonly totals: Float64Array;
  readonly counters: Pick<KeptCounters, 'of'>;
  readonly history: Pick<History, 'sizeBytes' | 'heapBytes'> | undefined;
  /** Used heap of each built-in simulator, bytes, by target. */
  readonly simulatorHeaps: () => readonly (readonly [target: string, bytes: number])[];
  readonly runner: () => Pick<Runner, 'thresholds' | 'errorBudgets' | 'drifts' | 'saturated' | 'heaps'>;
}

/** Returns the exporter of the service. */
export function exporterOf(sources: ExporterSources): PrometheusExporter {
  const { setup, totals, counters, history, simulatorHeaps, runner, ...rest } = sources;
  const { layout, counted, timingLimits } = setup;
  return new PrometheusExporter({
    ...rest,
    build: BUILD,
    targets: seriesTargets(setup),
    timingLimits,
    logMessages: (level) => counters.of(`log ${level}`),
    logLinesDropped: () => counters.of('log lines dropped'),
    runs: (verdict) => counters.of(`runs ${verdict}`),
    history: {
      writeFailures: () => counters.of('history failures'),
      resumes: () => counters.of('resumes'),
      gapSeconds: () => counters.of('gap seconds'),
      sizeBytes: () => history?.sizeBytes ?? 0,
    },
    evaluations: {
      thresholds: () =>
        runner()
          .thresholds()
          .map(({ threshold, ...state }) => ({ id: threshold.id, ...state })),
      budgets: () => runner().errorBudgets(),
      drifts: () => runner().drifts(),
    },
    workerRestarts: () => counters.of('worker restarts'),
    generator: () => ({
      saturated: runner().saturated,
      unreliableWindows: counters.of('unreliable windows'),
    }),
    heaps: () => [
      ['history', history?.heapBytes],
      ...runner().heaps.map((bytes, i) => [`engine-${i + 1}`, bytes] as const),
      ...simulatorHeaps().map(([target, bytes]) => [`simulator-${target}`, bytes] as const),
    ],
    tokenRefreshes: (target, what) => counters.of(`token ${what} ${target}`),
    idle: { atMs: 0, layout, values: totals, desired: counted.map(() => 0) },
  });
}

/** Returns the targets that have series: those of the configuration, and earlier ones, whose counters must not end. */
export function seriesTargets({ config, counted }: Setup): SeriesTarget[] {
  const former = counted
    .slice(config.targets.length)
    .map((name) => ({ name, labels: {}, objective: 'former' as const }));
  return [...config.targets, ...former];
}
