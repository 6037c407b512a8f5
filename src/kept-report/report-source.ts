import { subjectsOf } from '../analysis/subjects.ts';
import type { ComparedRun } from '../compare/run.ts';
import type { ReportedRun } from '../document/input.ts';
import type { Database } from '../history/database.ts';
import { HistoryReader } from '../history/reader.ts';
import type { Summary } from '../schema/summary.ts';
import { KeptRunSource } from './kept-run-source.ts';
import { readSeries } from './report-windows.ts';

/** A run of a report. */
export interface RunSourceOfReport {
  readonly kind: 'run';
  readonly run: ReportedRun;
  /** Returns the run with its windows from their start: they can be read once. */
  readonly compared: () => ComparedRun;
}

/**
 * Returns a finished run of the history with its windows.
 * @throws SoakError RUN_UNKNOWN; USAGE for a run that has not finished
 */
export function keptSource(db: Database, reference: string): RunSourceOfReport {
  const runs = new KeptRunSource(db);
  const { id, summary } = runs.find(reference);
  return {
    kind: 'run',
    run: { ...reportedRun(id, summary), ...readSeries(new HistoryReader(db), id, summary.run.lastedMs) },
    compared: () => runs.find(id),
  };
}

/** Returns a run without windows, and without the use of its targets. @param name for people */
export function reportedRun(name: string, summary: Summary): ReportedRun {
  return {
    name,
    summary,
    subjects: subjectsOf(summary),
    series: [],
    use: null,
    useReason: 'no Prometheus was asked',
  };
}
