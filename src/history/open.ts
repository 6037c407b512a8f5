import type { SoakError } from '../core/errors.ts';
import type { DataFolder } from './folder.ts';
import { History, type HistoryOptions } from './history.ts';
import { COUNTERS_KEY, type Counters, restoreCounters } from './kept-counters.ts';
import type { RunSource } from './records.ts';
import { KeptSchedules, SCHEDULES_KEY } from './schedule-memory.ts';
import { type RestoredTotals, restoreTotals, TOTALS_KEY } from './totals.ts';

/** A history, and what earlier processes left in it. */
export interface OpenedHistory {
  readonly history: History;
  readonly source: RunSource;
  readonly folder: DataFolder;
  readonly totals: RestoredTotals | undefined;
  readonly counters: Counters;
  readonly schedules: KeptSchedules;
}

/**
 * Opens the history of a folder.
 * @returns `undefined` where a folder that the user did not name cannot be used: soakd then runs without a history
 * @throws SoakError HISTORY_UNUSABLE, HISTORY_READ_ONLY, HISTORY_IN_USE
 */
export async function openHistory(options: HistoryOptions): Promise<OpenedHistory | undefined> {
  const { folder, source, log } = options;
  let history: History;
  try {
    history = await History.open(options);
  } catch (error) {
    const { code, message } = error as SoakError;
    // A damaged or newer history is an error also where it is the default: it must not be given up unseen.
    if (!folder.isDefault || (code !== 'HISTORY_READ_ONLY' && code !== 'HISTORY_IN_USE')) throw error;
    log.warn({ path: folder.path, err: message }, 'no history is kept');
    return undefined;
  }
  // Only the service has totals that outlive it; runs of soakd run stand alone.
  const isService = source === 'serve';
  const part = async (key: string) => (isService ? history.read('service', key) : undefined);
  return {
    history,
    source,
    folder,
    totals: restoreTotals(await part(TOTALS_KEY)),
    counters: restoreCounters(await part(COUNTERS_KEY)),
    schedules: new KeptSchedules(history, await part(SCHEDULES_KEY)),
  };
}
