import type { StreamView } from '../catalog/slots.ts';
import type { Histogram } from '../core/histogram.ts';
import type { Observation } from './watch.ts';

/**
 * Returns the signals of the streams of one target in one window. Memory is not in a snapshot: the caller adds it.
 * @param window the difference of two snapshots (`minus`)
 * @param target its place in the layout
 */
export function streamValues(window: StreamView, target: number) {
  const ttfb = window.histogram(target, 'ttfb');
  const { success, failed } = window.results(target);
  const finished = success + failed;
  return {
    'ttfb-p95': quantile(ttfb, 0.95),
    'ttfb-p50': quantile(ttfb, 0.5),
    'gap-p95': quantile(window.histogram(target, 'gap'), 0.95),
    'failure-ratio': { value: finished === 0 ? Number.NaN : failed / finished, count: finished },
  } as const satisfies Record<string, Observation>;
}

function quantile(histogram: Histogram, q: number): Observation {
  return { value: histogram.quantile(q) ?? Number.NaN, count: histogram.count };
}
