import { eachWindow } from './kept-window.ts';
import { restoreLayout } from './layout-record.ts';
import type { HistoryReader } from './reader.ts';
import type { WindowWidth } from './records.ts';
import { columnValue, TARGET_COLUMNS, WINDOW_COLUMNS, type WindowRow, windowRow } from './window-row.ts';

/** Yields the windows of a run as records. @throws SoakError RUN_UNKNOWN */
export function* windowRecords(reader: HistoryReader, ref: string, width: WindowWidth): Generator<WindowRow> {
  const id = reader.resolve(ref);
  const { targets, record } = reader.layout(id);
  const { layout } = restoreLayout(targets, record);
  const own = reader.targets(id);
  for (const window of eachWindow(reader, id, layout.size, { width })) yield windowRow(window, layout, own);
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
    return kind === 'time' ? new Date(value).toISOString() : String(value);
  });
}

function csvLine(values: readonly string[]): string {
  const quoted = values.map((v) => (/[",\r\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v));
  return `${quoted.join(',')}\r\n`;
}
