import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularFile } from '../config/regular-file.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import { makeFolders } from '../machine/folders.ts';
import { writeOutputFile } from './output-file.ts';

/** Text by file name; `undefined`: the file must not exist. */
export type ExportedFiles = Readonly<Record<string, string | undefined>>;

/** File in the same folder with a digest of each exported file, so that an export detects later edits. */
const NOTES = '.soakd-export.json';

/**
 * Writes exported files. Replaces an existing file only if it is unchanged since an earlier export.
 * @param force replaces edited and foreign files too
 * @returns a line for each file
 * @throws SoakError USAGE, before anything is written, naming every conflicting file; CANNOT_START if the folder is not
 * writable
 */
export function writeExport(folder: string, files: ExportedFiles, force: boolean): string[] {
  const notes = readNotes(folder);
  const present = Object.fromEntries(Object.keys(files).map((name) => [name, read(join(folder, name))]));
  if (!force) {
    const inTheWay = Object.entries(files).flatMap(([name, text]) => {
      const there = present[name];
      if (there === undefined || there === text || notes[name] === digest(there)) return [];
      // A foreign file that this export does not write stays untouched.
      if (text === undefined && notes[name] === undefined) return [];
      const path = join(folder, name);
      const [found, expected] =
        notes[name] === undefined
          ? ['a file that soakd did not export', 'no file, or a file that soakd exported']
          : ['a file that was edited since its export', 'the file as soakd exported it'];
      return [
        `${path}: found ${found}, expected ${expected}; move it away to keep it, or give --force to replace it`,
      ];
    });
    if (inTheWay.length > 0) throw new SoakError('USAGE', inTheWay[0]!, inTheWay);
  }
  const done: string[] = [];
  const written: Record<string, string> = { ...notes };
  try {
    makeFolders(folder);
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      if (text === undefined) {
        if (present[name] === undefined || (notes[name] === undefined && !force)) continue;
        rmSync(path);
        delete written[name];
        done.push(`${path}: removed, since the export is empty`);
        continue;
      }
      written[name] = digest(text);
      if (present[name] !== text) writeOutputFile(path, text, 'replace');
      done.push(`${path}: ${present[name] === text ? 'unchanged' : 'written'}`);
    }
    writeOutputFile(join(folder, NOTES), `${JSON.stringify(written, null, 2)}\n`, 'replace');
  } catch (error) {
    const why = `cannot write to ${folder}: ${messageOf(error)}`;
    throw new SoakError('CANNOT_START', why, [], error);
  }
  return done;
}

function readNotes(folder: string): Record<string, string> {
  try {
    const notes: unknown = JSON.parse(read(join(folder, NOTES)) ?? '{}');
    return typeof notes === 'object' && notes !== null ? (notes as Record<string, string>) : {};
  } catch {
    // Without readable digests, every existing file counts as edited.
    return {};
  }
}

/** Returns the text of a file; `undefined` if the file does not exist. */
function read(path: string): string | undefined {
  try {
    return new TextDecoder().decode(readRegularFile(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new SoakError('CANNOT_START', `${path} cannot be read: ${messageOf(error)}`, [], error);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
