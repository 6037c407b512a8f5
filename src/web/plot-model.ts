import { OUTCOMES, resultOf } from '../core/outcome.ts';
import { localTimes } from './times.ts';
import type { LiveThreshold, RunEvent, RunWindow, Summary } from './wire.ts';

/** Unit of the values of a plot. */
export type Unit = 'ms' | 'ratio' | 'count' | 'perSecond' | 'bytes';

interface Series {
  readonly label: string;
  /** One value for each point; `null`: none was observed. */
  readonly values: readonly (number | null)[];
  /** Place of the colour and dash, from 0. */
  readonly style: number;
}

/** A plot without its pixels. */
export interface PlotModel {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  /** Limits that are drawn as lines, in the unit. */
  readonly limits: readonly { readonly label: string; readonly value: number }[];
}

/** A time that is marked in all plots. Seconds since 1970. */
export interface Band {
  readonly kind: 'unreliable' | 'gap' | 'paused';
  readonly from: number;
  readonly to: number;
}

/** A moment that is marked in all plots. */
export interface Mark {
  readonly at: number;
  readonly text: string;
}

/** What plots are made from. */
export interface PlotSource {
  readonly windows: readonly RunWindow[];
  readonly targets: readonly string[];
  /** The target to show; `null`: all. */
  readonly chosen: string | null;
  readonly limits: readonly Pick<LiveThreshold, 'threshold' | 'target' | 'limit' | 'unit'>[];
}

/** Lines in one plot at most; more cannot be distinguished. */
export const MAX_LINES = 6;

/** The time of open streams is counted once a second: a window that has just begun has none of it. */
const MIN_OPEN_SECONDS = 3;

type TargetWindow = RunWindow['targets'][number];
type Value = (target: TargetWindow, seconds: number) => number | null;

const seconds = (at: string): number => Date.parse(at) / 1000;

/** Returns the plots of a run: with one target its quantiles, with several a line for each. */
export function plotsOf(source: PlotSource): readonly PlotModel[] {
  const { windows, targets } = source;
  const chosen = source.chosen ?? (targets.length === 1 ? targets[0]! : null);
  const points = pointsOf(windows);
  const times = points.map((p) => p.at);
  const shown = chosen === null ? targets.slice(0, MAX_LINES) : [chosen];

  const own = (name: string, value: Value): (number | null)[] =>
    points.map(({ window, lasted }) => {
      const target = window?.targets.find((t) => t.target === name);
      return target === undefined ? null : value(target, lasted);
    });
  const sum = (value: (target: TargetWindow, seconds: number) => number): (number | null)[] =>
    points.map(({ window, lasted }) => {
      const part = window?.targets.filter(({ target }) => chosen === null || target === chosen);
      return part === undefined ? null : part.reduce((total, t) => total + value(t, lasted), 0);
    });
  const each = (value: Value, suffix = ''): Series[] =>
    shown.map((name, style) => ({ label: name + suffix, values: own(name, value), style }));
  const limits = (id: string, unit: string): PlotModel['limits'] => limitsOf(source, chosen, id, unit);

  const timing = (id: 'ttfb' | 'ttft' | 'gap', title: string): PlotModel => {
    const key = `${id}Ms` as const;
    const series =
      chosen === null
        ? each((t) => t[key].p95, ' p95')
        : (['p50', 'p95', 'p99'] as const).map((statistic, style) => ({
            label: statistic,
            values: own(chosen, (t) => t[key][statistic]),
            style,
          }));
    return { id, title, unit: 'ms', times, series, limits: limits(`${id}-`, 'ms') };
  };

  const openStreams = sum((t) => t.streams.openMean).map((value, i) =>
    points[i]!.lasted < MIN_OPEN_SECONDS ? null : value,
  );

  return [
    {
      id: 'streams',
      title: 'Open streams',
      unit: 'count',
      times,
      series: [
        { label: 'open', values: openStreams, style: 0 },
        { label: 'desired', values: sum((t) => t.streams.desired), style: 5 },
      ],
      limits: [],
    },
    {
      id: 'success',
      title: 'Success',
      unit: 'ratio',
      times,
      series: each((t) => t.successRatio),
      limits: limits('success-', 'ratio'),
    },
    timing('ttfb', 'Time to first byte (TTFB)'),
    timing('ttft', 'Time to first token (TTFT)'),
    timing('gap', 'Gap between chunks'),
    {
      id: 'chunks',
      title: 'Chunks per second',
      unit: 'perSecond',
      times,
      series: each((t, lasted) => t.chunks / lasted),
      limits: [],
    },
    {
      id: 'outcomes',
      title: 'Failed streams per second, by outcome',
      unit: 'perSecond',
      times,
      series: outcomeSeries(source, chosen, sum),
      limits: [],
    },
    {
      id: 'generator',
      title: 'Generator: measurement error',
      unit: 'ms',
      times,
      series: [
        { label: 'p50', values: points.map((p) => p.window?.measurementErrorMs.p50 ?? null), style: 0 },
        { label: 'p99', values: points.map((p) => p.window?.measurementErrorMs.p99 ?? null), style: 1 },
      ],
      limits: [],
    },
    {
      id: 'cpu',
      title: 'Generator: CPU cores',
      unit: 'count',
      times,
      series: [{ label: 'cores', values: points.map(coresOf), style: 0 }],
      limits: [],
    },
    {
      id: 'memory',
      title: 'Generator: memory',
      unit: 'bytes',
      times,
      series: [
        { label: 'resident', values: points.map((p) => p.window?.generator.rssBytes ?? null), style: 0 },
      ],
      limits: [],
    },
  ];
}

function coresOf({ window, lasted }: Point): number | null {
  return window === null || lasted < MIN_OPEN_SECONDS ? null : window.generator.cpuMs / (lasted * 1000);
}

/** A window at its middle; without one, a break in the lines. */
interface Point {
  readonly at: number;
  readonly lasted: number;
  readonly window: RunWindow | null;
}

/** Windows of this many times the usual distance apart have a break between them. */
const BREAK = 1.5;

function pointsOf(windows: readonly RunWindow[]): readonly Point[] {
  const points: Point[] = [];
  let end: number | undefined;
  for (const window of windows) {
    const from = seconds(window.fromAt);
    const to = seconds(window.toAt);
    const lasted = Math.max(to - from, 0.001);
    if (end !== undefined && from - end > lasted * BREAK)
      points.push({ at: (end + from) / 2, lasted: from - end, window: null });
    points.push({ at: (from + to) / 2, lasted, window });
    end = to;
  }
  return points;
}

function limitsOf(
  { limits, targets }: PlotSource,
  chosen: string | null,
  prefix: string,
  unit: string,
): PlotModel['limits'] {
  const own = limits.filter(
    (l) =>
      l.threshold.startsWith(prefix) &&
      l.unit === unit &&
      (chosen === null ? targets.includes(l.target) : l.target === chosen),
  );
  const texts = new Map<number, Set<string>>();
  for (const { threshold, limit } of own) {
    const names = texts.get(limit) ?? new Set();
    texts.set(limit, names.add(threshold.slice(prefix.length)));
  }
  return [...texts].map(([value, names]) => ({ value, label: `limit ${[...names].join(', ')}` }));
}

/** Failed streams of the commonest outcomes; the others are one line. */
function outcomeSeries(
  { windows }: PlotSource,
  chosen: string | null,
  sum: (value: (target: TargetWindow, seconds: number) => number) => (number | null)[],
): Series[] {
  const bad = OUTCOMES.filter((outcome) => resultOf(outcome) === 'failed');
  const totals = new Map<string, number>();
  for (const { targets } of windows)
    for (const { target, streams } of targets)
      if (chosen === null || target === chosen)
        for (const outcome of bad)
          totals.set(outcome, (totals.get(outcome) ?? 0) + (streams.finished[outcome] ?? 0));
  const found = [...totals].filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a);
  const rate = (names: readonly string[], label: string, style: number): Series => ({
    label,
    values: sum((t, lasted) => names.reduce((n, name) => n + (t.streams.finished[name] ?? 0), 0) / lasted),
    style,
  });
  if (found.length === 0) return [rate(bad, 'all outcomes', 0)];
  const own = found.slice(0, MAX_LINES - 1).map(([name], style) => rate([name], name, style));
  const rest = found.slice(MAX_LINES - 1).map(([name]) => name);
  return rest.length === 0 ? own : [...own, rate(rest, 'others', MAX_LINES - 1)];
}

/** Returns the times that are marked in all plots: unreliable windows, gaps of the run, pauses. */
export function bandsOf(
  windows: readonly RunWindow[],
  gaps: Summary['run']['gaps'],
  events: readonly RunEvent[],
): readonly Band[] {
  const unreliable: Band[] = [];
  for (const { fromAt, toAt, measurementQuality } of windows) {
    if (measurementQuality.unreliable === 0) continue;
    const from = seconds(fromAt);
    const last = unreliable.at(-1);
    if (last !== undefined && from - last.to < 1)
      unreliable[unreliable.length - 1] = { ...last, to: seconds(toAt) };
    else unreliable.push({ kind: 'unreliable', from, to: seconds(toAt) });
  }
  const paused = events.flatMap((event, i): Band[] => {
    if (event.action !== 'pause') return [];
    const end = events.slice(i + 1).find(({ action }) => ENDS_PAUSE.has(action))?.at ?? windows.at(-1)?.toAt;
    return end === undefined ? [] : [{ kind: 'paused', from: seconds(event.at), to: seconds(end) }];
  });
  return [
    ...unreliable,
    ...gaps.map(({ fromAt, toAt }): Band => ({ kind: 'gap', from: seconds(fromAt), to: seconds(toAt) })),
    ...paused,
  ];
}

const ENDS_PAUSE: ReadonlySet<string> = new Set(['resume', 'stop', 'skip']);

/** Returns the moments that are marked in all plots: what was done to the run, and outages. */
export function marksOf(events: readonly RunEvent[]): readonly Mark[] {
  return events
    .filter(({ action }) => action !== 'learn' && action !== 'warm-up')
    .map(({ at, action, by, detail }) => ({
      at: seconds(at),
      text: `${action} (${by}): ${localTimes(detail, Date.now())}`,
    }));
}

/** Returns a copy with the times as seconds since the first point, so that runs lie over each other. */
function fromStart(plot: PlotModel): PlotModel {
  const start = plot.times[0] ?? 0;
  return { ...plot, times: plot.times.map((t) => t - start) };
}

/** Plots that show one line for each of two runs; outcomes have several, and the generator is not what is compared. */
const COMPARED: ReadonlySet<string> = new Set(['streams', 'success', 'ttfb', 'ttft', 'gap', 'chunks']);

/** Returns plots of two runs in one: `A` with its own lines, `B` beside them. Times are from the start of each run. */
export function overlaid(a: readonly PlotModel[], b: readonly PlotModel[]): readonly PlotModel[] {
  return a.flatMap((plot) => {
    const other = b.find(({ id }) => id === plot.id);
    if (other === undefined || !COMPARED.has(plot.id)) return [];
    const [left, right] = [fromStart(plot), fromStart(other)];
    const times = [...new Set([...left.times, ...right.times])].sort((x, y) => x - y);
    const lineOf = (of: PlotModel, run: string, style: number): Series[] => {
      // Without a target chosen, the first line of a timing is that of the first target.
      const one = of.series.find(({ label }) => label === 'p95') ?? of.series[0];
      if (one === undefined) return [];
      const at = new Map(of.times.map((time, i) => [time, one.values[i] ?? null]));
      return [{ label: `${run}: ${one.label}`, values: times.map((time) => at.get(time) ?? null), style }];
    };
    const series = [...lineOf(left, 'A', 0), ...lineOf(right, 'B', 1)];
    return [{ ...plot, times, series, limits: [] }];
  });
}
