import type { DatabaseSync } from 'node:sqlite';
import { type StreamLayout, StreamView } from '../catalog/slots.ts';
import { Histogram } from '../core/histogram.ts';
import type { HistogramSlot } from '../core/layout.ts';
import { unpackParts, unpackValues } from '../core/packed-values.ts';
import type { Timing } from '../measures/list.ts';
import { type LayoutRecord, type RestoredLayout, restoreLayout } from './layout-record.ts';
import {
  chosenColumns,
  type RowColumns,
  targetRows,
  timingsOf,
  type WindowRow,
  windowHead,
} from './window-row.ts';

/** Windows to read. */
export interface RowQuery {
  /** Key of the run. */
  readonly run: number;
  readonly record: LayoutRecord;
  /** Targets to read, with their places in the layout. */
  readonly targets: readonly { readonly name: string; readonly index: number }[];
  readonly width: number;
  readonly from: number;
  readonly limit: number;
  /** Names of the columns about targets; absent: all. */
  readonly columns?: readonly string[];
}

interface GeneratorRow {
  readonly n: number;
  readonly fromAt: number;
  readonly toAt: number;
  readonly rssBytes: number;
  readonly cpuMs: number;
  readonly lagWindows: number;
  readonly unreliable: number;
  readonly data: Uint8Array;
}

/**
 * Reads windows as rows of columns. Each target is unpacked by itself into one array: a dense window of 50 targets takes
 * 10 MB.
 * @throws SoakError USAGE for a column that is not known
 */
export function readRows(db: DatabaseSync, query: RowQuery): WindowRow[] {
  const { run, record, targets, width, from, limit } = query;
  const columns: RowColumns = chosenColumns(query.columns);
  const restored = restoreLayout([''], record);
  const { kept, layout, convert } = restored;
  const values = new Float64Array(kept.size);
  const rowOf = targetRows(columns);
  const read = targetReader(restored, values, timingsOf(columns));
  const generator = db
    .prepare(
      `SELECT n, from_at AS fromAt, to_at AS toAt, rss_bytes AS rssBytes, cpu_ms AS cpuMs,
         lag_windows AS lagWindows, unreliable, data
       FROM generator_windows WHERE run = ? AND width = ? AND n >= ? ORDER BY n LIMIT ?`,
    )
    .all(run, width, from, limit) as unknown as GeneratorRow[];
  const parts = db.prepare('SELECT target, desired, data FROM windows WHERE run = ? AND width = ? AND n = ?');
  parts.setReturnArrays(true);
  return generator.map(({ data, ...window }) => {
    values.fill(0, kept.sharedStart);
    unpackValues(data, values, kept.sharedStart, kept.size);
    const head = windowHead(window, new StreamView(layout, convert(values)));
    const byTarget: PartRow[] = [];
    for (const part of parts.all(run, width, window.n) as unknown as PartRow[]) byTarget[part[0]] = part;
    const rows = targets.map(({ name, index }) => {
      const part = byTarget[index];
      return rowOf({ name, index: 0, desired: part?.[1] ?? 0, window }, read(part?.[2]));
    });
    return { ...head, targets: rows } as unknown as WindowRow;
  });
}

/** Target, streams wanted, packed values. */
type PartRow = readonly [target: number, desired: number, data: Uint8Array];

const NOTHING = new Uint8Array(0);

/**
 * Returns a function that unpacks a target into `values`. Only the cells and the histograms that are asked for are
 * unpacked, and only what the previous target left there is cleared: that is most of the time of a read.
 */
function targetReader(
  { kept, layout, convert }: RestoredLayout,
  values: Float64Array,
  timings: readonly Timing[],
): (data: Uint8Array | undefined) => StreamView {
  const { start, end, cellsEnd, histogram } = kept.slots[0]!;
  const slots = [...new Set(timings)]
    .flatMap((timing) => {
      const slot = histogram[timing];
      return slot === undefined ? [] : [{ timing, slot }];
    })
    .sort((a, b) => a.slot.offset - b.slot.offset);
  const parts = Int32Array.of(
    start,
    cellsEnd,
    // The sum and the maximum are a part of their own, so that the span of the bins is short.
    ...slots.flatMap(({ slot: { offset, scale } }) => {
      const bins = offset + 2;
      return [offset, bins, bins, bins + scale.bins];
    }),
  );
  const spans = new Int32Array(parts.length).fill(-1);
  const known = new Map(
    slots.map(({ timing, slot }, i) => {
      // Behind the cells, and the sum and the maximum.
      const place = 4 * i + 4;
      return [timing, (): Histogram => histogramWithin(values, slot, spans[place]!, spans[place + 1]!)];
    }),
  );
  const view = new KnownView(layout, values, known);
  return (data) => {
    for (let part = 0; part < spans.length; part += 2)
      if (spans[part]! >= 0) values.fill(0, spans[part], spans[part + 1]);
    unpackParts(data ?? NOTHING, values, start, end, parts, spans);
    return kept === layout ? view : new StreamView(layout, convert(values));
  };
}

function histogramWithin(values: Float64Array, slot: HistogramSlot, first: number, end: number): Histogram {
  const bins = slot.offset + 2;
  return new Histogram(values, slot, first < 0 ? { from: 0, to: 0 } : { from: first - bins, to: end - bins });
}

/** A view whose histograms are known to be 0 outside a few bins. */
class KnownView extends StreamView {
  readonly #known: ReadonlyMap<Timing, () => Histogram>;

  constructor(layout: StreamLayout, values: Float64Array, known: ReadonlyMap<Timing, () => Histogram>) {
    super(layout, values);
    this.#known = known;
  }

  override histogram(target: number, name: Timing): Histogram {
    return this.#known.get(name)?.() ?? super.histogram(target, name);
  }
}
