import type { DatabaseSync } from 'node:sqlite';
import { StreamView } from '../catalog/slots.ts';
import { unpackValues } from '../core/packed-values.ts';
import { type LayoutRecord, restoreLayout } from './layout-record.ts';
import {
  chosenColumns,
  type RowColumns,
  targetRow,
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
  const { kept, layout, convert } = restoreLayout([''], record);
  const { start, end, cellsEnd, histogram } = kept.slots[0]!;
  // What lies behind the last histogram that is asked for is not unpacked: that is most of the time of a read.
  const until = timingsOf(columns).reduce((most, timing) => {
    const slot = histogram[timing];
    return slot === undefined ? end : Math.max(most, slot.offset + 2 + slot.scale.bins);
  }, cellsEnd);
  const values = new Float64Array(kept.size);
  const generator = db
    .prepare(
      `SELECT n, from_at AS fromAt, to_at AS toAt, rss_bytes AS rssBytes, cpu_ms AS cpuMs,
         lag_windows AS lagWindows, unreliable, data
       FROM generator_windows WHERE run = ? AND width = ? AND n >= ? ORDER BY n LIMIT ?`,
    )
    .all(run, width, from, limit) as unknown as GeneratorRow[];
  const parts = db.prepare('SELECT target, desired, data FROM windows WHERE run = ? AND width = ? AND n = ?');
  return generator.map(({ data, ...window }) => {
    values.fill(0);
    unpackValues(data, values, kept.sharedStart, kept.size);
    const head = windowHead(window, new StreamView(layout, convert(values)));
    const byTarget = new Map(parts.all(run, width, window.n).map((part) => [part.target as number, part]));
    const rows = targets.map(({ name, index }) => {
      const part = byTarget.get(index);
      values.fill(0, start, end);
      if (part !== undefined) unpackValues(part.data as Uint8Array, values, start, end, until);
      const desired = (part?.desired as number | undefined) ?? 0;
      return targetRow(columns, { name, desired, window }, new StreamView(layout, convert(values)));
    });
    return { ...head, targets: rows } as unknown as WindowRow;
  });
}
