import { h, type ComponentChild as View } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { Band, Mark, PlotModel, Unit } from './plot-model.ts';
import { clockText, dateText, lastedText, momentText } from './times.ts';
import { plotSummary, valueText } from './value-text.ts';

/** Range of all plots, seconds; `null`: the whole run. */
export type Zoom = readonly [from: number, to: number] | null;

export interface PlotProps {
  readonly plot: PlotModel;
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
  readonly zoom: Zoom;
  readonly onZoom: (zoom: Zoom) => void;
  /** Whether times are seconds since the start of a run. */
  readonly relative?: boolean;
}

const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 2], [12, 4]];
const HEIGHT = 190;
/** Steps of an axis of bytes: powers of two. */
const BINARY = Array.from({ length: 45 }, (_, i) => 2 ** i);
/** Plots with this key share one cursor. */
const SYNC = 'soakd';

/** Returns a colour of the style sheet. */
function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** A plot with a heading, and a sentence for readers who do not see it. */
export function Plot(props: PlotProps): View {
  const { plot } = props;
  const place = useRef<HTMLDivElement>(null);
  const made = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const theme = useTheme();
  const summary = useMemo(() => plotSummary(plot.title, plot.unit, plot.series), [plot]);
  const lines = plot.series.map((s) => `${s.label} ${s.style}`).join('\n');

  useEffect(() => {
    const element = place.current!;
    const chart = makeChart(element, latest);
    made.current = chart;
    const resize = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      chart.destroy();
      made.current = null;
    };
  }, [plot.id, plot.unit, lines, theme, props.relative]);

  useEffect(() => {
    const chart = made.current;
    if (chart === null) return;
    chart.setData(dataOf(plot), false);
    applyZoom(chart, props.zoom, plot);
  }, [plot, props.zoom, props.bands, props.marks, theme]);

  const move = (event: KeyboardEvent): void => {
    const chart = made.current;
    if (chart !== null && moveCursor(chart, event, latest.current)) event.preventDefault();
  };
  const heading = `plot-${plot.id}`;
  return h(
    'section',
    { class: 'plot', 'aria-labelledby': heading },
    h('h3', { id: heading }, plot.title),
    h(
      'div',
      {
        class: 'canvas',
        role: 'img',
        tabIndex: 0,
        onKeyDown: move,
        'aria-label': summary,
      },
      h('div', { ref: place }),
    ),
  );
}

/** Counts changes between light and dark, so that plots take the new colours. */
function useTheme(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const changed = (): void => setChanges((n) => n + 1);
    dark.addEventListener('change', changed);
    return () => dark.removeEventListener('change', changed);
  }, []);
  return changes;
}

function dataOf({ times, series }: PlotModel): uPlot.AlignedData {
  return [times, ...series.map(({ values }) => values)] as unknown as uPlot.AlignedData;
}

function applyZoom(chart: uPlot, zoom: Zoom, { times }: PlotModel): void {
  const min = zoom?.[0] ?? times[0] ?? 0;
  const max = zoom?.[1] ?? times.at(-1) ?? 1;
  // One point has no width.
  chart.setScale('x', max > min ? { min, max } : { min: min - 5, max: max + 5 });
}

/** Moves the cursor with the arrow keys, zooms with + and −, and shows the whole run with Escape. */
function moveCursor(chart: uPlot, { key }: KeyboardEvent, { plot, zoom, onZoom }: PlotProps): boolean {
  const last = plot.times.length - 1;
  const at = chart.cursor.idx ?? last;
  const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -last, End: last }[key];
  if (step !== undefined) {
    const next = Math.min(last, Math.max(0, at + step));
    const left = chart.valToPos(plot.times[next] ?? 0, 'x');
    chart.setCursor({ left, top: HEIGHT / 3 });
    return true;
  }
  if (key === 'Escape') {
    onZoom(null);
    return true;
  }
  if (key !== '+' && key !== '-') return false;
  const [from, to] = zoom ?? [plot.times[0] ?? 0, plot.times[last] ?? 1];
  const middle = chart.cursor.idx == null ? (from + to) / 2 : (plot.times[at] ?? to);
  const half = ((to - from) / 2) * (key === '+' ? 0.5 : 2);
  onZoom([middle - half, middle + half]);
  return true;
}

function makeChart(element: HTMLDivElement, props: { readonly current: PlotProps }): uPlot {
  const { plot, relative } = props.current;
  const text = color('muted');
  const line = color('line');
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: text, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  const value = (_: uPlot, v: number | null): string => valueText(v, plot.unit);
  const options: uPlot.Options = {
    width: Math.max(element.clientWidth, 200),
    height: HEIGHT,
    cursor: {
      sync: { key: SYNC },
      drag: { x: true, y: false, setScale: false },
      focus: { prox: 24 },
    },
    legend: { live: true, markers: { width: 2 } },
    scales: {
      x: { time: relative !== true },
      y: { range: (_, low, high) => rangeOf(low, high, props.current.plot) },
    },
    axes: [
      relative === true
        ? {
            ...axis,
            size: 32,
            incrs: [...SPANS],
            values: (_: uPlot, values: number[]) => values.map((s) => lastedText(s * 1000)),
          }
        : { ...axis, space: 90, size: 32, values: axisTimes },
      {
        ...axis,
        size: 66,
        ...(plot.unit === 'bytes' ? { incrs: BINARY } : {}),
        values: (_: uPlot, values: number[]) => values.map((v) => axisText(v, plot.unit)),
      },
    ],
    series: [
      {
        value: (_, v) => (v == null ? '' : relative === true ? lastedText(v * 1000) : timeOf(v)),
        label: relative === true ? 'After' : 'Time',
      },
      ...plot.series.map(({ label, style }) => ({
        label,
        value,
        stroke: color(`s${style}`),
        width: 1.75,
        dash: [...DASHES[style]!],
        spanGaps: false,
        points: { size: 5 },
      })),
    ],
    hooks: {
      drawClear: [(chart) => drawBands(chart, props.current.bands)],
      draw: [(chart) => drawLines(chart, props.current)],
      setSelect: [
        (chart) => {
          const { left, width } = chart.select;
          if (width < 8) return;
          const range = [chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x')] as const;
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          props.current.onZoom(range);
        },
      ],
      setData: [(chart) => showLatest(chart)],
      setCursor: [
        (chart) => {
          if ((chart.cursor.left ?? -1) < 0) showLatest(chart);
        },
      ],
    },
  };
  const chart = new uPlot(options, dataOf(plot), element);
  // uPlot's own double click shows the range of one plot only.
  chart.over.addEventListener('dblclick', () => props.current.onZoom(null));
  applyZoom(chart, props.current.zoom, plot);
  return chart;
}

/** Without a cursor the legend shows the latest values. */
function showLatest(chart: uPlot): void {
  const last = chart.data[0].length - 1;
  if (last >= 0) chart.setLegend({ idx: last }, false);
}

const timeOf = (at: number): string => momentText(at * 1000, Date.now());

/** Distances of labels of times since a start, seconds. */
const SPANS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** Labels of the time axis: the time of day, and the date where a run is longer than a day. */
function axisTimes(_: uPlot, times: readonly number[]): string[] {
  const step = (times[1] ?? 60) - (times[0] ?? 0);
  const isLong = (times.at(-1) ?? 0) - (times[0] ?? 0) >= 86_400;
  return times.map((at) => (isLong ? dateText(at * 1000) : clockText(at * 1000).slice(0, step < 60 ? 8 : 5)));
}

/** Short, so that the axis stays narrow. */
function axisText(value: number, unit: Unit): string {
  return unit === 'ratio' ? `${Number((value * 100).toFixed(2))} %` : valueText(value, unit);
}

/** Includes the limits that are near, and gives a line that does not change some room. */
function rangeOf(low: number, high: number, { unit, limits }: PlotModel): [number, number] {
  const [least, greatest] = [low ?? 0, high ?? 1];
  if (unit === 'ratio') {
    const floor = Math.min(least, ...limits.map(({ value }) => value), 0.98);
    return [Math.max(0, floor - (1 - floor) * 0.1), 1 + (1 - floor) * 0.05];
  }
  // A limit far above would press the line to the ground; it is named below the plot then.
  const near = limits.map(({ value }) => value).filter((value) => value <= greatest * 4);
  const top = Math.max(greatest, ...near);
  return [0, top === 0 ? 1 : top * 1.08];
}

function drawBands(chart: uPlot, bands: readonly Band[]): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { kind, from, to } of bands) {
    const left = chart.valToPos(from, 'x', true);
    const right = chart.valToPos(to, 'x', true);
    if (right < bbox.left || left > bbox.left + bbox.width) continue;
    const width = Math.max(right - left, 2);
    ctx.fillStyle = color(`band-${kind}`);
    ctx.fillRect(left, bbox.top, width, bbox.height);
    if (kind === 'unreliable') hatch(ctx, left, bbox.top, width, bbox.height);
  }
  ctx.restore();
}

/** Lines across a band: without colours it still differs from the others. */
function hatch(
  ctx: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = color('warning');
  ctx.globalAlpha = 0.35;
  ctx.beginPath();
  for (let x = left - height; x < left + width; x += 10) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

function drawLines(chart: uPlot, { plot, marks }: PlotProps): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const { at } of marks) {
    const x = chart.valToPos(at, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = color('mark');
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.strokeStyle = color('limit');
  ctx.fillStyle = color('limit');
  ctx.font = `${11 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textAlign = 'right';
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([]);
  // Labels of limits that are close to each other stand below one another.
  const line = 12 * devicePixelRatio;
  let lowest = Number.NEGATIVE_INFINITY;
  const write = (text: string, y: number) => {
    lowest = Math.max(y, lowest + line);
    ctx.fillText(text, bbox.left + bbox.width - 4, lowest);
  };
  const placed = plot.limits
    .map((limit) => ({ ...limit, y: chart.valToPos(limit.value, 'y', true) }))
    .sort((a, b) => a.y - b.y);
  for (const { label, value, y } of placed) {
    const right = bbox.left + bbox.width;
    const text = `${label} ${valueText(value, plot.unit)}`;
    // Above the range: its value stands at the upper edge, with an arrow.
    if (y < bbox.top) {
      write(`${text} ↑`, bbox.top + line);
      continue;
    }
    if (y > bbox.top + bbox.height) continue;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(right, y);
    ctx.stroke();
    // Below the line where there is no room above it.
    const isHigh = y - bbox.top < 16 * devicePixelRatio;
    write(text, y + (isHigh ? 13 : -4) * devicePixelRatio);
  }
  ctx.restore();
}
