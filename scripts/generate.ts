/** `npm run generate [-- --check]`: makes the files that are made from the code, or says which are out of date. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fillTables } from '../src/gen/docs.ts';

const ROOT = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const stale: string[] = [];
for (const file of globSync('docs/*.md', { cwd: ROOT })) {
  const path = join(ROOT, file);
  const before = readFileSync(path, 'utf8');
  const after = fillTables(before);
  if (after === before) continue;
  stale.push(file);
  if (!values.check) writeFileSync(path, after);
}
const what = values.check ? 'out of date, run npm run generate' : 'made anew';
for (const file of stale) process.stdout.write(`${file}: ${what}\n`);
process.exitCode = values.check && stale.length > 0 ? 1 : 0;
