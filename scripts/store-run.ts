/**
 * `node scripts/store-run.ts DATA RUN FILE`: writes what a report reads of a run of the history, as JSON. The tests make
 * reports from such files again: test/document/stored.test.ts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../src/history/database.ts';
import { DATABASE } from '../src/history/folder.ts';
import { keptSource } from '../src/kept-report/report-source.ts';

const [data, reference, file] = process.argv.slice(2);
if (data === undefined || reference === undefined || file === undefined) {
  process.stderr.write('expected a data folder, a run and a file to write\n');
  process.exit(2);
}
const db = openDatabase(join(data, DATABASE), { readOnly: true });
const { summary, series, unreliable } = keptSource(db, reference).run;
db.close();
writeFileSync(file, `${JSON.stringify({ summary, series, unreliable }, null, 1)}\n`);
