import { METRICS } from '../catalog/metrics.ts';
import { StreamView, type TimingLimits } from '../catalog/slots.ts';
import { SoakError } from '../core/errors.ts';
import type { Layout } from '../core/layout.ts';
import type { MetricInfo } from '../core/metric-info.ts';
import { type Series, type SeriesValue, scalar } from '../sink/prometheus/series.ts';
import { type SeriesTarget, type StreamState, streamSeries } from '../sink/prometheus/stream-series.ts';
import { eachWindow } from './kept-window.ts';
import { restoreLayout } from './layout-record.ts';
import type { HistoryReader, KeptRun, WindowTime } from './reader.ts';
import type { WindowWidth } from './records.ts';
import { gaugesOf } from './rollup.ts';

export interface OpenMetricsOptions {
  readonly width: WindowWidth;
  /** Labels of every series besides those on /metrics, such as `job`. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Series that a history does not keep. */
const NOT_KEPT: ReadonlySet<string> = new Set(['delivered', 'tokenRefreshes', 'tokenRefreshFailures']);
/** Values of series that are in memory at a time, 32 MB; the windows are read once for each such part. */
const MAX_VALUES = 2 ** 22;
/** Length of the yielded texts, characters. */
const CHUNK = 65_536;

/** What the series of a run are read from. */
interface ExportState extends StreamState {
  readonly unreliable: number;
}

interface Family {
  readonly info: MetricInfo;
  readonly series: readonly Series<ExportState>[];
}

/** Series of one family whose values are in memory together. */
type Part = { readonly family: Family; readonly series: readonly Series<ExportState>[] }[];

/**
 * Yields a run in OpenMetrics: the series of /metrics, with one sample at the end of each window. Counters begin with 0 at
 * the start of the run. A sample of an open window would change, so an active run lacks its last one.
 *
 * OpenMetrics wants the samples of a series in one place, and the windows have them by time: the values of as many series
 * as fit in memory are collected in one pass over the windows.
 * @throws SoakError RUN_UNKNOWN; USAGE for a label that the series have
 */
export function* openMetrics(
  reader: HistoryReader,
  ref: string,
  { width, labels = {} }: OpenMetricsOptions,
): Generator<string> {
  const id = reader.resolve(ref);
  const { targets, record } = reader.layout(id);
  const { layout, timingLimits } = restoreLayout(targets, record);
  const times = reader.windowTimes(id, width);
  const own = new Set(reader.targets(id).map(({ name }) => name));
  const families = familiesOf(reader.run(id), seriesTargets(reader, id, targets), timingLimits, own);
  requireOtherLabels(families, labels);
  const at = timestamps(times);
  const states = () => statesOf(reader, id, { layout, width, times });
  let text = '';
  for (const part of partsOf(families, at.length)) {
    const lines = part.flatMap(({ series }) => series.flatMap((s) => s.values));
    const values = collect(part, lines, states, at.length);
    let place = 0;
    for (const { family, series } of part) {
      if (series[0] === family.series[0]) text += heading(family.info);
      // A gauge has no value before the first window.
      const first = family.info.type === 'gauge' ? 1 : 0;
      for (const line of series.flatMap((s) => s.values)) {
        const name = `${line.metricName}${labelText({ ...line.labels, ...labels })}`;
        for (let i = first; i < at.length; i++) text += `${name} ${values[place + i]} ${at[i]}\n`;
        place += at.length;
        if (text.length < CHUNK) continue;
        yield text;
        text = '';
      }
    }
  }
  yield `${text}# EOF\n`;
}

/** Returns the targets of the layout with what their series depend on. */
function seriesTargets(reader: HistoryReader, id: string, names: readonly string[]): SeriesTarget[] {
  const { targets: kept = [] } = reader.setup(id);
  const labelNames = Object.keys(kept[0]?.labels ?? {});
  return names.map((name) => {
    const known = kept.find((t) => t.name === name);
    if (known === undefined)
      return { name, labels: Object.fromEntries(labelNames.map((label) => [label, ''])) };
    const { labels = {}, timeouts, objective } = known;
    return {
      name,
      labels,
      timeouts,
      ...(objective === undefined || objective === null ? {} : { objective }),
    };
  });
}

function familiesOf(
  run: KeptRun,
  targets: readonly SeriesTarget[],
  limits: TimingLimits,
  own: ReadonlySet<string>,
): Family[] {
  const streams = streamSeries(targets, limits);
  const ofRun: Partial<Record<keyof typeof METRICS, Series<ExportState>[]>> = {
    runInfo: [scalar(METRICS.runInfo, { scenario: run.scenario, run: run.id }, () => 1)],
    runStart: [scalar(METRICS.runStart, {}, () => run.startedAt / 1000)],
    unreliableWindows: [scalar(METRICS.unreliableWindows, {}, (s) => s.unreliable)],
  };
  return (Object.keys(METRICS) as (keyof typeof METRICS)[]).flatMap((key) => {
    if (NOT_KEPT.has(key)) return [];
    const series = [...(ofRun[key] ?? []), ...(streams[key] ?? [])].filter(({ values }) => {
      const { target } = values[0]!.labels;
      return target === undefined || own.has(target);
    });
    return series.length === 0 ? [] : [{ info: METRICS[key], series }];
  });
}

/** @throws SoakError USAGE */
function requireOtherLabels(families: readonly Family[], labels: Readonly<Record<string, string>>): void {
  const taken = new Set(
    families.flatMap(({ series }) => series.flatMap((s) => Object.keys(s.values[0]!.labels))),
  );
  for (const name of Object.keys(labels))
    if (taken.has(name))
      throw new SoakError('USAGE', `found the label ${name}, expected one that the series do not have`);
}

/** Returns the times of samples, seconds since 1970: the start, and the end of each window; each is later than the last. */
function timestamps(times: readonly WindowTime[]): number[] {
  if (times.length === 0) return [];
  let last = times[0]!.fromAt;
  // A clock that was set back must not make two samples of one time.
  const ends = times.map(({ toAt }) => {
    last = Math.max(toAt, last + 1);
    return last / 1000;
  });
  return [times[0]!.fromAt / 1000, ...ends];
}

/** Splits series so that the values of each part fit in memory. @param samples of each series */
function partsOf(families: readonly Family[], samples: number): Part[] {
  const parts: Part[] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const family of families) {
    for (const one of family.series) {
      const added = one.values.length * samples;
      if (size + added > MAX_VALUES) {
        parts.push([]);
        size = 0;
      }
      size += added;
      const part = parts.at(-1)!;
      const last = part.at(-1);
      if (last?.family === family) (last.series as Series<ExportState>[]).push(one);
      else part.push({ family, series: [one] });
    }
  }
  return parts;
}

/** Returns the values of lines, line by line. */
function collect(
  part: Part,
  lines: readonly SeriesValue[],
  states: () => Iterable<ExportState>,
  samples: number,
): Float64Array {
  const values = new Float64Array(lines.length * samples);
  let i = 0;
  for (const state of states()) {
    for (const { series } of part) for (const one of series) one.update(state);
    for (const [place, line] of lines.entries()) values[place * samples + i] = line.value;
    i++;
  }
  return values;
}

/** Yields the state before the first window, and after each one. */
function* statesOf(
  reader: HistoryReader,
  id: string,
  {
    layout,
    width,
    times,
  }: {
    readonly layout: StreamView['layout'];
    readonly width: WindowWidth;
    readonly times: readonly WindowTime[];
  },
): Generator<ExportState> {
  if (times.length === 0) return;
  const sum = new Float64Array(layout.size);
  const gauges = momentary(layout);
  let unreliable = 0;
  let seen = 0;
  yield { view: new StreamView(layout, sum), desired: [], unreliable };
  for (const window of eachWindow(reader, id, layout.size, { width })) {
    if (window.n !== times[seen]?.n) break;
    for (let i = 0; i < sum.length; i++) sum[i]! += window.values[i]!;
    for (const place of gauges) sum[place] = window.values[place]!;
    unreliable += window.unreliable;
    seen++;
    yield { view: new StreamView(layout, sum), desired: window.desired, unreliable };
  }
  if (seen < times.length) throw new SoakError('RUN_UNKNOWN', `run ${id} was deleted during its export`);
}

/** Places of what is shown as of the window alone: gauges, and maxima. */
function momentary(layout: Layout): number[] {
  return [...gaugesOf(layout), ...layout.maxima];
}

function heading({ name, type, help }: MetricInfo): string {
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  return `# TYPE ${family} ${type}\n# HELP ${family} ${escaped(help)}\n`;
}

/** `le` has the form that it has on /metrics (`1`, not `1.0`): else Prometheus 2 would see other series. */
function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
