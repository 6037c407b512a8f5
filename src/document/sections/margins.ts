import type { SubjectLimit } from '../../analysis/level-point.ts';
import { type LevelValue, stateOf, usedShare, valueAtLevel } from '../../analysis/limit-at-level.ts';
import { valueText } from '../../report/value-text.ts';
import type { Cell } from '../../schema/report.ts';
import { type Analysed, analysedIn, byLoad, heldBy, loadText, MAX_ROWS, ofColumn } from '../analysed.ts';
import { type ColumnOf, NO_VALUE, tableOf } from '../blocks.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { marginText } from '../margin-text.ts';
import { recommendedFor } from '../recommended.ts';

/** A value of a limit, and the share of the limit that it uses. */
interface Margin {
  /** `null`: over the whole run. */
  readonly load: number | null;
  readonly value: number;
  readonly used: number;
  readonly isWithinError: boolean;
  readonly isErrorUnknown: boolean;
}

interface Row {
  readonly of: Analysed;
  readonly limit: SubjectLimit;
  readonly whole: Margin | null;
  readonly recommended: Margin | null;
  readonly maximum: Margin | null;
  readonly highest: Margin | null;
}

/** How much of each limit is left: over the run, at the recommended load, where the limits end, and at the highest load. */
export const margins: SectionRecord = {
  id: 'margins',
  title: 'Limits and margins',
  make(input): Content | Omitted {
    const rows = analysedIn(input)
      .flatMap(rowsOf)
      .toSorted((a, b) => orderUse(b) - orderUse(a));
    if (rows.length === 0) return { omitted: 'No limit has a value.' };
    const isHighest =
      rows.some((r) => r.recommended !== null) && rows.every((r) => r.recommended?.load === r.highest?.load);
    return {
      blocks: [
        tableOf<Row>(
          'Each limit with the value that was measured, and its margin: the share of the limit that was left, of a success rate the share of the failures that the limit allows. In the order of the last column, the least left first; "least left" marks the tightest limit of each load.',
          [
            ...ofColumn(input),
            {
              title: 'limit',
              align: 'left',
              cell: ({ limit }) =>
                `${limit.measure} ${limit.crossedWhen === '<' ? 'at least' : 'at most'} ${valueText(limit.limit, limit.unit)}`,
            },
            { title: 'severity', align: 'left', cell: ({ limit }) => limit.severity },
            column(rows, 'over the whole run', (r) => r.whole),
            // One and the same load needs no second column.
            ...(isHighest ? [] : [column(rows, 'at the recommended load', (r) => r.recommended)]),
            ...(rows.every((r) => r.maximum?.load === r.recommended?.load)
              ? []
              : [column(rows, 'at the largest load that holds', (r) => r.maximum)]),
            column(
              rows,
              isHighest ? 'at the recommended load, the highest' : 'at the highest load',
              (r) => r.highest,
            ),
          ],
          rows,
          MAX_ROWS,
        ),
      ],
      values: rows.map(({ of, limit, ...at }) => ({ of: of.name, limit, ...at })),
    };
  },
};

function column(rows: readonly Row[], title: string, of: (row: Row) => Margin | null): ColumnOf<Row> {
  // Of each target the limit with the least left at that load.
  const tightest = new Set(
    [...Map.groupBy(rows, (row) => row.of.subject).values()].flatMap((own) => {
      const known = own.filter((row) => of(row) !== null);
      return known.length < 2 ? [] : [known.reduce((a, b) => (of(b)!.used > of(a)!.used ? b : a))];
    }),
  );
  return {
    title,
    align: 'left',
    cell: (row) => {
      const cell = cellOf(row, of(row));
      if (!tightest.has(row)) return cell;
      return typeof cell === 'string'
        ? `${cell} (least left)`
        : { ...cell, text: `${cell.text} (least left)` };
    },
  };
}

function rowsOf(of: Analysed): Row[] {
  const { subject } = of;
  const held = heldBy(subject);
  const maximum = 'reason' in held ? null : held.maximum;
  const highest = byLoad(subject).at(-1)?.load ?? null;
  return subject.limits.flatMap((limit): Row[] => {
    const at = (load: number | null): Margin | null => marginAt(of, limit, load);
    const row = {
      of,
      limit,
      whole: wholeMargin(limit),
      recommended: at(recommendedFor([subject])?.load ?? null),
      maximum: at(maximum),
      highest: at(highest),
    };
    return row.whole === null && row.highest === null ? [] : [row];
  });
}

function wholeMargin(limit: SubjectLimit): Margin | null {
  const { observed: value, result } = limit;
  if (value === null) return null;
  return {
    load: null,
    value,
    used: usedShare(limit, value),
    isWithinError: result === 'inconclusive',
    isErrorUnknown: false,
  };
}

/** Of several levels of one load the one that uses most. */
function marginAt({ subject }: Analysed, limit: SubjectLimit, load: number | null): Margin | null {
  const all = subject.levels
    .filter((level) => level.load === load)
    .flatMap((level): Margin[] => {
      const value: LevelValue | null = valueAtLevel(limit, level);
      if (value === null) return [];
      return [
        {
          load,
          value: value.value,
          used: usedShare(limit, value.value),
          isWithinError: stateOf(limit, value) === 'inconclusive',
          isErrorUnknown: value.isErrorUnknown === true,
        },
      ];
    });
  return all.length === 0 ? null : all.reduce((a, b) => (b.used > a.used ? b : a));
}

/** A limit without values by level has its place by the whole run. */
const orderUse = ({ whole, highest }: Row): number => highest?.used ?? whole?.used ?? 0;

function cellOf({ limit, of }: Row, margin: Margin | null): Cell {
  if (margin === null) return NO_VALUE;
  const at = margin.load === null ? '' : ` at ${loadText(margin.load, of.subject)}`;
  const text = `${valueText(margin.value, limit.unit)}${at}: ${marginText(margin.used)}`;
  if (margin.isWithinError)
    return {
      text: `${text}, ${margin.isErrorUnknown ? 'measurement error not known' : 'within the measurement error'}`,
      tone: 'unknown',
    };
  if (margin.used <= 1) return text;
  return { text, tone: limit.severity === 'critical' ? 'bad' : 'warning' };
}
