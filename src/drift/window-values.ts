import type { StreamLayout } from '../catalog/slots.ts';
import type { Histogram } from '../core/histogram.ts';
import { OUTCOMES, resultOf } from '../core/outcome.ts';
import type { SnapshotView } from '../core/snapshot.ts';
import type { Observation } from './watch.ts';

/**
 * What the streams of one target came to in one window. Memory is not in a snapshot: the caller adds it.
 * @param window the difference of two snapshots (`subtractValues`)
 * @param target its place in the layout
 */
export function streamValues(window: SnapshotView<StreamLayout>, target: number) {
  const ttfb = window.histogram(target, 'ttfb');
  let failed = 0;
  let judged = 0;
  for (const outcome of OUTCOMES) {
    const result = resultOf(outcome);
    if (result !== 'success' && result !== 'failed') continue;
    const n = window.cell(target, `finished:${outcome}`);
    judged += n;
    if (result === 'failed') failed += n;
  }
  return {
    'ttfb-p95': quantile(ttfb, 0.95),
    'ttfb-p50': quantile(ttfb, 0.5),
    'gap-p95': quantile(window.histogram(target, 'gap'), 0.95),
    'failure-ratio': { value: judged === 0 ? Number.NaN : failed / judged, count: judged },
  } as const satisfies Record<string, Observation>;
}

function quantile(histogram: Histogram, q: number): Observation {
  return { value: histogram.quantile(q) ?? Number.NaN, count: histogram.count };
}
