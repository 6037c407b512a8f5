import type { LevelPoint, Subject, SubjectLimit } from '../analysis/level-point.ts';
import type { Plot } from '../schema/report.ts';
import { type PlotUnit, timeUnitOf } from './plot-unit.ts';
import { numberText, shareText } from './text.ts';

type Value = (point: LevelPoint) => number | null;

interface Kind {
  readonly id: string;
  readonly title: string;
  readonly value: Value;
  /** Threshold whose limits are drawn; of a timing, without its statistic. */
  readonly threshold: string;
}

const p95 =
  (timing: keyof LevelPoint['timings']): Value =>
  ({ timings }) =>
    timings[timing]?.p95 ?? timings[timing]?.mean ?? null;

const KINDS: readonly Kind[] = [
  {
    id: 'ttfb',
    title: 'Time to first byte by load',
    value: p95('ttfb'),
    threshold: 'ttfb',
  },
  {
    id: 'duration',
    title: 'Duration of a stream by load',
    value: p95('duration'),
    threshold: 'duration',
  },
  {
    id: 'gap',
    title: 'Gap between chunks by load',
    value: p95('gap'),
    threshold: 'gap',
  },
  {
    id: 'success',
    title: 'Success by load',
    value: ({ successRatio }) => successRatio,
    threshold: 'success-rate',
  },
];

/**
 * Returns plots of values over the load, where at least two loads have them.
 * @param id of the part of the report, for the names of the plots
 */
export function levelPlots(subjects: readonly Subject[], id: string): Plot[] {
  return KINDS.flatMap((kind) => {
    const series = subjects.flatMap((subject) => {
      const points = pointsOf(subject, kind.value);
      return points.length < 2 ? [] : [{ subject, points }];
    });
    const [first] = series;
    if (first === undefined) return [];
    const isShare = kind.id === 'success';
    const statistic = statisticOf(subjects, kind);
    const limits = limitsOf(subjects, isShare ? kind.threshold : `${kind.threshold}-${statistic}`);
    const unit = isShare ? SHARE : timeUnitOf(series.flatMap(({ points }) => points.map(([, y]) => y)));
    const without = subjects.flatMap((subject) => withoutLine(subject, kind.value));
    return [
      {
        id: `${id}-levels-${kind.id}`,
        title: isShare ? kind.title : `${kind.title}, ${statistic === 'p95' ? 'P95' : 'mean'}`,
        text: [
          ...series.map(({ subject, points }) => sentence(subject, points, unit)),
          ...without.map(({ name, reason }) => `${name}: ${reason}.`),
        ].join(' '),
        x: { label: first.subject.unit === 'users' ? 'users' : 'streams per second', kind: 'number' },
        y: { label: unit.label, ...(isShare ? { to: 100 } : { from: 0 }) },
        series: series.map(({ subject, points }) => ({
          name: subject.name,
          points: points.map(([x, y]) => [x, y * unit.scale] as const),
        })),
        without,
        limits: limits.map((l) => ({ y: l.limit * unit.scale, label: `limit ${unit.text(l.limit)}` })),
        bands: [],
        marks: [],
      },
    ];
  });
}

const SHARE: PlotUnit = { label: 'success, %', scale: 100, text: shareText };

/** Returns why a subject has no line. */
function withoutLine(subject: Subject, value: Value): Plot['without'] {
  const points = pointsOf(subject, value);
  if (points.length >= 2) return [];
  const answered = subject.levels.some((l) => l.timings.ttfb !== null);
  const reason = points.length === 1 ? 'a value at one load only' : answered ? 'no value' : 'no answer';
  return [{ name: subject.name, reason }];
}

/** A table that someone wrote may have means alone. */
function statisticOf(subjects: readonly Subject[], { id }: Kind): 'p95' | 'mean' {
  const hasP95 = subjects.some(({ levels }) =>
    levels.some((p) => p.timings[id as keyof LevelPoint['timings']]?.p95 != null),
  );
  return hasP95 ? 'p95' : 'mean';
}

function pointsOf({ levels }: Subject, value: Value): (readonly [x: number, y: number])[] {
  return levels
    .flatMap((point) => {
      const y = value(point);
      return y === null || point.load <= 0 ? [] : [[point.load, y] as const];
    })
    .sort((a, b) => a[0] - b[0]);
}

/** Returns the limits of the subjects on a threshold, each value once. */
export function limitsOf(subjects: readonly Subject[], threshold: string): SubjectLimit[] {
  const all = subjects.flatMap(({ limits }) => limits).filter((l) => l.threshold === threshold);
  return [...new Map(all.map((l) => [l.limit, l])).values()].slice(0, 4);
}

function sentence(
  subject: Subject,
  points: readonly (readonly [x: number, y: number])[],
  { text }: PlotUnit,
): string {
  const [first, last] = [points[0]!, points.at(-1)!];
  const unit = subject.unit === 'users' ? 'users' : 'streams per second';
  const top = points.reduce((a, b) => (b[1] > a[1] ? b : a));
  const low = points.reduce((a, b) => (b[1] < a[1] ? b : a));
  if (top[1] === low[1])
    return `${subject.name}: ${text(top[1])} from ${numberText(first[0])} to ${numberText(last[0])} ${unit}.`;
  return `${subject.name}: ${text(first[1])} at ${numberText(first[0])} ${unit}, ${text(last[1])} at ${numberText(last[0])}; lowest ${text(low[1])} at ${numberText(low[0])}, highest ${text(top[1])} at ${numberText(top[0])}.`;
}
