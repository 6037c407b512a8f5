import type { SoakError } from '../core/errors.ts';
import { MAX_SCHEDULE_RECORDS, type ScheduleMemory, type ScheduleRecord } from '../core/schedule.ts';
import type { DataFolder } from './folder.ts';
import { History, type HistoryOptions } from './history.ts';
import { COUNTERS_KEY, type Counters, restoreCounters } from './kept-counters.ts';
import type { RunSource } from './records.ts';
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

/** Key of the schedules in the state of the service. */
const SCHEDULES_KEY = 'schedules';

/** Keeps schedules in the history: what was missed while no process ran is seen by the next one. */
class KeptSchedules implements ScheduleMemory {
  readonly #history: Pick<History, 'putService'>;
  /** In the order of the last save. */
  readonly #records = new Map<string, ScheduleRecord>();

  constructor(history: Pick<History, 'putService'>, bytes: Uint8Array | undefined) {
    this.#history = history;
    for (const record of restored(bytes)) this.#records.set(record.name, record);
  }

  load(): readonly ScheduleRecord[] {
    return [...this.#records.values()];
  }

  save(record: ScheduleRecord): void {
    this.#records.delete(record.name);
    this.#records.set(record.name, record);
    for (const name of this.#records.keys()) {
      if (this.#records.size <= MAX_SCHEDULE_RECORDS) break;
      this.#records.delete(name);
    }
    const text = JSON.stringify([...this.#records.values()]);
    this.#history.putService(SCHEDULES_KEY, new TextEncoder().encode(text));
  }
}

function restored(bytes: Uint8Array | undefined): ScheduleRecord[] {
  if (bytes === undefined) return [];
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(parsed) ? (parsed as ScheduleRecord[]) : [];
  } catch {
    // Records that cannot be read are as none: schedules count from now on.
    return [];
  }
}
