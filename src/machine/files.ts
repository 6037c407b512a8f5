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

/** Failures that say nothing of the file: this process, or the machine, lacks a resource. */
const OWN_FAILURES: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** Reads as {@link readText} does. @throws ErrnoException where no descriptor or memory is left to read with */
export const readTextOrThrow: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (OWN_FAILURES.has((error as NodeJS.ErrnoException).code)) throw error;
    return undefined;
  }
};

/** Returns the whole number in a file; `undefined` if the file is missing or holds anything else. */
export function readNumber(read: ReadText, path: string): number | undefined {
  const text = read(path)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
