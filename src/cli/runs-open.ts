import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { messageOf, SoakError } from '../core/errors.ts';
import { type Database, openDatabase } from '../history/database.ts';
import { DATABASE, dataFolder } from '../history/folder.ts';
import { HistoryReader } from '../history/reader.ts';

export interface FolderFlags {
  readonly data?: string;
  readonly config?: string;
}

const DEFAULT_CONFIG = 'soakd.yaml';

/** Adds the flags that name a history. */
export function addFolderFlags(command: Command): Command {
  return command
    .option(
      '--data <folder>',
      'data folder (default: soakd-data beside the configuration file, or $XDG_STATE_HOME/soakd if that has a newer run)',
    )
    .option(
      '-c, --config <file>',
      `configuration file, for the data folder beside it; --data overrides it (default: ${DEFAULT_CONFIG} if it exists)`,
    );
}

/**
 * Returns where a history may be: runs without a configuration are in another folder.
 * @throws SoakError USAGE, CONFIG_UNREADABLE
 */
function databasePaths({ data, config }: FolderFlags): string[] {
  if (config !== undefined && !existsSync(config))
    throw new SoakError('CONFIG_UNREADABLE', `${config} does not exist`);
  const file = config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
  const folder = dataFolder(data, file);
  if (folder === undefined)
    throw new SoakError('USAGE', 'found --data none, expected the folder of a history');
  const others = data === undefined && config === undefined ? [dataFolder(undefined, undefined)!] : [];
  return [...new Set([folder, ...others].map(({ path }) => join(path, DATABASE)))];
}

/**
 * Calls with the history that the flags name; without flags, of two possible ones with that of the newest run.
 * @param how `read` works while others write, and where nothing can be written
 * @throws SoakError HISTORY_UNUSABLE
 */
export async function withHistory<T>(
  flags: FolderFlags,
  how: 'read' | 'write',
  call: (db: Database) => T | Promise<T>,
): Promise<T> {
  const paths = databasePaths(flags);
  const existing = paths.filter((each) => existsSync(each));
  const [path, other] =
    existing.length < 2 ? existing : existing.toSorted((a, b) => newestIn(b) - newestIn(a));
  if (path === undefined)
    throw new SoakError(
      'HISTORY_UNUSABLE',
      `there is no history at ${paths.join(' or ')}; give its folder with --data, or the configuration beside it with --config`,
    );
  if (other !== undefined)
    process.stderr.write(`soakd: runs of ${dirname(path)}; for older ones give --data ${dirname(other)}\n`);
  let db: Database | undefined;
  try {
    db = openDatabase(path, { readOnly: how === 'read' });
    return await call(db);
  } catch (error) {
    if (error instanceof SoakError || !isSqlite(error)) throw error;
    throw new SoakError('HISTORY_UNUSABLE', `${path}: ${messageOf(error)}`, [], error);
  } finally {
    db?.close();
  }
}

/** Returns when the newest run of a history was started, ms since 1970; below 0 where that cannot be read. */
function newestIn(path: string): number {
  let db: Database | undefined;
  try {
    db = openDatabase(path, { readOnly: true });
    return new HistoryReader(db).list({ limit: 1 })[0]?.startedAt ?? -1;
  } catch {
    return -1;
  } finally {
    db?.close();
  }
}

function isSqlite(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_SQLITE_ERROR';
}
