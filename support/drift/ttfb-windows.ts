import { sampler } from '../../src/core/distribution.ts';
import { Histogram } from '../../src/core/histogram.ts';
import { buildLayout } from '../../src/core/layout.ts';
import type { Random } from '../../src/core/random.ts';
import { buildScale } from '../../src/core/scale.ts';

/**
 * p50 and p95 of TTFB, window by window, read from fine histograms as soakd does: lognormal, with mean 1100 ms and
 * deviation 150 ms, and what a leak adds.
 * @param addMs what is added in a window
 */
export function ttfbWindows(
  windows: number,
  streams: number,
  random: Random,
  addMs: (window: number) => number,
): { readonly 'ttfb-p50': Float64Array; readonly 'ttfb-p95': Float64Array } {
  const scale = buildScale([2500]);
  const { size, slots } = buildLayout({ targets: ['a'], cells: [], histograms: { ttfb: scale }, shared: {} });
  const slot = slots[0]!.histogram.ttfb;
  const draw = sampler({ kind: 'lognormal', mean: 1100, stddev: 150 }, random);
  const values = new Float64Array(size);
  const histogram = new Histogram(values, slot);
  const p50 = new Float64Array(windows);
  const p95 = new Float64Array(windows);
  for (let i = 0; i < windows; i++) {
    values.fill(0);
    for (let k = 0; k < streams; k++) {
      const ms = draw() + addMs(i);
      values[slot.offset]! += ms;
      values[slot.offset + 1] = Math.max(values[slot.offset + 1]!, ms);
      values[slot.offset + 2 + scale.indexOf(ms)]!++;
    }
    p50[i] = histogram.quantile(0.5)!;
    p95[i] = histogram.quantile(0.95)!;
  }
  return { 'ttfb-p50': p50, 'ttfb-p95': p95 };
}
