import { OUTCOMES, resultOf } from '../core/outcome.ts';
import type { RunWindow } from './wire.ts';

export type Width = '10s' | '1m' | '10m';

export const WIDTH_MS: Readonly<Record<Width, number>> = { '10s': 10_000, '1m': 60_000, '10m': 600_000 };

/** Points of a plot at most, while a run keeps to its planned length. */
const MAX_POINTS = 900;

/** Columns of a window that the page reads, in the form of the query `columns`. */
export const COLUMNS = [
  'streams.desired',
  'streams.openMean',
  'streams.stalled',
  'streams.results.success',
  'streams.results.failed',
  'successRatio',
  ...['ttfbMs', 'ttftMs', 'gapMs'].flatMap((timing) => [`${timing}.p50`, `${timing}.p95`, `${timing}.p99`]),
  'chunks',
  ...OUTCOMES.filter((outcome) => resultOf(outcome) !== 'success').map(
    (outcome) => `streams.finished.${outcome}`,
  ),
];

/** Returns the smallest width with which the plots of a run have a bounded number of points. */
export function widthFor(durationMs: number): Width {
  if (durationMs <= MAX_POINTS * WIDTH_MS['10s']) return '10s';
  return durationMs <= MAX_POINTS * WIDTH_MS['1m'] ? '1m' : '10m';
}

/**
 * Adds windows to others of the same width in the order of their number. A window with a known number replaces it, unless it
 * ends earlier: the history has an open window later than events do.
 */
export function mergeWindows(known: readonly RunWindow[], more: readonly RunWindow[]): readonly RunWindow[] {
  if (more.length === 0) return known;
  const byNumber = new Map(known.map((window) => [window.n, window]));
  for (const window of more) {
    const own = byNumber.get(window.n);
    if (own === undefined || own.toAt <= window.toAt) byNumber.set(window.n, window);
  }
  return [...byNumber.values()].sort((a, b) => a.n - b.n);
}
