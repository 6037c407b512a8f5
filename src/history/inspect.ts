import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf, SoakError } from '../core/errors.ts';
import { ELSEWHERE, isDamage, openDatabase } from './database.ts';
import { DATABASE, type DataFolder } from './folder.ts';

/** A data folder as it is, without a change to it. */
export interface DataFolderState {
  readonly folder: DataFolder;
  readonly exists: boolean;
  /** Why soakd cannot make or write the folder; absent: it can. */
  readonly unwritable?: string;
  /** Free space of its file system for this user, bytes; absent if the folder cannot be reached. */
  readonly freeBytes?: number;
  /** Size of the database on disk, bytes; 0 if there is none. */
  readonly sizeBytes: number;
  /** Why the database cannot be used, and the way out; absent: it can, or there is none. */
  readonly problem?: string;
}

/** Inspects a data folder: makes nothing, and reads the whole database. */
export function inspectFolder(folder: DataFolder): DataFolderState {
  const { path } = folder;
  const place = nearest(path);
  const database = join(path, DATABASE);
  const sizeBytes = sizeOf(database) + sizeOf(`${database}-wal`);
  const state = { folder, exists: place === path, sizeBytes };
  try {
    if (!statSync(place).isDirectory()) return { ...state, unwritable: `${place} is not a folder` };
    const { bavail, bsize } = statfsSync(place);
    const measured = { ...state, freeBytes: bavail * bsize };
    try {
      accessSync(place, constants.W_OK | constants.X_OK);
      if (existsSync(database)) accessSync(database, constants.R_OK | constants.W_OK);
    } catch (error) {
      return { ...measured, unwritable: messageOf(error) };
    }
    const problem = existsSync(database) ? problemOf(database) : undefined;
    return { ...measured, problem };
  } catch (error) {
    return { ...state, unwritable: messageOf(error) };
  }
}

/** Returns a folder, or the closest one above it that exists. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function problemOf(path: string): string | undefined {
  try {
    const db = openDatabase(path, { readOnly: true });
    try {
      const [first] = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {});
      return first === 'ok'
        ? undefined
        : `${path} is damaged (${String(first)}); restore a backup, or ${ELSEWHERE}`;
    } finally {
      db.close();
    }
  } catch (error) {
    if (error instanceof SoakError) return error.message;
    const what = isDamage(error) ? 'is damaged' : 'cannot be opened';
    return `${path} ${what} (${messageOf(error)}); restore a backup, or ${ELSEWHERE}`;
  }
}
