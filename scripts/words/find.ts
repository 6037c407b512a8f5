import { ALLOWED, BANNED, type Banned } from './list.ts';
import type { Part } from './parts.ts';

/** A word that soakd does not use, where it was found. */
export interface Found {
  readonly line: number;
  readonly found: string;
  readonly instead: string;
}

/** Returns every use of a banned word. @param file path from the root of the project */
export function findWords(file: string, parts: readonly Part[]): Found[] {
  return parts.flatMap((part) =>
    BANNED.flatMap((banned) =>
      matches(part, banned)
        .filter((found) => !isAllowed(file, found, part))
        .map((found) => ({ line: part.line, found, instead: banned.instead })),
    ),
  );
}

function matches({ kind, text }: Part, banned: Banned): string[] {
  const pattern = banned[kind];
  if (pattern === undefined) return [];
  if (kind === 'text')
    return [...text.matchAll(new RegExp(`(?<![\\w-])(?:${pattern.source})(?![\\w-])`, 'gi'))].map(
      (m) => m[0],
    );
  const words = wordsOf(text);
  if (banned.constant === true && !/^#?[A-Z][A-Z0-9_]+$/.test(text)) return [];
  const [before, after] = banned.whole || banned.constant ? ['^', '$'] : ['(?<!\\S)', '(?!\\S)'];
  return new RegExp(`${before}(?:${pattern.source})${after}`).test(words) ? [text] : [];
}

/** `MAX_ERROR_BARS` and `maxErrorBars` are "max error bars". */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_#-]+/g, ' ')
    .toLowerCase()
    .trim();
}

function isAllowed(file: string, found: string, { text }: Part): boolean {
  return ALLOWED.some(
    (a) => a.file.test(file) && a.found.test(found === text ? found : `${found} in ${text}`),
  );
}
