import type { Block } from '../../schema/report.ts';
import type { Summary } from '../../schema/summary.ts';
import { eachRun, list, type RunPart, tableOf } from '../blocks.ts';
import type { SectionRecord } from '../input.ts';
import { countText, numberText, plural, shareText, spanText } from '../text.ts';

const MAX_ROWS = 60;
/** Sentences of each kind. */
const MAX_NAMED = 10;

export const dataQuality: SectionRecord = {
  id: 'data-quality',
  title: 'Data quality',
  make: (input) => eachRun(input, ({ summary }) => qualityOf(summary)),
};

type Target = Summary['targets'][number];

function qualityOf(summary: Summary): RunPart | string {
  const targets = summary.targets.filter((t) => endedOf(t) > 0);
  if (targets.length === 0) return 'No stream ended, so nothing is known of its data.';
  const per = (t: Target, n: number): string => numberText(n / endedOf(t));
  return {
    blocks: [
      tableOf(
        `What arrived, by target, ${spanText(summary.run.startedAt, summary.run.endedAt)}. Chunks, bytes and characters: mean for each stream.`,
        [
          { title: 'target', align: 'left', cell: (t) => t.name },
          {
            title: 'n',
            note: 'n: streams that succeeded or failed.',
            cell: (t) => countText(endedOf(t)),
          },
          { title: 'chunks', cell: (t) => per(t, t.chunks) },
          { title: 'bytes', cell: (t) => per(t, t.bytes) },
          { title: 'characters', cell: (t) => per(t, t.contentCharacters) },
          { title: 'complete', cell: (t) => shareText(t.completeRatio) },
          {
            title: 'buffered',
            note: 'Buffered: successes of ten content chunks or more whose content arrived all at once.',
            cell: ({ buffered: { streams, of } }) =>
              of === 0
                ? '–'
                : {
                    text: `${countText(streams)} of ${countText(of)}`,
                    tone: streams > 0 ? 'warning' : 'good',
                  },
          },
          {
            title: 'chunks a read',
            cell: (t) => (t.reads === 0 ? '–' : numberText(t.chunks / t.reads)),
          },
          {
            title: 'late events',
            note: 'Late events: those without content after the terminal one of their stream.',
            cell: (t) => countText(t.trailingEvents),
          },
        ],
        targets,
        MAX_ROWS,
      ),
      ...reasonBlocks(summary),
      ...noteBlocks(summary),
    ],
    values: targets.slice(0, 1000).map((t) => ({
      target: t.name,
      n: endedOf(t),
      chunks: t.chunks,
      reads: t.reads,
      bytes: t.bytes,
      characters: t.contentCharacters,
      completeRatio: t.completeRatio,
      buffered: t.buffered,
      trailingEvents: t.trailingEvents,
      finishReasons: t.finishReasons,
      inputTokens: t.inputTokens,
      outputTokens: t.outputTokens,
      estimatedOutputTokens: t.estimatedOutputTokens,
    })),
  };
}

const endedOf = ({ streams: { results } }: Target): number => results.success + results.failed;

function reasonBlocks({ finishReasons }: Summary): Block[] {
  const all = Object.entries(finishReasons).filter(([, n]) => n > 0);
  const total = all.reduce((sum, [, n]) => sum + n, 0);
  if (total === 0) return [];
  return [
    tableOf(
      `Finish reasons that all targets reported, one for each choice (n = ${countText(total)}).`,
      [
        { title: 'finish reason', align: 'left', cell: ([reason]) => reason },
        { title: 'n', cell: ([, n]) => countText(n) },
        { title: 'share', cell: ([, n]) => shareText(n / total) },
      ],
      all,
    ),
  ];
}

function noteBlocks({ bufferedTargets, batchedTargets, tpotByChunks, usage }: Summary): Block[] {
  const notes = [
    ...bufferedTargets
      .slice(0, MAX_NAMED)
      .map(
        ({ target, streams, of }) =>
          `${target}: ${countText(streams)} of ${countText(of)} long responses arrived at once at their end, as through a buffer on the way. Their gaps say nothing.`,
      ),
    ...batchedTargets
      .slice(0, MAX_NAMED)
      .map(
        ({ target, chunksPerRead }) =>
          `${target}: ${numberText(chunksPerRead)} chunks a read, so several arrive at the same time.`,
      ),
    ...(tpotByChunks === 0
      ? []
      : [
          `Time per output token of ${plural(tpotByChunks, 'stream')} is computed from chunks: the target reported no tokens.`,
        ]),
    ...(usage.ignoredTokenReports === 0
      ? []
      : [`${plural(usage.ignoredTokenReports, 'report')} of impossible numbers of tokens were ignored.`]),
  ];
  return notes.length === 0 ? [] : [list(notes)];
}
