import { MAX_SCHEDULE_RECORDS, type ScheduleMemory, type ScheduleRecord } from '../core/schedule.ts';
import type { History } from './history.ts';

/** Key of the schedules in the state of the service. */
export const SCHEDULES_KEY = 'schedules';

/** Keeps schedules in the history: what was missed while no process ran is seen by the next one. */
export class KeptSchedules implements ScheduleMemory {
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
