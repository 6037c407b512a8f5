import { DatabaseSync } from 'node:sqlite';
import { messageOf, SoakError } from '../core/errors.ts';
import { APPLICATION_ID, MIGRATIONS } from './schema.ts';

/** How long a process waits for another one that writes, ms. */
const BUSY_TIMEOUT_MS = 5000;

/** Result codes of SQLite (https://sqlite.org/rescode.html). */
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** The way out where a history cannot be used. */
export const ELSEWHERE = 'give another folder with --data, or keep nothing with --data none';

/** An open database: only the history knows SQLite. */
export type Database = DatabaseSync;

interface OpenOptions {
  /** Reads only, while others may write. The file must exist. */
  readonly readOnly?: boolean;
}

/**
 * Opens a database of soakd; creates it, or brings its schema up to date, unless it is opened to read.
 * @throws SoakError HISTORY_UNUSABLE if the file is damaged, is not a database of soakd or was written by a newer
 * version. The file is not changed then. Errors of SQLite if it cannot be read or written.
 */
export function openDatabase(path: string, { readOnly = false }: OpenOptions = {}): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS });
  try {
    const version = schemaVersion(db, path);
    if (readOnly && version === MIGRATIONS.length) return db;
    if (readOnly)
      throw new SoakError(
        'HISTORY_UNUSABLE',
        `${path} ${version === 0 ? 'is empty' : 'was written by an older soakd'}; the next soakd serve or soakd run with this folder brings it up to date`,
      );
    // WAL: readers never wait for the writer. NORMAL: what is committed survives the end of the process.
    if (version === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    if (version < MIGRATIONS.length) migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** @throws SoakError HISTORY_UNUSABLE */
function schemaVersion(db: DatabaseSync, path: string): number {
  try {
    // One transaction: another process may create the schema in the meantime, and its values go together.
    db.exec('BEGIN');
    const version = pragma(db, 'user_version');
    const application = pragma(db, 'application_id');
    if (version === 0 && pragma(db, 'page_count') <= 1 && application === 0) return 0;
    if (application !== APPLICATION_ID)
      throw new SoakError('HISTORY_UNUSABLE', `${path} is not a history of soakd; ${ELSEWHERE}`);
    if (version > MIGRATIONS.length)
      throw new SoakError(
        'HISTORY_UNUSABLE',
        `${path} was written by a newer soakd: found schema ${version}, expected at most ${MIGRATIONS.length}; update soakd, or ${ELSEWHERE}`,
      );
    return version;
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new SoakError(
      'HISTORY_UNUSABLE',
      `${path} is damaged (${messageOf(error)}); restore a backup, or ${ELSEWHERE}`,
      [],
      error,
    );
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}

/** Returns whether an error of SQLite says that the file is damaged. */
export function isDamage(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code !== undefined && ((code & 255) === CORRUPT || (code & 255) === NOT_A_DATABASE);
}

function pragma(db: DatabaseSync, name: string): number {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
}

function migrate(db: DatabaseSync): void {
  transaction(db, () => {
    // Another process may have done it in the meantime.
    const from = pragma(db, 'user_version');
    for (const step of MIGRATIONS.slice(from)) db.exec(step);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

/** Runs statements in one transaction; an error undoes them all. */
export function transaction<T>(db: DatabaseSync, run: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = run();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite may have rolled back by itself, as on a full disk.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
