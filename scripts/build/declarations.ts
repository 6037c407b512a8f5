import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const SPECIFIER = /(\bfrom\s*|\bimport\(\s*|^\s*import\s*)(['"])(\.{1,2}\/[^'"]+)\.ts\2/gm;

/**
 * Of the declarations in a folder keeps those that an entry leads to, and lets them name each other by `.js`,
 * which is what every version of TypeScript takes.
 * @param entry path in the folder
 */
export function keepDeclarationsOf(folder: string, entry: string): void {
  const kept = new Set<string>();
  const visit = (file: string): void => {
    if (kept.has(file)) return;
    kept.add(file);
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    for (const [, , , to] of text.matchAll(SPECIFIER)) visit(`${normalize(join(dirname(file), to!))}.d.ts`);
    writeFileSync(path, text.replace(SPECIFIER, '$1$2$3.js$2'));
  };
  visit(entry);
  for (const file of globSync('**/*.d.ts', { cwd: folder })) if (!kept.has(file)) rmSync(join(folder, file));
}
