import { randomUUID } from 'node:crypto';
import { accessSync, constants, readdirSync, unlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, SoakError } from '../core/errors.ts';
import { makeFolders } from '../machine/folders.ts';

/** Name of the database in a data folder. */
export const DATABASE = 'history.db';
const LOCKS = 'locks';
/** Lock of the one `soakd serve` of a folder. */
const SERVE_LOCK = 'serve.lock';

/** A data folder, and whether the user named it. */
export interface DataFolder {
  readonly path: string;
  /** Not named by the user: soakd runs without a history where it cannot be written. */
  readonly isDefault: boolean;
}

/**
 * Returns the data folder; `undefined`: no history.
 * @param named value of `--data`: a folder, or `none`
 * @param configFile absent without a configuration file
 */
export function dataFolder(
  named: string | undefined,
  configFile: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): DataFolder | undefined {
  if (named === 'none') return undefined;
  if (named !== undefined) return { path: resolve(named), isDefault: false };
  if (configFile !== undefined)
    return { path: join(dirname(resolve(configFile)), 'soakd-data'), isDefault: true };
  // XDG base directory specification: an empty or relative value counts as not set.
  const state = env.XDG_STATE_HOME?.startsWith('/') ? env.XDG_STATE_HOME : join(homedir(), '.local/state');
  return { path: join(state, 'soakd'), isDefault: true };
}

/** @throws SoakError HISTORY_READ_ONLY if the folder cannot be made or written */
export function makeFolder({ path }: DataFolder): void {
  try {
    makeFolders(join(path, LOCKS), 0o700);
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = messageOf(error);
    throw new SoakError(
      'HISTORY_READ_ONLY',
      `the data folder ${path} cannot be written: ${why}; fix its permissions, give another with --data, or keep nothing with --data none`,
      [],
      error,
    );
  }
}

/** A lock that the system releases when its process ends, however it ends. */
export class FolderLock {
  readonly name: string;
  readonly #path: string;
  readonly #db: DatabaseSync;

  private constructor(name: string, path: string, db: DatabaseSync) {
    this.name = name;
    this.#path = path;
    this.#db = db;
  }

  /** Locks the folder for `soakd serve`. @throws SoakError HISTORY_IN_USE if another one has the lock */
  static serve(folder: string): FolderLock {
    const lock = FolderLock.#try(folder, SERVE_LOCK);
    if (lock !== undefined) return lock;
    throw new SoakError(
      'HISTORY_IN_USE',
      `another soakd serve uses the data folder ${folder}; stop it, give another folder with --data, or keep nothing with --data none`,
    );
  }

  /** Makes a lock for one `soakd run`, which writes beside others. */
  static run(folder: string): FolderLock {
    const name = `run-${randomUUID()}.lock`;
    const lock = FolderLock.#try(folder, name);
    if (lock === undefined) throw new SoakError('HISTORY_UNUSABLE', `no lock can be made in ${folder}`);
    return lock;
  }

  /** Returns whether the process that held a lock has ended. Removes the lock of an ended `soakd run`. */
  static isFree(folder: string, name: string): boolean {
    const lock = FolderLock.#try(folder, name);
    lock?.release();
    return lock !== undefined;
  }

  /** Removes locks of processes that have ended. */
  static clean(folder: string): void {
    for (const name of readdirSync(join(folder, LOCKS)))
      if (name.startsWith('run-') && name.endsWith('.lock')) FolderLock.isFree(folder, name);
  }

  // An exclusive transaction of SQLite is the only lock on files that Node offers without a package of its own.
  static #try(folder: string, name: string): FolderLock | undefined {
    const path = join(folder, LOCKS, name);
    const db = new DatabaseSync(path, { timeout: 0 });
    try {
      db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
      return new FolderLock(name, path, db);
    } catch (error) {
      db.close();
      const BUSY = 5;
      if (((error as { errcode?: number }).errcode ?? 0) % 256 === BUSY) return undefined;
      throw error;
    }
  }

  release(): void {
    this.#db.close();
    if (this.name === SERVE_LOCK) return;
    try {
      unlinkSync(this.#path);
    } catch {
      // The folder may be gone.
    }
  }
}
