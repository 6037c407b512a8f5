import type { Config } from '../core/scenario.ts';
import { dataFolder } from '../history/folder.ts';
import { type OpenedHistory, openHistory } from '../history/open.ts';
import type { RunSource } from '../history/records.ts';
import type { Log } from '../log.ts';

export interface HistoryRequest {
  /** Value of `--data`. */
  readonly data: string | undefined;
  /** Absent without a configuration file. */
  readonly configFile: string | undefined;
  readonly source: RunSource;
  readonly config: Config;
  readonly log: Log;
}

/**
 * Opens the history that a command writes.
 * @returns `undefined`: none is kept
 * @throws SoakError HISTORY_UNUSABLE, HISTORY_READ_ONLY, HISTORY_IN_USE
 */
export async function openedHistory({
  data,
  configFile,
  source,
  config,
  log,
}: HistoryRequest): Promise<OpenedHistory | undefined> {
  const folder = dataFolder(data, configFile);
  if (folder === undefined) return undefined;
  const { maxAgeMs, maxBytes } = config.history;
  return openHistory({ folder, source, retention: { maxAgeMs, maxBytes }, log: log.logger });
}
