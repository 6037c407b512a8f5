import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/clock.ts';
import type { Plot as Drawing, Tone } from '../../schema/report.ts';
import { SERIES_STYLES, styleOf } from './series-style.ts';

/** Space of a plot, in CSS pixels. */
export interface PlotSize {
  readonly width: number;
  readonly height: number;
}

/** Limits this much above all values are left out of the axis: they would flatten the lines. */
const MAX_LIMIT_FACTOR = 3;
/** Points up to which each one is drawn. */
const MAX_DOTS = 60;
const MARGINS = { left: 56, right: 24, top: 26, bottom: 38 };
/** Width of a number below the axis with the space around it, px. */
const TICK_WIDTH = 85;
/** Width of a time below the axis, without and with seconds, and the space around it, px. */
const [CLOCK_WIDTH, SECONDS_WIDTH] = [48, 62];
/** Spans up to this one have times with seconds. */
const SECONDS_SPAN_MS = 10 * MINUTE_MS;
/** Steps of an axis of time, by their names in Plot: asked for a number of ticks, it gives up to twice as many. */
const TIME_STEPS: readonly (readonly [name: string, ms: number])[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => [`${n} seconds`, n * 1000] as const),
  ...[1, 2, 5, 10, 15, 30].map((n) => [`${n} minutes`, n * MINUTE_MS] as const),
  ...[1, 2, 3, 6, 12].map((n) => [`${n} hours`, n * HOUR_MS] as const),
  ...[1, 2, 7].map((n) => [`${n} days`, n * DAY_MS] as const),
];

/** Colours by tone: variables of the sheet of styles. */
const FILLS: Readonly<Record<Tone, string>> = {
  good: 'var(--good)',
  warning: 'var(--warning)',
  bad: 'var(--bad)',
  unknown: 'var(--unknown)',
};

/**
 * Returns a plot as SVG that scales by its `viewBox`. It has no ids, no text of names, and its colours are variables of the
 * document around it; legend and text stand beside it.
 */
export function plotSvg(drawing: Drawing, { width, height }: PlotSize): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const [low, high] = rangeOf(drawing);
  const limits = drawing.limits.filter(({ y }) => y >= low && y <= high);
  const svg = Plot.plot({
    document,
    className: 'soakd-plot',
    width,
    height,
    marginLeft: MARGINS.left,
    marginRight: MARGINS.right,
    marginTop: MARGINS.top,
    marginBottom: MARGINS.bottom,
    x: {
      type: drawing.x.kind === 'time' ? 'utc' : 'linear',
      label: drawing.x.label,
      labelArrow: 'none',
      ...(drawing.x.kind === 'time'
        ? { tickFormat: clockFormat(drawing), ticks: timeStep(drawing, width) }
        : { zero: false, nice: false, ticks: ticksWithin(width, TICK_WIDTH) }),
    },
    y: { label: drawing.y.label, labelArrow: 'none', domain: [low, high], ticks: 5, grid: true },
    marks: [
      ...drawing.bands.map(({ from, to, tone }) =>
        Plot.rectX([{ from, to }], {
          x1: 'from',
          x2: 'to',
          fill: FILLS[tone],
          fillOpacity: 0.22,
          ariaHidden: 'true',
        }),
      ),
      ...limits.map(({ y }) =>
        Plot.ruleY([y], { stroke: 'var(--limit)', strokeDasharray: '5 3', strokeWidth: 1.5 }),
      ),
      ...drawing.marks.flatMap(({ x, label }, index) => [
        Plot.ruleX([x], { stroke: 'var(--mark)', strokeDasharray: '1 3' }),
        Plot.text([x], {
          x: (value: number) => value,
          // Events over time are many: they are numbered, and listed below the plots.
          text: () => (drawing.x.kind === 'time' ? String(index + 1) : label),
          frameAnchor: 'top',
          dy: -8,
          fill: 'var(--mark)',
        }),
      ]),
      ...drawing.series.flatMap((series, index) => marksOf(series.points, index)),
      // Above the lines, which would cross them out.
      ...limits.map(({ y, label }) =>
        Plot.text([y], {
          y: (value: number) => value,
          text: () => label,
          frameAnchor: 'right',
          textAnchor: 'end',
          dy: -7,
          fill: 'var(--limit)',
          stroke: 'var(--ground)',
          strokeWidth: 4,
        }),
      ),
    ],
  });
  for (const style of svg.querySelectorAll('style')) style.remove();
  // Attributes with styles would need a weaker Content-Security-Policy.
  for (const styled of svg.querySelectorAll('[style]')) styled.removeAttribute('style');
  svg.removeAttribute('width');
  svg.removeAttribute('height');
  return shortNumbers(svg.outerHTML);
}

/** Returns how many labels have their place below a plot; at least two. */
function ticksWithin(width: number, each: number): number {
  return Math.max(2, Math.floor((width - MARGINS.left - MARGINS.right) / each));
}

/** Returns the smallest step of the axis of time whose labels do not touch. */
function timeStep(drawing: Drawing, width: number): string {
  const spanMs = spanOf(drawing);
  const most = ticksWithin(width, spanMs < SECONDS_SPAN_MS ? SECONDS_WIDTH : CLOCK_WIDTH);
  return (TIME_STEPS.find(([, ms]) => spanMs / ms <= most) ?? TIME_STEPS.at(-1)!)[0];
}

function spanOf({ series, bands }: Drawing): number {
  const times = [
    ...series.flatMap(({ points }) => [points[0]?.[0], points.at(-1)?.[0]]),
    ...bands.flatMap(({ from, to }) => [from, to]),
  ].filter((at) => at !== undefined);
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}

/** Returns how times are written below the axis: with seconds for minutes, with the day for days. */
function clockFormat(drawing: Drawing): (at: Date) => string {
  const spanMs = spanOf(drawing);
  return (at) => {
    const iso = at.toISOString();
    if (spanMs < SECONDS_SPAN_MS) return iso.slice(11, 19);
    return iso.endsWith('T00:00:00.000Z') || spanMs > 3 * DAY_MS ? iso.slice(5, 10) : iso.slice(11, 16);
  };
}

function marksOf(points: Drawing['series'][number]['points'], index: number): Plot.Markish[] {
  const stroke = `var(--s${styleOf(index)})`;
  const { dash } = SERIES_STYLES[styleOf(index)]!;
  const options = { x: (p: Point) => p[0], y: (p: Point) => p[1] };
  const data = [...points];
  return [
    Plot.lineY(data, {
      ...options,
      stroke,
      strokeWidth: 2,
      ...(dash === 'none' ? {} : { strokeDasharray: dash }),
    }),
    // A point between two gaps has no line.
    Plot.dot(data.length <= MAX_DOTS ? data : data.filter((_, i) => isAlone(points, i)), {
      ...options,
      fill: stroke,
      r: 2.5,
    }),
  ];
}

type Point = readonly [x: number, y: number | null];

function isAlone(points: readonly Point[], i: number): boolean {
  return (
    points[i]![1] !== null && (points[i - 1]?.[1] ?? null) === null && (points[i + 1]?.[1] ?? null) === null
  );
}

/** Returns the ends of the y axis, with room above the highest value. */
function rangeOf({ series, limits, y }: Drawing): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of series)
    for (const [, value] of points) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  if (low > high) [low, high] = [0, 1];
  for (const limit of limits) {
    if (high > 0 && limit.y > high * MAX_LIMIT_FACTOR) continue;
    low = Math.min(low, limit.y);
    high = Math.max(high, limit.y);
  }
  if (y.from !== undefined) low = Math.min(low, y.from);
  const room = high > low ? (high - low) * 0.08 : Math.max(1, Math.abs(high) * 0.1);
  return [y.from === undefined ? low - room : low, Math.min(high + room, y.to ?? Number.POSITIVE_INFINITY)];
}

/** Digits after the second of a pixel are half of the size of a plot. */
function shortNumbers(svg: string): string {
  return svg.replace(/(\d+\.\d{2})\d+/g, '$1');
}

/** Returns whether a limit lies outside the axis of its plot. */
export function isOutside(drawing: Drawing, y: number): boolean {
  const [low, high] = rangeOf(drawing);
  return y < low || y > high;
}
