import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { messageOf, SoakError } from '../core/errors.ts';
import { type Database, openDatabase } from '../history/database.ts';
import { DATABASE, dataFolder } from '../history/folder.ts';

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
      'data folder (default: soakd-data beside the configuration file; without a file $XDG_STATE_HOME/soakd)',
    )
    .option(
      '-c, --config <file>',
      `configuration file, for the data folder beside it; --data overrides it (default: ${DEFAULT_CONFIG} if it exists)`,
    );
}

/**
 * Returns where a history may be, the likeliest place first: runs without a configuration are in another folder.
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
 * Calls with the history that the flags name.
 * @param how `read` works while others write, and where nothing can be written
 * @throws SoakError HISTORY_UNUSABLE
 */
export async function withHistory<T>(
  flags: FolderFlags,
  how: 'read' | 'write',
  call: (db: Database) => T | Promise<T>,
): Promise<T> {
  const paths = databasePaths(flags);
  const path = paths.find((each) => existsSync(each));
  if (path === undefined)
    throw new SoakError(
      'HISTORY_UNUSABLE',
      `there is no history at ${paths.join(' or ')}; give its folder with --data, or the configuration beside it with --config`,
    );
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

function isSqlite(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_SQLITE_ERROR';
}
