/** Looks for words that soakd does not use (`scripts/words/list.ts`), in texts that users read and in names. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findWords } from './words/find.ts';
import { type Part, partsOfSource, partsOfText } from './words/parts.ts';

const ROOT = join(import.meta.dirname, '..');

const found = globSync(['src/**/*.ts', 'docs/*.md', '*.md', 'soakd.yaml', 'examples/**/*.md'], {
  cwd: ROOT,
  exclude: ['**/node_modules/**', '**/.venv/**'],
}).flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const name: Part = { kind: 'name', text: basename(file).replace(/\..*$/, ''), line: 1 };
  const parts = file.endsWith('.ts') ? [name, ...partsOfSource(text)] : partsOfText(text);
  return findWords(file, parts).map((f) => `${file}:${f.line}: found "${f.found}", expected ${f.instead}`);
});
process.stdout.write(found.length === 0 ? '' : `${found.join('\n')}\n`);
process.stdout.write(found.length === 0 ? 'words: good\n' : `words: ${found.length} to change\n`);
process.exitCode = found.length === 0 ? 0 : 1;
