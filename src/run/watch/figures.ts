import { PHASES, type StreamLayout } from '../../catalog/slots.ts';
import { OUTCOMES, resultOf } from '../../core/outcome.ts';
import { SnapshotView } from '../../core/snapshot.ts';

/**
 * What thresholds look at, of one target: a few numbers in place of all its histograms, so that days of them can be
 * kept. All but `activeMax` only rise, so a window is the difference of its ends.
 */
export const FIGURES = [
  'finished',
  'failed',
  'ttfbCount',
  'ttfbSumMs',
  'durationCount',
  'durationSumMs',
  /** How much of that lies in suspect windows. */
  'ttfbSuspect',
  'ttfbSuspectSumMs',
  'durationSuspect',
  'durationSuspectSumMs',
  /** Sums of what was open at each look, and how many looks there were. */
  'active',
  'stalled',
  'looks',
] as const;
export type Figure = (typeof FIGURES)[number];

/**
 * Figures of one target at one moment; behind those of the list, how many TTFB lay above each limit, and how many of
 * these in suspect windows.
 */
export type FigureRow = Float64Array;

export const INDEX = Object.fromEntries(FIGURES.map((name, i) => [name, i])) as Readonly<
  Record<Figure, number>
>;

/** @returns where the number of TTFB above the limit with this index stands */
export function aboveIndex(limit: number): number {
  return FIGURES.length + 2 * limit;
}

/** @returns where the number of those in suspect windows stands */
export function suspectAboveIndex(limit: number): number {
  return FIGURES.length + 2 * limit + 1;
}

/**
 * Counts of a target now.
 * @param suspect what of it was counted in suspect windows
 * @param limitsMs limits of TTFB, each an edge of the histogram, ascending
 * @param looks sums of gauges up to the last look: `active`, `stalled` and `looks` go on from there
 */
export function rowOf(
  layout: StreamLayout,
  values: Float64Array,
  suspect: Float64Array,
  target: number,
  limitsMs: readonly number[],
  looks: FigureRow | undefined,
): FigureRow {
  const view = new SnapshotView(layout, values);
  const row = new Float64Array(FIGURES.length + 2 * limitsMs.length);
  for (const outcome of OUTCOMES) {
    const result = resultOf(outcome);
    if (result !== 'success' && result !== 'failed') continue;
    const n = view.cell(target, `finished:${outcome}`);
    row[INDEX.finished]! += n;
    if (result === 'failed') row[INDEX.failed]! += n;
  }
  const ttfb = view.histogram(target, 'ttfb');
  const { count } = ttfb;
  row[INDEX.ttfbCount] = count;
  row[INDEX.ttfbSumMs] = ttfb.sum;
  ttfb.cumulative(limitsMs).forEach((within, i) => {
    row[aboveIndex(i)] = count - within;
  });
  const suspectView = new SnapshotView(layout, suspect);
  const suspectTtfb = suspectView.histogram(target, 'ttfb');
  row[INDEX.ttfbSuspect] = suspectTtfb.count;
  row[INDEX.ttfbSuspectSumMs] = suspectTtfb.sum;
  suspectTtfb.cumulative(limitsMs).forEach((within, i) => {
    row[suspectAboveIndex(i)] = suspectTtfb.count - within;
  });
  const suspectDuration = suspectView.histogram(target, 'duration:success');
  row[INDEX.durationSuspect] = suspectDuration.count;
  row[INDEX.durationSuspectSumMs] = suspectDuration.sum;
  const duration = view.histogram(target, 'duration:success');
  row[INDEX.durationCount] = duration.count;
  row[INDEX.durationSumMs] = duration.sum;
  row[INDEX.active] = (looks?.[INDEX.active] ?? 0) + activeOf(view, target);
  row[INDEX.stalled] = (looks?.[INDEX.stalled] ?? 0) + view.cell(target, 'stalled');
  row[INDEX.looks] = (looks?.[INDEX.looks] ?? 0) + 1;
  return row;
}

export function activeOf(view: SnapshotView<StreamLayout>, target: number): number {
  return PHASES.reduce((sum, phase) => sum + view.cell(target, `active:${phase}`), 0);
}
