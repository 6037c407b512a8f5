import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { StreamView } from '../../src/catalog/slots.ts';
import { type Database, openDatabase } from '../../src/history/database.ts';
import { DATABASE } from '../../src/history/folder.ts';
import { HistoryReader } from '../../src/history/reader.ts';
import { columnValue, TARGET_COLUMNS } from '../../src/history/window-row.ts';
import { fill, openHistory } from '../../support/history/filled.ts';
import { LAYOUT } from '../../support/run/samples.ts';

const WIDTH = 10_000;

describe('rows of kept windows', () => {
  let close: () => Promise<void>;
  let db: Database;
  let reader: HistoryReader;

  before(async () => {
    const { folder, history, remove } = await openHistory();
    await fill(history, 'full', { windows: 6 });
    db = openDatabase(join(folder, DATABASE), { readOnly: false });
    // A target that was not counted in a window, after one and before one in which it was.
    db.prepare('DELETE FROM windows WHERE width = ? AND n = 3 AND target = 0').run(WIDTH);
    reader = new HistoryReader(db);
    close = remove;
  });
  after(async () => {
    db.close();
    await close();
  });

  it('have the counts and the quantiles of the whole windows', () => {
    const { windows } = reader.windowRows('full', { width: WIDTH, limit: 100 });
    const whole = reader.windows('full', { width: WIDTH, limit: 100 });
    assert.equal(windows.length, 6);
    for (const [n, { targets }] of windows.entries()) {
      const view = new StreamView(LAYOUT, whole[n]!.values);
      for (const row of targets) {
        const target = LAYOUT.targets.indexOf(columnValue(row, 'target') as string);
        for (const [column, timing] of [
          ['connectMs', 'connect'],
          ['ttfbMs', 'ttfb'],
          ['gapMs', 'gap'],
          ['effectiveDurationMs', 'effective'],
        ] as const) {
          const { count, p50, p95, p99, mean } = view.histogram(target, timing).stats();
          assert.equal(count > 0, n !== 3 || target !== 0);
          for (const [name, value] of Object.entries({ count, p50, p95, p99, mean }))
            assert.equal(columnValue(row, `${column}.${name}`), value, `${n} ${target} ${column} ${name}`);
        }
        assert.equal(columnValue(row, 'chunks'), view.cell(target, 'chunks'));
        assert.equal(columnValue(row, 'streams.results.failed'), view.results(target).failed);
        assert.equal(columnValue(row, 'streams.active'), view.active(target));
      }
    }
  });

  it('have the same values whatever other columns are asked for', () => {
    const all = reader.windowRows('full', { width: WIDTH, limit: 100 }).windows;
    for (const { name } of TARGET_COLUMNS) {
      const some = reader.windowRows('full', { width: WIDTH, limit: 100, columns: [name] }).windows;
      for (const [n, { targets }] of some.entries())
        for (const [t, row] of targets.entries())
          assert.deepEqual(
            columnValue(row, name),
            columnValue(all[n]!.targets[t]!, name),
            `${n} ${t} ${name}`,
          );
    }
  });
});
