import { existsSync, linkSync, rmSync, statSync } from 'node:fs';
import { backup, type DatabaseSync } from 'node:sqlite';
import { messageOf, SoakError } from '../core/errors.ts';
import { openDatabase } from './database.ts';

/**
 * Copies a history as it is at one moment, while others may write to it. The copy is one file without a WAL.
 * @returns size of the copy, bytes
 * @throws SoakError USAGE if the file exists; CANNOT_START if it cannot be written
 */
export async function backUp(db: DatabaseSync, file: string): Promise<number> {
  if (existsSync(file)) throw exists(file);
  const part = `${file}.part`;
  try {
    rmSync(part, { force: true });
    // A copy restarts whenever another process writes, unless it reads one state throughout.
    db.exec('BEGIN; SELECT 1 FROM runs LIMIT 1');
    try {
      await backup(db, part);
    } finally {
      db.exec('ROLLBACK');
    }
    const copy = openDatabase(part);
    copy.exec('PRAGMA journal_mode = DELETE');
    copy.close();
    // Unlike a rename, a link never replaces a file.
    linkSync(part, file);
    return statSync(file).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(file);
    throw new SoakError('CANNOT_START', `${file} cannot be written: ${messageOf(error)}`, [], error);
  } finally {
    for (const path of [part, `${part}-wal`, `${part}-shm`]) rmSync(path, { force: true });
  }
}

function exists(file: string): SoakError {
  return new SoakError('USAGE', `${file} exists; give a file that does not`);
}
