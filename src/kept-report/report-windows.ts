import type { ReportedRun, TargetSeries } from '../document/input.ts';
import type { HistoryReader } from '../history/reader.ts';
import { WINDOW_WIDTHS_MS, type WindowWidth } from '../history/records.ts';
import { columnValue, type WindowRow } from '../history/window-row.ts';

/** Windows of a target that a plot can show. */
const MAX_WINDOWS = 400;
const COLUMNS = [
  'streams.openMean',
  'successRatio',
  'ttfbMs.p95',
  'ttftMs.p95',
  'gapMs.p95',
  'chunks',
] as const;

/** Returns the widest window that a plot needs: the smallest of which it can show all, else the largest. */
export function widthFor(lastedMs: number): WindowWidth {
  return WINDOW_WIDTHS_MS.find((width) => lastedMs / width <= MAX_WINDOWS) ?? WINDOW_WIDTHS_MS.at(-1)!;
}

/** Reads the windows of a run, as a report shows them. @throws SoakError RUN_UNKNOWN */
export function readSeries(
  reader: HistoryReader,
  id: string,
  lastedMs: number,
): Required<Pick<ReportedRun, 'series' | 'unreliable'>> {
  const width = widthFor(lastedMs);
  const rows = new Map<string, TargetSeries['rows'][number][]>();
  const unreliable: { fromAt: number; toAt: number }[] = [];
  for (let from: number | null = 0; from !== null; ) {
    const page = reader.windowRows(id, {
      width,
      from,
      limit: Number.MAX_SAFE_INTEGER - 1,
      columns: COLUMNS,
    });
    for (const row of page.windows) {
      const { fromAt, toAt } = row;
      if (Number(columnValue(row, 'measurementQuality.unreliable')) > 0) unreliable.push({ fromAt, toAt });
      for (const target of row.targets) addRow(rows, row, target, width);
    }
    from = page.next;
  }
  return { series: [...rows].map(([target, all]) => ({ target, rows: all })), unreliable };
}

function addRow(
  rows: Map<string, TargetSeries['rows'][number][]>,
  { fromAt, toAt }: WindowRow,
  target: WindowRow['targets'][number],
  width: WindowWidth,
): void {
  const [openMean, successRatio, ttfbP95, ttftP95, gapP95, chunks] = COLUMNS.map(
    (name) => columnValue(target, name) as number | null,
  );
  const name = String(target.target);
  const own = rows.get(name) ?? [];
  rows.set(name, own);
  own.push({
    fromAt,
    toAt,
    // The time of open streams comes with the snapshot, up to a second late: in a short window it is another one's.
    openMean: toAt - fromAt < width / 2 ? null : (openMean ?? 0),
    successRatio: successRatio ?? null,
    ttfbP95: ttfbP95 ?? null,
    ttftP95: ttftP95 ?? null,
    gapP95: gapP95 ?? null,
    chunks: chunks ?? 0,
  });
}
