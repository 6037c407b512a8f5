import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, SoakError } from '../core/errors.ts';

/** Text by name; `undefined` is a file that must not be there. */
export type ExportedFiles = Readonly<Record<string, string | undefined>>;

/** In the same folder: a digest of each file as it was written, so that one that was edited since is not lost. */
const NOTES = '.soakd-export.json';

/**
 * Writes what was exported. A file that is there is replaced only where it is as an earlier export has left it.
 * @param force replace others, too
 * @returns what was done, in lines
 * @throws SoakError USAGE, before anything is written, naming every file in the way; CANNOT_START where the folder
 * cannot be written to
 */
export function writeExport(folder: string, files: ExportedFiles, force: boolean): string[] {
  const notes = readNotes(folder);
  const present = Object.fromEntries(Object.keys(files).map((name) => [name, read(join(folder, name))]));
  if (!force) {
    const inTheWay = Object.entries(files).flatMap(([name, text]) => {
      const there = present[name];
      if (there === undefined || there === text || notes[name] === digest(there)) return [];
      // A file that is not wanted and not ours is none of our business.
      if (text === undefined && notes[name] === undefined) return [];
      const path = join(folder, name);
      const [found, expected] =
        notes[name] === undefined
          ? ['a file that soakd did not export', 'no such file, or one that soakd exported']
          : ['a file that was edited since soakd exported it', 'the file as soakd exported it'];
      return [
        `${path}: found ${found}, expected ${expected}; move it away to keep it, or give --force to replace it`,
      ];
    });
    if (inTheWay.length > 0) throw new SoakError('USAGE', inTheWay[0]!, inTheWay);
  }
  const done: string[] = [];
  const written: Record<string, string> = { ...notes };
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      if (text === undefined) {
        if (present[name] === undefined || (notes[name] === undefined && !force)) continue;
        rmSync(path);
        delete written[name];
        done.push(`${path}: removed, nothing of it is wanted`);
        continue;
      }
      written[name] = digest(text);
      if (present[name] !== text) writeFileSync(path, text);
      done.push(`${path}: ${present[name] === text ? 'as it was' : 'written'}`);
    }
    writeFileSync(join(folder, NOTES), `${JSON.stringify(written, null, 2)}\n`);
  } catch (error) {
    const why = `${folder} cannot be written to: ${messageOf(error)}`;
    throw new SoakError('CANNOT_START', why, [], error);
  }
  return done;
}

function readNotes(folder: string): Record<string, string> {
  try {
    const notes: unknown = JSON.parse(read(join(folder, NOTES)) ?? '{}');
    return typeof notes === 'object' && notes !== null ? (notes as Record<string, string>) : {};
  } catch {
    // Broken notes know nothing: then every file in the way counts as somebody's own.
    return {};
  }
}

/** @returns `undefined` where there is no such file */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new SoakError('CANNOT_START', `${path} cannot be read: ${messageOf(error)}`, [], error);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
