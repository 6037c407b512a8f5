/** `npm run generate [-- --check]`: makes the files that are made from the code, or says which are out of date. */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { fillTables } from '../src/gen/docs.ts';
import { generatedFiles } from '../src/gen/files.ts';
import { alertTestFiles } from '../support/alerts/files.ts';

const ROOT = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const files: Record<string, string> = { ...generatedFiles(), ...alertTestFiles() };
for (const file of globSync('docs/*.md', { cwd: ROOT }))
  files[file] = fillTables(readFileSync(join(ROOT, file), 'utf8'));
/** Folders in which all is made: what is there besides is left from before. */
const WHOLE = ['prometheus/rules/*', 'prometheus/tests/*', 'dashboards/*'];

const stale: string[] = [];
for (const [file, text] of Object.entries(files)) {
  const path = join(ROOT, file);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  stale.push(file);
  if (values.check) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
for (const file of WHOLE.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))) {
  if (file in files) continue;
  stale.push(file);
  if (!values.check) rmSync(join(ROOT, file));
}
const what = values.check ? 'out of date, run npm run generate' : 'made anew';
for (const file of stale) process.stdout.write(`${file}: ${what}\n`);
process.exitCode = values.check && stale.length > 0 ? 1 : 0;
