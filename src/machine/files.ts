import { readFileSync } from 'node:fs';

/** Returns the text of a file; `undefined` if it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/** Reads files of /proc and /sys, which are small and generated on read. */
export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** Returns the whole number in a file; `undefined` if the file is missing or holds anything else. */
export function readNumber(read: ReadText, path: string): number | undefined {
  const text = read(path)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
