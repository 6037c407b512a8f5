import type { Block, Cell, Plot, Table, Tone } from './document.ts';
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
}

/**
 * Returns a table with a row for each item.
 * @param max rows that are shown; the caption says how many are left out
 */
export function tableOf<T>(
  caption: string,
  columns: readonly ColumnOf<T>[],
  items: readonly T[],
  max = 60,
): Table {
  const more = items.length - max;
  return {
    kind: 'table',
    caption: more > 0 ? `${caption} The first ${max} of ${items.length} rows.` : caption,
    columns: columns.map(({ title, align }) => ({ title, align: align ?? 'right' })),
    rows: items.slice(0, max).map((item) => columns.map(({ cell }) => cell(item))),
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
