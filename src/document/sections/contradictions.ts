import { type CheckedAgainstTable, checkClaims, type TableValue } from '../../analysis/contradictions.ts';
import type { Block, Cell } from '../../schema/report.ts';
import { type Analysed, analysedIn, heldBy, loadText } from '../analysed.ts';
import { heading, paragraph, tableOf } from '../blocks.ts';
import { claimsText } from '../claims-text.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { recommendedText } from '../recommended.ts';
import { countText, msText, plural } from '../text.ts';

/** Where the prose of a written report and its table differ. */
export const contradictions: SectionRecord = {
  id: 'contradictions',
  title: 'Contradictions',
  make(input): Content | Omitted {
    const all = analysedIn(input).flatMap((of) =>
      of.table === null || of.table.claims.length === 0
        ? []
        : [{ of, checked: checkClaims(of.table.claims, of.subject.levels) }],
    );
    if (all.length === 0)
      return {
        omitted:
          input.tables.length === 0
            ? 'This section compares the text of a written report with its own table, and this report is made from runs only.'
            : 'The table comes without claims to check.',
      };
    return {
      blocks: all.flatMap(({ of, checked }): Block[] => {
        return [
          ...(all.length > 1 ? [heading(of.name)] : []),
          paragraph(claimsText(of, checked)),
          tableOf<CheckedAgainstTable>(
            'Each claim of the text as written, and what the levels of the table say. Times are means, whose measurement error the table does not state.',
            [
              { title: 'claim', align: 'left', cell: ({ claim }) => claim.text },
              { title: 'result', align: 'left', cell: resultCell },
              { title: 'the table says', align: 'left', cell: (c) => saysText(c, of) },
            ],
            checked,
            200,
          ),
        ];
      }),
      values: all.map(({ of, checked }) => ({ of: of.name, claims: checked })),
    };
  },
};

const RESULTS = {
  holds: { text: 'holds', tone: 'good' },
  unchecked: { text: 'cannot be checked', tone: 'unknown' },
  missing: { text: 'missing', tone: 'warning' },
  contradicted: { text: 'contradicted', tone: 'bad' },
} as const satisfies Record<string, Cell>;

function resultCell({ check }: CheckedAgainstTable): Cell {
  return RESULTS[check.result];
}

const SAYS = {
  missing: 'the value is named and not there',
  unchecked: 'no level has the value',
  holds: 'the same',
} as const;

function saysText({ claim, check }: CheckedAgainstTable, of: Analysed): string {
  if (check.result !== 'contradicted') return SAYS[check.result];
  const load = (value: number | null): string => loadText(value, of.subject);
  const value = ({ load: at, ms }: TableValue): string => `${msText(ms)} at ${load(at)}`;
  switch (check.kind) {
    case 'total':
      return `${plural(check.levels, 'level')} add up to ${countText(check.sum)}${claim.kind === 'total' ? `, ${countText(Math.abs(claim.streams - check.sum))} ${claim.streams > check.sum ? 'fewer' : 'more'}` : ''}`;
    case 'below':
      return `${check.holdsTo === null ? 'true of no level' : `true up to ${load(check.holdsTo)}`}; ${check.above.map(value).join(', ')}`;
    case 'capacity':
      return `${value(check.atLoad)}; ${check.holdsTo === null ? `the alert fires at the lowest level, ${load(check.firesAt)}` : `the alert is silent up to ${load(check.holdsTo)} and fires at ${load(check.firesAt)}, by interpolation from ${load(Math.round(check.crossing!))} on`}`;
    case 'same':
      return `${plural(check.loads.length, 'different load')}: ${check.loads.map(load).join(', ')}${capacityText(of)}`;
  }
}

function capacityText({ subject }: Analysed): string {
  const held = heldBy(subject);
  if ('reason' in held) return '';
  return `; by the limits all hold up to ${loadText(held.maximum, subject)}, recommended, with a margin of 20 %: ${recommendedText([subject])}`;
}
