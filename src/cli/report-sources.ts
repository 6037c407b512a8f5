import { subjectsOf } from '../analysis/subjects.ts';
import { SoakError } from '../core/errors.ts';
import type { ReportedRun, ReportedTable } from '../document/input.ts';
import type { Database } from '../history/database.ts';
import { HistoryReader } from '../history/reader.ts';
import type { Summary } from '../report/summary.ts';
import { readSeries } from './report-windows.ts';
import { runFiles } from './run-files.ts';

/** What one argument of `soakd report` names. */
export type ReportSource =
  | { readonly kind: 'run'; readonly run: ReportedRun }
  | { readonly kind: 'table'; readonly table: ReportedTable };

/** Returns what a file holds: the output of `run --json`. @throws SoakError USAGE */
export function fileSource(file: string): ReportSource {
  return { kind: 'run', run: reported(file, runFiles.find(file).summary) };
}

/**
 * Returns a finished run of the history with its windows.
 * @throws SoakError RUN_UNKNOWN; USAGE for a run that has not finished
 */
export function keptSource(db: Database, reference: string): ReportSource {
  const reader = new HistoryReader(db);
  const id = reader.resolve(reference);
  const kept = reader.show(id).summary as Summary | null;
  if (kept === null)
    throw new SoakError('USAGE', `run ${id} has no summary: it is active, or ended with its process`);
  return {
    kind: 'run',
    run: { ...reported(id, kept), ...readSeries(reader, id, kept.run.lastedMs) },
  };
}

function reported(name: string, summary: Summary): ReportedRun {
  return {
    name,
    summary,
    subjects: subjectsOf(summary),
    series: [],
    use: null,
    useReason: 'no Prometheus was asked',
  };
}
