import { checkClaims } from '../../analysis/contradictions.ts';
import { capacityText } from '../../report/capacity-text.ts';
import type { Block, Tone } from '../../schema/report.ts';
import { type Answer, answerOf, answerOfTable, sentencesOf } from '../answer.ts';
import { badge, heading, list, paragraph, type RunPart } from '../blocks.ts';
import { certaintyOf, samplingTexts } from '../certainty.ts';
import { claimsText } from '../claims-text.ts';
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

/** The answer, a paragraph for each sentence, and what its words mean. */
function answerBlocks(answer: Answer): Block[] {
  const sentences = sentencesOf(answer);
  const words = wordsText(sentences.join(' '));
  return [...sentences, ...(words === '' ? [] : [words])].map(paragraph);
}

const WORDS: readonly (readonly [word: RegExp, meaning: string])[] = [
  [/\bTTFB\b/, 'TTFB: time from the written request to the first byte of the body.'],
  [/\bTTFT\b/, 'TTFT: time from the written request to the first content.'],
  [/\bp95\b/, 'p95: 95 of 100 streams were at most that slow.'],
  [/\bp50\b/, 'p50: half of the streams were at most that slow.'],
];

/** Explains the words of the answer, for readers who do not measure streams. */
function wordsText(text: string): string {
  return WORDS.flatMap(([word, meaning]) => (word.test(text) ? [meaning] : [])).join(' ');
}

function ofRun({ name, summary, subjects }: ReportedRun): RunPart {
  const answer = answerOf(summary, subjects);
  const { verdict, verdictReason } = summary;
  const sure = certaintyOf(summary, subjects);
  return {
    blocks: [
      ...answerBlocks(answer),
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
    ...samplingTexts([subject]),
    ...(checked.length === 0 ? [] : [`${claimsText({ name }, checked)} See Contradictions.`]),
  ];
  return {
    blocks: [
      ...answerBlocks(answer),
      badge('unknown', 'TABLE', 'no verdict: the values were not measured by soakd'),
      heading('How sure this is'),
      list(sure),
    ],
    values: { table: name, verdict: null, verdictReason: null, ...answer, certainty: sure },
  };
}
