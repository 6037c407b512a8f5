import { measurementLag, type StreamView } from '../catalog/slots.ts';
import { SoakError } from '../core/errors.ts';
import type { Histogram } from '../core/histogram.ts';
import { type MeasurementError, measurementErrorOf } from '../core/measurement-error.ts';
import { OUTCOMES, RESULTS, type Result } from '../core/outcome.ts';
import type { Timing } from '../measures/list.ts';
import type { KeptWindow } from './kept-window.ts';
import type { CutWindow } from './window-cutter.ts';

/** Value of a column; `null`: nothing was observed. */
export type ColumnValue = number | string | null;

/** Part of a row: a value, or the values of a group by name. */
export type RowPart = ColumnValue | { readonly [name: string]: RowPart };

/** What was counted in a window. Keys are those of {@link WINDOW_COLUMNS}, dots are levels; `targets` has the others. */
export interface WindowRow {
  readonly n: number;
  /** Calendar times, ms since 1970. */
  readonly fromAt: number;
  readonly toAt: number;
  readonly [name: string]: RowPart | readonly { readonly [name: string]: RowPart }[];
  readonly targets: readonly { readonly [name: string]: RowPart }[];
}

interface Column<T> {
  /** Key in the JSON; dots are levels. */
  readonly name: string;
  /** `time`: ms since 1970 inside, ISO 8601 outside. `count`: whole number. `number?`, `ratio?`: `null` without observations. */
  readonly kind: 'time' | 'text' | 'count' | 'number' | 'number?' | 'ratio?';
  readonly description: string;
  readonly value: (of: T) => ColumnValue;
}

/** A window without what was counted in it. */
export type WindowFacts = Omit<KeptWindow, 'values' | 'desired'>;

interface OfWindow {
  readonly window: WindowFacts;
  readonly error: MeasurementError | null;
}

/** Columns about a window. */
export const WINDOW_COLUMNS: readonly Column<OfWindow>[] = [
  {
    name: 'n',
    kind: 'count',
    description: 'number of the window in the run, from 0',
    value: (w) => w.window.n,
  },
  { name: 'fromAt', kind: 'time', description: 'start of the window', value: (w) => w.window.fromAt },
  { name: 'toAt', kind: 'time', description: 'end of the window', value: (w) => w.window.toAt },
  {
    name: 'generator.rssBytes',
    kind: 'number',
    description: 'maximum resident set size of soakd',
    value: (w) => w.window.rssBytes,
  },
  {
    name: 'generator.cpuMs',
    kind: 'number',
    description: 'CPU time of soakd',
    value: (w) => w.window.cpuMs,
  },
  {
    name: 'measurementQuality.windows',
    kind: 'count',
    description: 'measurement windows of 5 s that ended in this window',
    value: (w) => w.window.lagWindows,
  },
  {
    name: 'measurementQuality.unreliable',
    kind: 'count',
    description: 'measurement windows with unreliable timings',
    value: (w) => w.window.unreliable,
  },
  {
    name: 'measurementErrorMs.count',
    kind: 'count',
    description: 'samples of the canary',
    value: (w) => w.error?.count ?? 0,
  },
  {
    name: 'measurementErrorMs.p50',
    kind: 'number?',
    description: 'how much timings may be too long: median',
    value: (w) => w.error?.p50 ?? null,
  },
  {
    name: 'measurementErrorMs.p99',
    kind: 'number?',
    description: 'how much timings may be too long: upper bound of the 99th percentile',
    value: (w) => w.error?.p99 ?? null,
  },
];

/** A target in a window. */
export interface TargetFacts {
  readonly name: string;
  /** Place of the target in the view. */
  readonly index: number;
  readonly desired: number;
  readonly window: WindowFacts;
}

/** What was counted in a window for one target. */
class OfTarget {
  readonly name: string;
  /** Streams wanted, on average. */
  readonly desired: number;
  readonly view: StreamView;
  readonly window: WindowFacts;
  readonly #index: number;
  #results: Readonly<Record<Result, number>> | undefined;
  readonly #histograms = new Map<string, { readonly histogram: Histogram; readonly count: number }>();

  constructor({ name, index, desired, window }: TargetFacts, view: StreamView) {
    this.name = name;
    this.#index = index;
    this.desired = desired;
    this.view = view;
    this.window = window;
  }

  get results(): Readonly<Record<Result, number>> {
    this.#results ??= this.view.results(this.#index);
    return this.#results;
  }

  cell(name: Parameters<StreamView['cell']>[1]): number {
    return this.view.cell(this.#index, name);
  }

  /** Open streams at the end of the window. */
  get active(): number {
    return this.view.active(this.#index);
  }

  /** Returns the histogram of a timing, and the number of its observations: counting them is most of the cost of a row. */
  timing(timing: keyof typeof TIMINGS): { readonly histogram: Histogram; readonly count: number } {
    let known = this.#histograms.get(timing);
    if (known === undefined) {
      const names = TIMINGS[timing].of;
      const histogram =
        names.length === 1
          ? this.view.histogram(this.#index, names[0]!)
          : this.view.combined([this.#index], names);
      known = { histogram, count: histogram.count };
      this.#histograms.set(timing, known);
    }
    return known;
  }
}

/** Timings by their keys in a summary, with the histograms they consist of. */
const TIMINGS = {
  connectMs: { of: ['connect'], text: 'time to a usable socket' },
  headersMs: { of: ['headers'], text: 'time from the written request to the headers' },
  ttfbMs: { of: ['ttfb'], text: 'TTFB' },
  ttftMs: { of: ['ttft'], text: 'TTFT' },
  gapMs: { of: ['gap'], text: 'chunk gap' },
  tpotMs: { of: ['tpot'], text: 'time per output token after the first' },
  durationMs: {
    of: ['duration:success', 'duration:failed'],
    text: 'duration of streams that succeeded or failed',
  },
  successDurationMs: { of: ['duration:success'], text: 'duration of successful streams' },
  effectiveDurationMs: {
    of: ['effective'],
    text: 'time from due to end of streams that succeeded or failed',
  },
} as const satisfies Record<
  string,
  { readonly of: readonly Parameters<StreamView['histogram']>[1][]; readonly text: string }
>;

const count = (
  name: string,
  description: string,
  value: Parameters<StreamView['cell']>[1] | ((of: OfTarget) => number),
): Column<OfTarget> => ({
  name,
  kind: 'count',
  description,
  value: typeof value === 'function' ? value : (of) => of.cell(value),
});

const number = (name: string, description: string, value: (of: OfTarget) => number): Column<OfTarget> => ({
  name,
  kind: 'number',
  description,
  value,
});

const ratio = (name: string, description: string, part: (of: OfTarget) => number): Column<OfTarget> => ({
  name,
  kind: 'ratio?',
  description,
  value: (of) => {
    const whole = of.results.success + of.results.failed;
    return whole === 0 ? null : part(of) / whole;
  },
});

function timingColumns(timing: keyof typeof TIMINGS): Column<OfTarget>[] {
  const { text } = TIMINGS[timing];
  const quantile = (name: string, q: number): Column<OfTarget> => ({
    name: `${timing}.${name}`,
    kind: 'number?',
    description: `${text}: ${name}`,
    value: (of) => {
      const { histogram, count: n } = of.timing(timing);
      return histogram.quantile(q, n);
    },
  });
  return [
    count(`${timing}.count`, `${text}: observations`, (of) => of.timing(timing).count),
    {
      name: `${timing}.mean`,
      kind: 'number?',
      description: `${text}: mean`,
      value: (of) => {
        const { histogram, count: n } = of.timing(timing);
        return n === 0 ? null : histogram.sum / n;
      },
    },
    quantile('p50', 0.5),
    quantile('p95', 0.95),
    quantile('p99', 0.99),
  ];
}

const perWindow = ({ window: { fromAt, toAt } }: OfTarget): number => Math.max(1, toAt - fromAt);

/** Columns about one target in a window. Those that a summary has too have its names. */
export const TARGET_COLUMNS: readonly Column<OfTarget>[] = [
  { name: 'target', kind: 'text', description: 'name of the target', value: (of) => of.name },
  number('streams.desired', 'streams wanted, on average', (of) => of.desired),
  count('streams.started', 'streams started', 'started'),
  count('streams.active', 'streams open at the end of the window', (of) => of.active),
  number('streams.openMean', 'open streams, on average', (of) => of.cell('activeMs') / perWindow(of)),
  count('streams.dropped', 'streams that were due and not started', 'dropped'),
  count('streams.stalled', 'stalled streams at the end of the window', 'stalled'),
  ...RESULTS.map((result) =>
    count(`streams.results.${result}`, `ended streams with the result ${result}`, (of) => of.results[result]),
  ),
  ratio('successRatio', 'successes over the sum of successes and failures', (of) => of.results.success),
  ratio('completeRatio', 'complete streams over the sum of successes and failures', (of) =>
    of.cell('finished:complete'),
  ),
  ...(Object.keys(TIMINGS) as (keyof typeof TIMINGS)[]).flatMap(timingColumns),
  count('chunks', 'chunks received', 'chunks'),
  count('reads', 'socket reads that held body bytes', 'reads'),
  count('bytes', 'body bytes received', 'bytes'),
  count('contentCharacters', 'Unicode code points of content', 'characters'),
  count('keepalives', 'keepalives without content', 'keepalives'),
  count('inputTokens', 'input tokens as reported', 'inputTokens'),
  count(
    'outputTokens',
    'output tokens as reported',
    (of) => of.cell('outputTokens') - of.cell('estimatedTokens'),
  ),
  count(
    'estimatedOutputTokens',
    'estimated output tokens of streams without a report; not in outputTokens',
    'estimatedTokens',
  ),
  count(
    'goodput.within',
    'streams that succeeded within every limit of the objective; 0 without an objective',
    'goodput:part',
  ),
  count('buffered.streams', 'long responses whose content arrived all at once at their end', 'buffered:part'),
  count('buffered.of', 'successful streams with ten content chunks or more', 'buffered:whole'),
  number('backoffMs', 'time that virtual users waited after failures', (of) => of.cell('backoff')),
  number('availability.upMs', 'time in which a stream succeeded or content arrived', (of) => of.cell('upMs')),
  number('availability.downMs', 'time in which streams failed and the target was not up', (of) =>
    of.cell('downMs'),
  ),
  number('availability.unknownMs', 'remaining time', (of) => of.cell('unknownMs')),
  ...OUTCOMES.map((outcome) =>
    count(`streams.finished.${outcome}`, `ended streams with the outcome ${outcome}`, `finished:${outcome}`),
  ),
];

/** Columns about a target that a row has. */
export type RowColumns = readonly Column<OfTarget>[];

/**
 * Returns the columns about targets with these names, and that of the name of the target.
 * @param names absent: all
 * @throws SoakError USAGE for a name that is none
 */
export function chosenColumns(names?: readonly string[]): RowColumns {
  if (names === undefined) return TARGET_COLUMNS;
  const unknown = names.filter((name) => !TARGET_COLUMNS.some((column) => column.name === name));
  if (unknown.length > 0)
    throw new SoakError(
      'USAGE',
      `found the columns ${unknown.join(', ').slice(0, 200)}, expected names of docs/history.md, such as successRatio or ttfbMs.p95`,
    );
  return TARGET_COLUMNS.filter(({ name }) => name === 'target' || names.includes(name));
}

/** Returns the histograms of a target that columns are made from. */
export function timingsOf(columns: RowColumns): Timing[] {
  const names = new Set(columns.map(({ name }) => name.slice(0, name.indexOf('.'))));
  return Object.entries(TIMINGS).flatMap(([key, { of }]) => (names.has(key) ? of : []));
}

/** Returns what was counted in a window besides its targets. */
export function windowHead(window: WindowFacts, view: StreamView): { readonly [name: string]: RowPart } {
  return record(WINDOW_SHAPE, { window, error: measurementErrorOf(measurementLag(view)) });
}

/** Returns a function that makes the row of a target in a window. */
export function targetRows(
  columns: RowColumns,
): (target: TargetFacts, view: StreamView) => { readonly [name: string]: RowPart } {
  const shape = shapeOf(columns);
  return (target, view) => record(shape, new OfTarget(target, view));
}

/** Returns the row of a window that was just counted, with all columns, as {@link WindowRow} of the history. */
export function cutRow(cut: CutWindow, view: StreamView): WindowRow {
  const { layout, places, desired, n, fromAt, toAt, rssBytes, cpuMs, lagWindows, unreliable } = cut;
  const window: WindowFacts = { n, fromAt, toAt, rssBytes, cpuMs, lagWindows, unreliable };
  const targets = places.map((index) =>
    wholeRow({ name: layout.targets[index]!, index, desired: desired[index]!, window }, view),
  );
  return { ...windowHead(window, view), targets } as unknown as WindowRow;
}

/** Columns as the levels of a record: a key with a column, or with a level of its own. */
type Shape<T> = readonly { readonly key: string; readonly part: Column<T> | Shape<T> }[];

function shapeOf<T>(columns: readonly Column<T>[]): Shape<T> {
  const root: { key: string; part: Column<T> | Shape<T> }[] = [];
  for (const column of columns) {
    let level = root;
    const steps = column.name.split('.');
    for (const key of steps.slice(0, -1)) {
      let place = level.find((one) => one.key === key);
      if (place === undefined) {
        place = { key, part: [] };
        level.push(place);
      }
      level = place.part as typeof root;
    }
    level.push({ key: steps.at(-1)!, part: column });
  }
  return root;
}

const WINDOW_SHAPE = shapeOf(WINDOW_COLUMNS);
const wholeRow = targetRows(TARGET_COLUMNS);

function record<T>(shape: Shape<T>, of: T): { readonly [name: string]: RowPart } {
  const made: { [name: string]: RowPart } = {};
  for (const { key, part } of shape) made[key] = 'value' in part ? part.value(of) : record(part, of);
  return made;
}

/** Returns the value of a column of a row. */
export function columnValue(row: { readonly [name: string]: unknown }, name: string): ColumnValue {
  return name
    .split('.')
    .reduce<unknown>((part, step) => (part as Record<string, unknown>)[step], row) as ColumnValue;
}
