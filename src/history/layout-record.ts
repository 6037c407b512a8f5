import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type StreamLayout, streamLayout, type TimingLimits } from '../catalog/slots.ts';
import { convertValues } from '../core/convert.ts';
import { buildLayout, type Layout } from '../core/layout.ts';
import { type Scale, scaleOfEdges } from '../core/scale.ts';

/** What a kept layout consists of besides its targets: later versions, which count more, can still read it. */
interface LayoutSpec {
  readonly cells: readonly string[];
  readonly maxCells: readonly string[];
  /** Edges of the scales, ms. */
  readonly scales: readonly (readonly number[])[];
  /** Index of the scale of each histogram. */
  readonly histograms: Readonly<Record<string, number>>;
  readonly shared: Readonly<Record<string, number>>;
  readonly timingLimits: TimingLimits;
}

export interface LayoutRecord {
  /** The same for the same specification. */
  readonly hash: string;
  readonly spec: Uint8Array;
}

/** Returns the form in which a layout is kept. */
export function recordLayout(layout: StreamLayout, timingLimits: TimingLimits): LayoutRecord {
  const scales: Scale[] = [];
  const indexOf = (scale: Scale): number => {
    const known = scales.indexOf(scale);
    return known >= 0 ? known : scales.push(scale) - 1;
  };
  const indexes = (slots: Readonly<Record<string, { readonly scale: Scale }>>): Record<string, number> =>
    Object.fromEntries(Object.entries(slots).map(([name, { scale }]) => [name, indexOf(scale)]));
  const first = layout.slots[0]!;
  const maxima = new Set(layout.maxima);
  const histograms = indexes(first.histogram);
  const shared = indexes(layout.shared);
  const spec: LayoutSpec = {
    cells: Object.keys(first.cell),
    maxCells: Object.entries(first.cell).flatMap(([name, place]) => (maxima.has(place) ? [name] : [])),
    scales: scales.map(({ edges }) => [...edges]),
    histograms,
    shared,
    timingLimits,
  };
  const text = JSON.stringify(spec);
  return { hash: createHash('sha256').update(text).digest('hex'), spec: gzipSync(text) };
}

/** Layout of a kept run, and the way from its values to those of this version. */
export interface RestoredLayout {
  /** Layout in which the values were kept. */
  readonly kept: Layout;
  /** Layout of this version for the same targets and limits. */
  readonly layout: StreamLayout;
  /** Configured limits of timings, ms. */
  readonly timingLimits: TimingLimits;
  /** Converts values of `kept` to `layout`. */
  convert(values: Float64Array): Float64Array;
}

/** Restores a layout. @param targets names in the order of the run */
export function restoreLayout(targets: readonly string[], { hash, spec }: LayoutRecord): RestoredLayout {
  const parsed = JSON.parse(gunzipSync(spec).toString()) as LayoutSpec;
  const { cells, maxCells, scales, histograms, shared, timingLimits } = parsed;
  const layout = streamLayout(targets, timingLimits);
  if (recordLayout(layout, timingLimits).hash === hash)
    return { kept: layout, layout, timingLimits, convert: (values) => values };
  const built = scales.map(scaleOfEdges);
  const named = (indexes: Readonly<Record<string, number>>): Record<string, Scale> =>
    Object.fromEntries(Object.entries(indexes).map(([name, index]) => [name, built[index]!]));
  const kept = buildLayout({
    targets,
    cells,
    maxCells,
    histograms: named(histograms),
    shared: named(shared),
  });
  return { kept, layout, timingLimits, convert: (values) => convertValues(kept, layout, values) };
}
