import { subjectsOf } from '../analysis/subjects.ts';
import { compareRuns } from '../compare/compare.ts';
import type { Comparison } from '../compare/comparison.ts';
import type { ComparedRun } from '../compare/run.ts';
import type { ReportedRun, ReportedTable } from '../document/input.ts';
import { isTableFile, readTableFile } from '../document/table-file.ts';
import type { Database } from '../history/database.ts';
import { HistoryReader } from '../history/reader.ts';
import type { Summary } from '../report/summary.ts';
import { KeptRunSource } from './kept-run-source.ts';
import { readSeries } from './report-windows.ts';
import { fileText, parsed, runInText } from './run-files.ts';

/** What one argument of `soakd report` names. */
export type ReportSource =
  | {
      readonly kind: 'run';
      readonly run: ReportedRun;
      /** Returns the run with its windows from their start: they can be read once. */
      readonly compared: () => ComparedRun;
    }
  | { readonly kind: 'table'; readonly table: ReportedTable };

/** Returns what a file holds: the output of `run --json`, or a table of levels. @throws SoakError USAGE */
export function fileSource(file: string): ReportSource {
  const text = fileText(file);
  const data = parsed(text);
  if (isTableFile(data)) return { kind: 'table', table: readTableFile(data, file) };
  const run = runInText(file, text);
  return { kind: 'run', run: reported(file, run.summary), compared: () => run };
}

/**
 * Returns a finished run of the history with its windows.
 * @throws SoakError RUN_UNKNOWN; USAGE for a run that has not finished
 */
export function keptSource(db: Database, reference: string): ReportSource {
  const runs = new KeptRunSource(db);
  const { id, summary } = runs.find(reference);
  return {
    kind: 'run',
    run: { ...reported(id, summary), ...readSeries(new HistoryReader(db), id, summary.run.lastedMs) },
    compared: () => runs.find(id),
  };
}

/** Returns each later run against the first; by their windows where those are kept. */
export function comparisonsOf(sources: readonly ReportSource[]): Comparison[] {
  const [first, ...later] = sources.flatMap((source) => (source.kind === 'run' ? [source.compared] : []));
  return first === undefined ? [] : later.map((run) => compareRuns(first(), run()));
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
