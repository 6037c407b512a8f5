import type { DatabaseSync } from 'node:sqlite';
import { SoakError } from '../core/errors.ts';
import { transaction } from './database.ts';
import { HistoryReader, type KeptRun } from './reader.ts';

export type RunChange = { readonly delete: string } | { readonly pin: string; readonly pinned: boolean };

/**
 * Deletes a finished run, or protects it from the retention.
 * @returns the run as it is, or was
 * @throws SoakError RUN_UNKNOWN, RUN_ACTIVE (an active run cannot be deleted); errors of SQLite
 */
export function changeRun(db: DatabaseSync, change: RunChange): KeptRun {
  const reader = new HistoryReader(db);
  return transaction(db, () => {
    if ('pin' in change) {
      const id = reader.resolve(change.pin);
      db.prepare('UPDATE runs SET pinned = ? WHERE run = ?').run(change.pinned ? 1 : 0, id);
      return reader.run(id);
    }
    const run = reader.run(reader.resolve(change.delete));
    if (run.state === 'active')
      throw new SoakError('RUN_ACTIVE', `run ${run.id} is active; stop it before you delete it`);
    db.prepare('DELETE FROM runs WHERE run = ?').run(run.id);
    db.exec('DELETE FROM layouts WHERE id NOT IN (SELECT layout FROM runs)');
    db.exec('PRAGMA incremental_vacuum');
    return run;
  });
}
