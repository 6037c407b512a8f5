import { iso } from '../core/clock.ts';
import type { HistoryReader, WindowPage } from './reader.ts';
import type { WindowWidth } from './records.ts';
import { columnValue, TARGET_COLUMNS, WINDOW_COLUMNS, type WindowRow } from './window-row.ts';

/** Windows of a page; fewer where targets are many. */
const PAGE = 100;

/** Yields the windows of a run as records, read in pages. @throws SoakError RUN_UNKNOWN */
export function* windowRecords(reader: HistoryReader, ref: string, width: WindowWidth): Generator<WindowRow> {
  const id = reader.resolve(ref);
  for (let from: number | null = 0; from !== null; ) {
    const { windows, next }: WindowPage = reader.windowRows(id, { width, from, limit: PAGE });
    yield* windows;
    from = next;
  }
}

/**
 * Yields the windows of a run as CSV (RFC 4180), one row for each window and target. The first row has the names of
 * columns; times are ISO 8601, and an empty field is a value without observations.
 * @throws SoakError RUN_UNKNOWN
 */
export function* windowsCsv(reader: HistoryReader, ref: string, width: WindowWidth): Generator<string> {
  // Checks the reference before the first row is out.
  const id = reader.resolve(ref);
  yield csvLine([...WINDOW_COLUMNS, ...TARGET_COLUMNS].map(({ name }) => name));
  for (const row of windowRecords(reader, id, width)) {
    const own = fields(WINDOW_COLUMNS, row);
    yield row.targets.map((target) => csvLine([...own, ...fields(TARGET_COLUMNS, target)])).join('');
  }
}

function fields(
  columns: readonly { readonly name: string; readonly kind: string }[],
  row: { readonly [name: string]: unknown },
): string[] {
  return columns.map(({ name, kind }) => {
    const value = columnValue(row, name);
    if (value === null) return '';
    return kind === 'time' ? iso(Number(value)) : String(value);
  });
}

function csvLine(values: readonly string[]): string {
  const quoted = values.map((v) => (/[",\r\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v));
  return `${quoted.join(',')}\r\n`;
}
