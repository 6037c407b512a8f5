import type { Subject } from '../../analysis/level-point.ts';
import type { RunEvent } from '../../core/control.ts';
import type { Plot } from '../../schema/report.ts';
import type { Summary } from '../../schema/summary.ts';
import { eachRun, list, paragraph, plotBlock, type RunPart } from '../blocks.ts';
import type { ReportedRun, SectionRecord, TargetSeries } from '../input.ts';
import { limitsOf } from '../level-plots.ts';
import { type PlotUnit, timeUnitOf } from '../plot-unit.ts';
import { leftOutText, shownSubjects } from '../shown-subjects.ts';
import { numberText, plural, shareText, spanText, timeText } from '../text.ts';

/** Windows follow each other without time in between; calendar times are rounded. */
const MIN_GAP_MS = 1000;

export const timeline: SectionRecord = {
  id: 'timeline',
  title: 'Timeline',
  make: (input) => eachRun(input, (run, index) => timelineOf(run, `run${index + 1}`)),
};

function timelineOf(run: ReportedRun, id: string): RunPart | string {
  const withRows = run.series.filter(({ rows }) => rows.length > 1);
  if (withRows.length === 0)
    return run.series.length === 0
      ? 'The windows of the run are not kept in a file of run --json: take the run from the history for a timeline.'
      : 'The run is too short for a timeline: fewer than two windows.';
  const shown = shownSubjects(run.subjects).flatMap(({ name }) => withRows.filter((s) => s.target === name));
  const lines = shown.length > 0 ? shown : withRows.slice(0, 1);
  const marks = marksOf(run.summary);
  const bands = bandsOf(run);
  const plots = TIME_LINES.flatMap((line) => plotOf(line, lines, run.subjects, id)).map(
    (plot): Plot => ({ ...plot, bands, marks }),
  );
  const rows = lines[0]!.rows;
  const width = Math.round((rows[0]!.toAt - rows[0]!.fromAt) / 1000);
  return {
    blocks: [
      paragraph(
        `${plural(rows.length, 'window')} of ${width} s, ${spanText(rows[0]!.fromAt, rows.at(-1)!.toAt)}.${leftOutText(withRows, lines)} Gaps in a line: nothing was observed there. Numbers above a plot: events, listed below.`,
      ),
      ...plots.map(plotBlock),
      ...(marks.length === 0 ? [] : [list(marks.map(({ x, label }) => `${label}, ${timeText(x)} UTC`))]),
    ],
    values: { targets: lines.map(({ target }) => target), windows: rows.length, bands, marks },
  };
}

type Drawn = Omit<Plot, 'bands' | 'marks'>;

function plotOf(
  { key, title, unit: own, from, to, threshold }: TimeLine,
  lines: readonly TargetSeries[],
  subjects: readonly Subject[],
  id: string,
): Drawn[] {
  const pick = key === 'successRatio' ? lowest : highest;
  const all = lines.map(({ target, rows }) => ({
    name: target,
    points: pointsOf(rows, key),
  }));
  const isEmpty = ({ points }: (typeof all)[number]): boolean => points.every(([, value]) => value === null);
  const series = all
    .filter((one) => !isEmpty(one))
    .map(({ name, points }) => ({ name, points: thin(points, pick) }));
  if (series.length === 0) return [];
  const unit = own ?? timeUnitOf(series.flatMap(({ points }) => points.map(([, value]) => value)));
  const without = all.filter(isEmpty).map(({ name }) => ({ name, reason: reasonOf(name, lines) }));
  return [
    {
      id: `${id}-time-${key}`,
      title,
      text: [
        ...series.map(({ name, points }) => sentence(name, points, unit.text)),
        ...without.map(({ name, reason }) => `${name}: ${reason}.`),
      ].join(' '),
      x: { label: 'time, UTC', kind: 'time' },
      y: {
        label: unit.label,
        from,
        to,
      },
      series: series.map(({ name, points }) => ({
        name,
        points: points.map(([x, value]) => [x, value === null ? null : value * unit.scale] as const),
      })),
      without,
      limits:
        threshold === null
          ? []
          : limitsOf(subjects, threshold).map(({ limit }) => ({
              y: limit * unit.scale,
              label: `limit ${unit.text(limit)}`,
            })),
    },
  ];
}

/** Returns the points of a line, which a gap of the run interrupts: nothing was measured there. */
function pointsOf(rows: TargetSeries['rows'], key: TimeLine['key']): Plot['series'][number]['points'] {
  return rows.flatMap((row, i) => {
    const before = rows[i - 1]?.toAt ?? row.fromAt;
    const own = [(row.fromAt + row.toAt) / 2, row[key]] as const;
    return row.fromAt - before < MIN_GAP_MS ? [own] : [[(before + row.fromAt) / 2, null] as const, own];
  });
}

/** Returns why a target has no line. */
function reasonOf(name: string, lines: readonly TargetSeries[]): string {
  const rows = lines.find((l) => l.target === name)?.rows ?? [];
  return rows.some((r) => r.ttfbP95 !== null) ? 'no value' : 'no answer';
}

function sentence(
  name: string,
  points: readonly (readonly [x: number, y: number | null])[],
  text: (value: number) => string,
): string {
  const known = points.filter((p): p is readonly [number, number] => p[1] !== null);
  const top = known.reduce((a, b) => (b[1] > a[1] ? b : a));
  const low = known.reduce((a, b) => (b[1] < a[1] ? b : a));
  const [first, last] = [known[0]!, known.at(-1)!];
  const clock = (at: number): string => timeText(at).slice(11);
  if (top[1] === low[1]) return `${name}: ${text(top[1])} from ${clock(first[0])} to ${clock(last[0])}.`;
  return `${name}: from ${text(first[1])} at ${clock(first[0])} to ${text(last[1])} at ${clock(last[0])}; lowest ${text(low[1])} at ${clock(low[0])}, highest ${text(top[1])} at ${clock(top[0])}.`;
}

/** Points of a line, at most: more than a screen shows. */
const MAX_POINTS = 400;

type Points = readonly (readonly [x: number, y: number | null])[];

/**
 * Returns at most so many points: of each group of neighbours the one that `pick` prefers. A group without any value is a gap.
 * @param pick whether the first value is to be shown rather than the second
 */
export function thin(points: Points, pick: (a: number, b: number) => boolean, max = MAX_POINTS): Points {
  if (points.length <= max) return points;
  const size = Math.ceil(points.length / max);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) =>
    points.slice(i * size, (i + 1) * size).reduce((best, point) => {
      if (point[1] === null) return best;
      return best[1] === null || pick(point[1], best[1]) ? point : best;
    }),
  );
}

export const highest = (a: number, b: number): boolean => a > b;
export const lowest = (a: number, b: number): boolean => a < b;

type Row = TargetSeries['rows'][number];

/** A plot over the time of a run. */
interface TimeLine {
  readonly key: 'openMean' | 'successRatio' | 'ttfbP95' | 'ttftP95' | 'gapP95' | 'chunks';
  readonly title: string;
  /** Ends of the axis; absent: from the data. */
  readonly from?: number;
  readonly to?: number;
  /** Threshold whose limits are drawn. */
  readonly threshold: string | null;
  /** Unit of the axis; absent: of times, as their values need. */
  readonly unit?: PlotUnit;
}

const TIME_LINES: readonly TimeLine[] = [
  {
    key: 'openMean',
    title: 'Open streams',
    unit: { label: 'streams', scale: 1, text: numberText },
    from: 0,
    threshold: null,
  },
  {
    key: 'successRatio',
    title: 'Success',
    unit: { label: 'success, %', scale: 100, text: shareText },
    to: 100,
    threshold: 'success-rate',
  },
  {
    key: 'ttfbP95',
    title: 'Time to first byte, P95',
    from: 0,
    threshold: 'ttfb-p95',
  },
  {
    key: 'ttftP95',
    title: 'Time to first token, P95',
    from: 0,
    threshold: 'ttft-p95',
  },
  {
    key: 'gapP95',
    title: 'Gap between chunks, P95',
    from: 0,
    threshold: 'gap-p95',
  },
] satisfies readonly (TimeLine & { readonly key: keyof Row })[];

/** Bands of each kind, and marks, of one plot. */
const MAX_BANDS = 60;
const MAX_MARKS = 12;

/** Events that change the load or the run; the others are in the table of events. */
const MARKED: readonly RunEvent['action'][] = [
  'warm-up',
  'set',
  'pause',
  'resume',
  'skip',
  'extend',
  'stop',
  'gap',
];

/** Returns gaps, outages and unreliable windows of a run, neighbours as one. */
function bandsOf({ summary, unreliable = [] }: ReportedRun): Plot['bands'] {
  return [
    ...joined(
      summary.run.gaps.map(({ fromAt, toAt }) => [Date.parse(fromAt), Date.parse(toAt)] as const),
    ).map(([from, to]) => ({ from, to, label: 'gap: nothing measured', tone: 'unknown' as const })),
    ...joined(summary.outages.map(({ from, to }) => [Date.parse(from), Date.parse(to)] as const)).map(
      ([from, to]) => ({ from, to, label: 'outage of a target', tone: 'bad' as const }),
    ),
    ...joined(unreliable.map(({ fromAt, toAt }) => [fromAt, toAt] as const)).map(([from, to]) => ({
      from,
      to,
      label: 'unreliable timings',
      tone: 'warning' as const,
    })),
  ];
}

/** Returns the events that a plot marks, numbered. */
function marksOf({ run }: Summary): Plot['marks'] {
  return run.events
    .filter(({ action }) => MARKED.includes(action))
    .slice(0, MAX_MARKS)
    .map(({ at, action, detail }, index) => ({
      x: Date.parse(at),
      label: `${index + 1}: ${action}${detail === '' || detail === action ? '' : `, ${detail}`}`,
    }));
}

function joined(spans: readonly (readonly [from: number, to: number])[]): [from: number, to: number][] {
  const all: [number, number][] = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all.slice(0, MAX_BANDS);
}
