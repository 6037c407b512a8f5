import type { Setup } from './run/run-result.ts';
import type { SeriesTarget } from './sink/prometheus/stream-series.ts';

/** Returns the targets that have series: those of the configuration, and earlier ones, whose counters must not end. */
export function seriesTargets({ config, counted }: Setup): SeriesTarget[] {
  const former = counted
    .slice(config.targets.length)
    .map((name) => ({ name, labels: {}, objective: 'former' as const }));
  return [...config.targets, ...former];
}
