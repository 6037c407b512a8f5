import type { Block, Cell, Plot, Table, Tone } from '../schema/report.ts';
import type { Content, Omitted, ReportedRun, ReportedTable, ReportInput } from './input.ts';

export const paragraph = (text: string): Block => ({ kind: 'paragraph', text });
export const list = (items: readonly string[]): Block => ({ kind: 'list', items });
export const heading = (text: string): Block => ({ kind: 'heading', text });
export const code = (text: string): Block => ({ kind: 'code', text });
export const badge = (tone: Tone, label: string, text: string): Block => ({
  kind: 'badge',
  tone,
  label,
  text,
});
export const plotBlock = (plot: Plot): Block => ({ kind: 'plot', plot });

/** Title of a column; numbers are aligned to the right. */
export interface ColumnOf<T> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly cell: (of: T) => Cell;
  /** Sentence of the caption that explains the column; left out with it. Several columns may have the same. */
  readonly note?: string;
  /** Whether only some of its cells need the note; absent: it is always there. */
  readonly needsNote?: (cell: Cell) => boolean;
  /** Whether the column is there without any value. */
  readonly isKept?: true;
}

/** Text of a cell without a value. */
export const NO_VALUE = '–';

export const cellText = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

/**
 * Returns a table with a row for each item. A column without any value is left out, and what the caption says of it too.
 * @param max rows that are shown; the caption says how many are left out
 */
export function tableOf<T>(
  caption: string,
  all: readonly ColumnOf<T>[],
  items: readonly T[],
  max = 60,
): Table {
  const shown = items.slice(0, max);
  const made = all.map((column) => ({ column, cells: shown.map((item) => column.cell(item)) }));
  const present = made.filter(
    ({ column, cells }) => column.isKept === true || cells.some((cell) => cellText(cell) !== NO_VALUE),
  );
  const columns = present.length === 0 ? made : present;
  const notes = columns.flatMap(({ column: { note, needsNote }, cells }) =>
    note === undefined || (needsNote !== undefined && !cells.some(needsNote)) ? [] : [note],
  );
  const more = items.length - max;
  return {
    kind: 'table',
    caption: [
      caption,
      ...new Set(notes),
      ...(more > 0 ? [`The first ${max} of ${items.length} rows.`] : []),
    ].join(' '),
    columns: columns.map(({ column: { title, align } }) => ({ title, align: align ?? 'right' })),
    rows: shown.map((_, row) => columns.map(({ cells }) => cells[row]!)),
  };
}

/** What a section says of one run. */
export interface RunPart {
  readonly blocks: readonly Block[];
  readonly values: unknown;
}

/** Returns a table of names and values. */
export function facts(caption: string, rows: readonly (readonly [name: string, value: Cell])[]): Table {
  return {
    kind: 'table',
    caption,
    columns: [
      { title: 'what', align: 'left' },
      { title: 'value', align: 'left' },
    ],
    rows,
  };
}

/**
 * Makes a section from each run by itself, and from each table. Several have a heading each.
 * @param make returns a text where there is nothing to say, which is then the reason of the whole section
 * @param makeTable the same for a table; absent: tables have no such data
 */
export function eachRun(
  { runs, tables }: ReportInput,
  make: (run: ReportedRun, index: number) => RunPart | string,
  makeTable?: (table: ReportedTable) => RunPart | string,
): Content | Omitted {
  const parts = [
    ...runs.map((run, index) => ({ kind: 'run', name: run.name, part: make(run, index) })),
    ...(makeTable === undefined
      ? []
      : tables.map((table) => ({ kind: 'table', name: table.name, part: makeTable(table) }))),
  ];
  if (parts.length === 0)
    return { omitted: 'The report is made from a written table, which has no data of a run.' };
  const several = runs.length + tables.length > 1;
  const blocks = parts.flatMap(({ kind, name, part }) => [
    ...(several ? [heading(`${kind === 'run' ? 'Run' : 'Table'} ${name}`)] : []),
    ...(typeof part === 'string' ? [paragraph(part)] : part.blocks),
  ]);
  if (parts.every(({ part }) => typeof part === 'string'))
    return { omitted: [...new Set(parts.map(({ part }) => part as string))].join(' ') };
  return {
    blocks,
    values: parts.map(({ kind, name, part }) => ({
      [kind]: name,
      ...(typeof part === 'string' ? { omitted: part } : { values: part.values }),
    })),
  };
}
