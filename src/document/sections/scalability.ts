import { type Bend, bendOf } from '../../analysis/knee.ts';
import type { LevelPoint } from '../../analysis/level-point.ts';
import { unheldLevels } from '../../analysis/subjects.ts';
import type { Block, Plot } from '../../schema/report.ts';
import {
  type Analysed,
  analysedIn,
  byLoad,
  detailed,
  loadText,
  MAX_ROWS,
  ofColumn,
  statisticOf,
} from '../analysed.ts';
import { list, paragraph, plotBlock, tableOf } from '../blocks.ts';
import { drainText } from '../drain-text.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { timeUnitOf } from '../plot-unit.ts';
import { recommendedFor } from '../recommended.ts';
import { msText, numberText, plural } from '../text.ts';

/** Values of a subject over its loads. */
interface Curve {
  readonly of: Analysed;
  readonly measure: string;
  readonly unit: 'ms' | 'per-second' | 'percent';
  readonly points: readonly { readonly load: number; readonly value: number }[];
  /** Streams in all levels; `null`: not known. */
  readonly n: number | null;
  readonly errorMs: number | null;
  readonly bend: Bend;
}

/** Where the curves of a target bend. */
export const scalability: SectionRecord = {
  id: 'scalability',
  title: 'Scalability',
  make(input): Content | Omitted {
    const curves = analysedIn(input).flatMap(curvesOf);
    const left = input.runs.flatMap(({ name, summary }) =>
      unheldLevels(summary).map((level) => (input.runs.length > 1 ? `${name}: ${level}` : level)),
    );
    const most = Math.max(0, ...curves.map((c) => c.bend.levels));
    if (curves.every((c) => c.bend.kind === 'too-few'))
      return {
        omitted: `A bend needs at least five loads that were each held; there ${most === 1 ? 'is' : 'are'} ${most}.${left.length === 0 ? '' : ` Left out: ${left.slice(0, 5).join('; ')}.`}`,
      };
    const { shown, more } = detailed(analysedIn(input), (a) => a);
    const drains = shown.flatMap(({ name, subject }) => {
      const text = drainText(subject);
      return text === '' ? [] : [{ name, text }];
    });
    const plots = curves.filter((c) => shown.includes(c.of) || shown.some((s) => s.subject === c.of.subject));
    return {
      blocks: [
        tableOf<Curve>(
          'Where each value bends over the load: two lines that meet against a single one, with the 95 % interval of the bend.',
          [
            ...ofColumn(input),
            { title: 'value', align: 'left', cell: (c) => c.measure },
            { title: 'loads', cell: (c) => String(c.bend.levels) },
            {
              title: 'n',
              note: 'n: streams of all levels that succeeded or failed.',
              cell: (c) => numberText(c.n),
            },
            { title: 'result', align: 'left', cell: (c) => `${bendText(c)}${againstText(c)}` },
            {
              title: 'p',
              note: 'p: how often straight lines look as bent.',
              cell: ({ bend }) => (bend.kind === 'too-few' ? '–' : numberText(bend.p)),
            },
            {
              title: 'error',
              note: 'Error: the largest p99 of the measurement error of a level.',
              cell: (c) => (c.unit === 'ms' ? msText(c.errorMs) : '–'),
            },
          ],
          curves,
          MAX_ROWS,
        ),
        ...drains.map(({ name, text }) =>
          paragraph(`${drains.length > 1 ? `${name}:` : 'Streams per second:'}${text}`),
        ),
        ...(left.length === 0
          ? []
          : [
              paragraph(`Not used, since no single load was held: ${plural(left.length, 'level')}.`),
              list(left.slice(0, 20)),
            ]),
        ...(more === '' ? [] : [paragraph(more)]),
        ...plots.flatMap((curve, i): Block[] =>
          curve.unit === 'ms' ? [plotBlock(plotOf(curve, `scalability-${i + 1}`))] : [],
        ),
      ],
      values: curves.map(({ of, measure, unit, n, errorMs, bend }) => ({
        of: of.name,
        measure,
        unit,
        streams: n,
        errorMs,
        bend,
      })),
    };
  },
};

function curvesOf(of: Analysed): Curve[] {
  const levels = byLoad(of.subject);
  const ttfb = statisticOf(levels, 'ttfb');
  const curve = (
    measure: string,
    unit: Curve['unit'],
    value: (level: LevelPoint) => number | null | undefined,
    errors: readonly number[] = [],
  ): Curve[] => {
    const points: Curve['points'][number][] = [];
    let n: number | null = 0;
    for (const level of levels) {
      const y = value(level);
      if (y == null) continue;
      points.push({ load: level.load, value: y });
      n = n === null || level.streams === null ? null : n + level.streams;
    }
    const errorMs = errors.length === 0 ? null : Math.max(...errors);
    const bend = bendOf(points, { tolerance: errorMs ?? 0 });
    return points.length === 0 ? [] : [{ of, measure, unit, points, n, errorMs, bend }];
  };
  const errorsOf = (timing: 'ttfb' | 'duration'): number[] =>
    levels.flatMap((l) => l.timings[timing]?.errorMs ?? []);
  return [
    ...(ttfb === undefined
      ? []
      : curve(
          ttfb === 'p95' ? 'TTFB P95' : 'TTFB mean',
          'ms',
          (l) => l.timings.ttfb?.[ttfb],
          errorsOf('ttfb'),
        )),
    ...curve('duration mean', 'ms', (l) => l.timings.duration?.mean, errorsOf('duration')),
    ...curve('success', 'percent', (l) => (l.successRatio === null ? null : l.successRatio * 100)),
    ...curve('streams per second', 'per-second', (l) => l.streamsPerSecond),
  ];
}

/** Writes where a bend of a timing lies against the recommended load: the limits and not the bend decide that. */
function againstText({ bend, of, unit }: Curve): string {
  const load = recommendedFor([of.subject])?.load ?? null;
  if (bend.kind !== 'bend' || unit !== 'ms' || load === null) return '';
  const side = bend.at < load ? 'below' : bend.at > load ? 'above' : 'at';
  return `; ${side} the recommended load, ${loadText(load, of.subject)}${bend.at < load ? ': beyond the bend timings grow, and there the limits still have their margin of 20 %' : ''}`;
}

function bendText({ bend, of, unit }: Curve): string {
  const slope = (value: number): string => {
    const per = of.subject.unit === 'users' ? 'user' : 'stream/s';
    const name = unit === 'ms' ? ' ms' : unit === 'percent' ? ' %' : '/s';
    return `${String(Number(value.toPrecision(3))).replace(/^-/, '−')}${name} for each ${per}`;
  };
  switch (bend.kind) {
    case 'too-few':
      return `${plural(bend.levels, 'load')}, and ${bend.required} are needed`;
    case 'none':
      return bend.because === 'tolerance'
        ? 'no bend above the measurement error'
        : `no bend: ${slope(bend.slope)} throughout`;
    case 'bend':
      return `bends at ${loadText(Math.round(bend.at), of.subject)} (${loadText(Math.round(bend.interval[0]), of.subject)} to ${loadText(Math.round(bend.interval[1]), of.subject)}): ${slope(bend.slopeBefore)} before, ${slope(bend.slopeAfter)} after`;
  }
}

function plotOf(curve: Curve, id: string): Plot {
  const { of, measure, points, bend } = curve;
  const [first, last] = [points[0]!, points.at(-1)!];
  const at = (load: number): number => {
    if (bend.kind === 'too-few') return 0;
    if (bend.kind === 'none') return bend.intercept + bend.slope * load;
    return bend.valueAt + (load < bend.at ? bend.slopeBefore : bend.slopeAfter) * (load - bend.at);
  };
  const unit = timeUnitOf(points.map((p) => p.value));
  const loads = [first.load, ...(bend.kind === 'bend' ? [bend.at] : []), last.load];
  return {
    id,
    title: `${of.name}: ${measure} over the load`,
    text: `${measure} of ${of.name}: ${unit.text(first.value)} at ${loadText(first.load, of.subject)}, ${unit.text(last.value)} at ${loadText(last.load, of.subject)}; ${bendText(curve)}.`,
    x: { label: of.subject.unit === 'users' ? 'users' : 'streams per second', kind: 'number' },
    y: { label: unit.label, from: 0 },
    series: [
      { name: measure, points: points.map(({ load, value }) => [load, value * unit.scale] as const) },
      ...(bend.kind === 'too-few'
        ? []
        : [{ name: 'fit', points: loads.map((load) => [load, at(load) * unit.scale] as const) }]),
    ],
    without: [],
    limits: [],
    bands:
      bend.kind === 'bend'
        ? [
            {
              from: bend.interval[0],
              to: bend.interval[1],
              label: '95 % interval of the bend',
              tone: 'warning',
            },
          ]
        : [],
    marks: bend.kind === 'bend' ? [{ x: bend.at, label: 'bend' }] : [],
  };
}
