import type { Subject } from '../../analysis/level-point.ts';
import { eachRun, list, paragraph, plotBlock, type RunPart } from '../blocks.ts';
import type { Plot } from '../document.ts';
import type { ReportedRun, SectionRecord, TargetSeries } from '../input.ts';
import { limitsOf } from '../level-plots.ts';
import { timeUnitOf } from '../plot-unit.ts';
import { leftOutText, shownSubjects } from '../shown-subjects.ts';
import { plural, spanText, timeText } from '../text.ts';
import { highest, lowest, thin } from '../thin.ts';
import { TIME_LINES, type TimeLine } from '../time-lines.ts';
import { bandsOf, marksOf } from '../time-marks.ts';

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
    points: rows.map((row) => [(row.fromAt + row.toAt) / 2, row[key]] as const),
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
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
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
