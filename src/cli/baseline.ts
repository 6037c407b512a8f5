import { compareRuns } from '../compare/compare.ts';
import type { Comparison } from '../compare/comparison.ts';
import type { RunSource } from '../compare/run.ts';
import { SoakError } from '../core/errors.ts';
import { type Database, openDatabase } from '../history/database.ts';
import type { OpenedHistory } from '../history/open.ts';
import { HistoryReader } from '../history/reader.ts';
import { KeptRunSource } from '../kept-report/kept-run-source.ts';
import { isFile, runFiles } from './run-files.ts';

/** The run with which a new one is compared. */
export interface Baseline {
  /** Id, or name of its file. */
  readonly id: string;
  /** Compares it with a finished run of the history. */
  compare(run: string): Comparison;
}

/**
 * Finds the run with which a new one is compared, before that begins.
 * @param reference an id, `last` or `last-pass` (of the same scenario), or a file of `run --json`
 * @returns `undefined` if the history has no such run of the scenario yet, as in the first run of a pipeline
 * @throws SoakError USAGE, RUN_UNKNOWN
 */
export function baselineOf(
  reference: string,
  scenario: string,
  opened: OpenedHistory | undefined,
): Baseline | undefined {
  if (opened === undefined)
    throw new SoakError('USAGE', 'found --compare-with without a history, expected --data with a folder');
  const { path } = opened.history;
  const id = isFile(reference) ? runFiles.find(reference).id : idOf(path, reference, scenario);
  if (id === undefined) return undefined;
  return {
    id,
    compare: (run) =>
      reading(path, (db) => {
        const kept: RunSource = new KeptRunSource(db);
        return compareRuns((isFile(id) ? runFiles : kept).find(id), kept.find(run));
      }),
  };
}

function idOf(path: string, reference: string, scenario: string): string | undefined {
  return reading(path, (db) => {
    const reader = new HistoryReader(db);
    if (reference !== 'last' && reference !== 'last-pass') return reader.resolve(reference);
    const verdict = reference === 'last' ? {} : { verdict: 'pass' };
    return reader.list({ scenario, ...verdict, limit: 2 }).find(({ state }) => state === 'finished')?.id;
  });
}

function reading<T>(path: string, call: (db: Database) => T): T {
  const db = openDatabase(path, { readOnly: true });
  try {
    return call(db);
  } finally {
    db.close();
  }
}
