import { checkClaims } from '../../analysis/contradictions.ts';
import { capacityText } from '../../report/capacity-text.ts';
import { type Answer, answerOf, answerOfTable } from '../answer.ts';
import { badge, heading, list, paragraph, type RunPart } from '../blocks.ts';
import { certaintyOf } from '../certainty.ts';
import { claimsText } from '../claims-text.ts';
import type { Block, Tone } from '../document.ts';
import type { Content, ReportedRun, ReportedTable, ReportInput, SectionRecord } from '../input.ts';

const TONES: Readonly<Record<string, Tone>> = { pass: 'good', fail: 'bad', inconclusive: 'warning' };

export const executiveSummary: SectionRecord = {
  id: 'executive-summary',
  title: 'Executive summary',
  make({ runs, tables }: ReportInput): Content {
    const parts = [
      ...runs.map((run) => ({ name: `Run ${run.name}`, ...ofRun(run) })),
      ...tables.map((table) => ({ name: `Table ${table.name}`, ...ofTable(table) })),
    ];
    return {
      blocks: parts.flatMap(({ name, blocks }): Block[] => [
        ...(parts.length > 1 ? [heading(name)] : []),
        ...blocks,
      ]),
      values: parts.map(({ values }) => values),
    };
  },
};

const sentences = ({ held, upTo, first }: Answer): string => `${held} ${upTo} ${first}`;

function ofRun({ name, summary, subjects }: ReportedRun): RunPart {
  const answer = answerOf(summary, subjects);
  const { verdict, verdictReason } = summary;
  const sure = certaintyOf(summary);
  return {
    blocks: [
      paragraph(sentences(answer)),
      summary.capacity === null || summary.capacity === undefined
        ? badge(TONES[verdict] ?? 'unknown', verdict.toUpperCase(), verdictReason)
        : badge('unknown', 'CAPACITY', capacityText(summary.capacity)),
      heading('How sure this is'),
      list(sure),
    ],
    values: { run: name, verdict, verdictReason, ...answer, certainty: sure },
  };
}

function ofTable({ name, subject, claims }: ReportedTable): RunPart {
  const answer = answerOfTable(subject);
  const checked = checkClaims(claims, subject.levels);
  const sure = [
    'The values were written by someone else: soakd did not measure them, and knows no measurement error.',
    ...(checked.length === 0 ? [] : [`${claimsText({ name }, checked)} See Contradictions.`]),
  ];
  return {
    blocks: [
      paragraph(sentences(answer)),
      badge('unknown', 'TABLE', 'no verdict: the values were not measured by soakd'),
      heading('How sure this is'),
      list(sure),
    ],
    values: { table: name, verdict: null, verdictReason: null, ...answer, certainty: sure },
  };
}
