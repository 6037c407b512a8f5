import { readFileSync } from 'node:fs';

/** @returns the text of a file; absent where it cannot be read */
export type ReadText = (path: string) => string | undefined;

/** The files of this machine. They are those of /proc and /sys: small, and made as they are read. */
export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** @returns a whole number that is the text of a file; absent where it is not there or something else */
export function readNumber(read: ReadText, path: string): number | undefined {
  const text = read(path)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
