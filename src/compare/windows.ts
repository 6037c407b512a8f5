import { measurementLag, type StreamLayout, StreamView } from '../catalog/slots.ts';
import type { Histogram } from '../core/histogram.ts';
import type { HistogramSlot } from '../core/layout.ts';
import { measurementErrorOf } from '../core/measurement-error.ts';
import type { Timing } from '../measures/list.ts';
import type { HeldLevel } from './levels.ts';
import type { ComparedRun, ComparedWindow, Recording } from './run.ts';
import { COMPARED } from './statistics.ts';

/** Time at the start of a level that is left out, ms: streams of the level before are still open. */
const SETTLE_MS = 10_000;

/** Non-zero bins of one fine histogram in one window. */
export interface Bins {
  readonly bins: Uint16Array;
  readonly counts: Float64Array;
  readonly count: number;
  /** Sum and maximum, ms. */
  readonly sum: number;
  readonly max: number;
}

/** What one target counted in one window. */
export interface TargetWindow {
  /** Place of the level in the summary. */
  readonly level: number;
  readonly spanMs: number;
  /** In the order of the layout. */
  readonly cells: Float64Array;
  readonly timings: Readonly<Partial<Record<Timing, Bins>>>;
}

/** Windows of a run that count, for each of some targets. */
export interface Condensed {
  readonly layout: StreamLayout;
  /** By name of the target. */
  readonly windows: ReadonlyMap<string, readonly TargetWindow[]>;
  /** Windows inside held levels, and those of them with unreliable timings, which are left out. */
  readonly held: number;
  readonly unreliable: number;
  /** Lag of the generator over the windows that count, ms: what timings may be too long by. 0 without samples. */
  readonly lag: { readonly mean: number; readonly p50: number; readonly p99: number };
}

const TIMINGS: readonly Timing[] = COMPARED.flatMap((c) => (c.kind === 'timing' ? [c.timing] : []));

/**
 * Reads the windows of a run once and keeps what counts: windows that lie inside a held level, apart from its first
 * 10 s, in no gap, and before the last start, after which the run drains. Keeps only bins that hold a value: about a
 * hundredth of a window.
 * @param levels held levels of any target; their times are those of the run
 */
export function condense(
  { summary }: ComparedRun,
  { layout, windows, gaps }: Recording,
  targets: readonly string[],
  levels: readonly HeldLevel[],
): Condensed {
  const kept = new Map<string, TargetWindow[]>(targets.map((name) => [name, []]));
  const { limitMs } = summary.measurementQuality;
  let lag: StreamView | undefined;
  let [held, unreliable, read, untilLastStart] = [0, 0, 0, 0];
  for (const window of windows) {
    const level = levels.find((l) => window.fromAt >= l.fromAt + SETTLE_MS && window.toAt <= l.toAt);
    const view = new StreamView(layout, window.values);
    if (view.total('started') > 0) untilLastStart = read;
    if (level === undefined || gaps.some((gap) => overlaps(gap, window))) continue;
    held++;
    const late = measurementErrorOf(measurementLag(view));
    if (late !== null && late.p99 > limitMs) {
      unreliable++;
      continue;
    }
    read++;
    lag = addLag(lag, view);
    for (const name of targets) kept.get(name)!.push(targetWindow(view, name, level.index, window));
  }
  // The window of the last start drains in part.
  for (const list of kept.values()) list.length = Math.min(list.length, untilLastStart);
  return { layout, windows: kept, held, unreliable, lag: lagOf(lag) };
}

function overlaps(a: { fromAt: number; toAt: number }, b: { fromAt: number; toAt: number }): boolean {
  return a.fromAt < b.toAt && b.fromAt < a.toAt;
}

function targetWindow(
  { layout, values }: StreamView,
  name: string,
  level: number,
  { fromAt, toAt }: ComparedWindow,
): TargetWindow {
  const { start, cellsEnd, histogram } = layout.slots[layout.targets.indexOf(name)]!;
  return {
    level,
    spanMs: toAt - fromAt,
    cells: values.slice(start, cellsEnd),
    timings: Object.fromEntries(TIMINGS.map((timing) => [timing, binsOf(values, histogram[timing])])),
  };
}

function binsOf(values: Float64Array, { offset, scale }: HistogramSlot): Bins | undefined {
  const first = offset + 2;
  const bins: number[] = [];
  const counts: number[] = [];
  let count = 0;
  for (let bin = 0; bin < scale.bins; bin++) {
    const n = values[first + bin]!;
    if (n === 0) continue;
    bins.push(bin);
    counts.push(n);
    count += n;
  }
  if (count === 0) return undefined;
  return {
    bins: Uint16Array.from(bins),
    counts: Float64Array.from(counts),
    count,
    sum: values[offset]!,
    max: values[offset + 1]!,
  };
}

/** Adds the lag of a window; everything else of the sum is of no use. */
function addLag(sum: StreamView | undefined, { layout, values }: StreamView): StreamView {
  if (sum === undefined) return new StreamView(layout, values.slice());
  const { sharedStart, size, maxima } = layout;
  const highest = maxima.filter((i) => i >= sharedStart).map((i) => [i, sum.values[i]!] as const);
  for (let i = sharedStart; i < size; i++) sum.values[i]! += values[i]!;
  for (const [i, before] of highest) sum.values[i] = Math.max(before, values[i]!);
  return sum;
}

function lagOf(sum: StreamView | undefined): Condensed['lag'] {
  const lag: Histogram | undefined = sum === undefined ? undefined : measurementLag(sum);
  const error = lag === undefined ? null : measurementErrorOf(lag);
  if (lag === undefined || error === null) return { mean: 0, p50: 0, p99: 0 };
  return { mean: lag.sum / lag.count, p50: error.p50, p99: error.p99 };
}
