import { COLUMNS } from './windows.ts';
import type { KeptRun, RunWindow } from './wire.ts';

type Cell = string | number | boolean | null | undefined;

/** Returns rows as CSV (RFC 4180); an empty field is a value that is not known. */
function csvOf(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const field = (cell: Cell): string => {
    // A spreadsheet runs a text that begins like this as a formula.
    const text = typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

const RUN_KEYS = [
  ...(['id', 'scenario', 'source', 'state', 'verdict', 'verdictReason'] as const),
  ...(['endReason', 'startedAt', 'endedAt', 'pinned', 'resumes'] as const),
];

/** Returns runs as CSV, one row for each. */
export function runsCsv(runs: readonly KeptRun[]): string {
  const row = (run: KeptRun): Cell[] => [...RUN_KEYS.map((key) => run[key]), run.targets.join(' ')];
  return csvOf([...RUN_KEYS, 'targets'], runs.map(row));
}

/** Returns what the plots show as CSV, one row for each window and target. */
export function windowsCsv(windows: readonly RunWindow[]): string {
  const rows = windows.flatMap(({ n, fromAt, toAt, targets }) =>
    targets.map((target) => [
      n,
      fromAt,
      toAt,
      target.target,
      ...COLUMNS.map((name) => valueAt(target, name)),
    ]),
  );
  return csvOf(['n', 'fromAt', 'toAt', 'target', ...COLUMNS], rows);
}

/** @param name of a column: a dot is a level */
function valueAt(target: RunWindow['targets'][number], name: string): Cell {
  return name
    .split('.')
    .reduce<unknown>(
      (of, key) => (of as Readonly<Record<string, unknown>> | undefined)?.[key],
      target,
    ) as Cell;
}
