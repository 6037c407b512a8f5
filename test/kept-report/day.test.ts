import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makeDocument } from '../../src/document/make.ts';
import { REPORT_FORMATS, type ReportFormat } from '../../src/document/render/formats.ts';
import { type Database, openDatabase } from '../../src/history/database.ts';
import type { HistoryReader, WindowPage } from '../../src/history/reader.ts';
import { keptSource } from '../../src/kept-report/report-source.ts';
import { readSeries } from '../../src/kept-report/report-windows.ts';
import { inputOf } from '../../support/document/made.ts';
import { writeDay } from '../../support/history/day.ts';
import { openHistory } from '../../support/history/filled.ts';

const TARGETS = 50;

/** Counts the rows that a database returns from the tables of windows, by table and width. */
function counted(db: Database): Map<string, number> {
  const rows = new Map<string, number>();
  const prepare = db.prepare.bind(db);
  db.prepare = (sql) => {
    const statement = prepare(sql);
    const table = /FROM (\w*windows)\b/.exec(sql)?.[1];
    if (table === undefined) return statement;
    const all = statement.all.bind(statement) as (...values: unknown[]) => Record<string, unknown>[];
    const allOf = (...values: unknown[]) => {
      const found = all(...values);
      const key = `${table} of ${String(values[1])} ms`;
      rows.set(key, (rows.get(key) ?? 0) + found.length);
      return found;
    };
    return Object.assign(statement, { all: allOf });
  };
  return rows;
}

describe('the report of a kept run of 24 hours and 50 targets', () => {
  let db: Database;
  let remove: () => Promise<void>;
  before(async () => {
    const opened = await openHistory();
    remove = opened.remove;
    await writeDay(opened.history, { targets: TARGETS });
    db = openDatabase(opened.history.path, { readOnly: true });
  });
  after(async () => {
    db.close();
    await remove();
  });

  it('reads the 144 windows of ten minutes, and none of the shorter ones', () => {
    const rows = counted(db);
    const { series } = keptSource(db, 'day').run;
    assert.deepEqual(
      series.map(({ rows: own }) => own.length),
      Array.from({ length: TARGETS }, () => 144),
    );
    assert.deepEqual([...rows.keys()].toSorted(), ['generator_windows of 600000 ms', 'windows of 600000 ms']);
    // A page ends with the window that the next one begins with.
    const windows = rows.get('generator_windows of 600000 ms')!;
    assert.ok(windows <= 150, String(windows));
    assert.equal(rows.get('windows of 600000 ms'), TARGETS * windows);
  });

  for (const format of Object.keys(REPORT_FORMATS) as ReportFormat[])
    it(`is below 5 MB as ${format}`, async () => {
      const text = await REPORT_FORMATS[format](makeDocument(inputOf(keptSource(db, 'day').run)));
      assert.ok(Buffer.byteLength(text) < 5e6, `${Buffer.byteLength(text)} bytes`);
    });
});

it('a last window that was cut short has no number of open streams', () => {
  const window = (n: number, fromAt: number, toAt: number) => ({
    n,
    fromAt,
    toAt,
    measurementQuality: { unreliable: 0 },
    targets: [
      {
        target: 'a',
        streams: { openMean: 25 },
        successRatio: 1,
        ttfbMs: { p95: 100 },
        ttftMs: { p95: 110 },
        gapMs: { p95: 50 },
        chunks: 10,
      },
    ],
  });
  const windows = [window(0, 0, 9_800), window(1, 9_800, 20_100), window(2, 20_100, 21_100)];
  const page: WindowPage = { run: 'r', widthMs: 10_000, windows, next: null };
  const { series } = readSeries({ windowRows: () => page } as unknown as HistoryReader, 'r', 21_100);
  assert.deepEqual(
    series[0]!.rows.map(({ openMean, ttfbP95 }) => [openMean, ttfbP95]),
    [
      [25, 100],
      [25, 100],
      [null, 100],
    ],
  );
});
