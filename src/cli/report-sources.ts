import { compareRuns } from '../compare/compare.ts';
import type { Comparison } from '../compare/comparison.ts';
import type { ReportedTable } from '../document/input.ts';
import { isTableFile, readTableFile } from '../document/table-file.ts';
import { type RunSourceOfReport, reportedRun } from '../kept-report/report-source.ts';
import { fileText, parsed, runInText } from './run-files.ts';

/** What one argument of `soakd report` names. */
export type ReportSource = RunSourceOfReport | { readonly kind: 'table'; readonly table: ReportedTable };

/** Returns what a file holds: the output of `run --json`, or a table of levels. @throws SoakError USAGE */
export function fileSource(file: string): ReportSource {
  const text = fileText(file);
  const data = parsed(text);
  if (isTableFile(data)) return { kind: 'table', table: readTableFile(data, file) };
  const run = runInText(file, text);
  return { kind: 'run', run: reportedRun(file, run.summary), compared: () => run };
}

/** Returns each later run against the first; by their windows where those are kept. */
export function comparisonsOf(sources: readonly ReportSource[]): Comparison[] {
  const [first, ...later] = sources.flatMap((source) => (source.kind === 'run' ? [source.compared] : []));
  return first === undefined ? [] : later.map((run) => compareRuns(first(), run()));
}
