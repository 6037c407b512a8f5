import type { LevelPoint, PointTiming, Subject } from '../../analysis/level-point.ts';
import { wholeSubject } from '../../analysis/subjects.ts';
import { isSequence } from '../../report/turns.ts';
import type { Block, Cell } from '../../schema/report.ts';
import { ENDED_NOTE } from '../analysed.ts';
import { type ColumnOf, heading, paragraph, plotBlock, tableOf } from '../blocks.ts';
import { drainText } from '../drain-text.ts';
import type { Content, Omitted, ReportedRun, ReportInput, SectionRecord } from '../input.ts';
import { levelPlots } from '../level-plots.ts';
import { leftOutText, shownSubjects } from '../shown-subjects.ts';
import { bytesText, clockText, countText, msText, numberText, shareText, spanText } from '../text.ts';

/** Levels in a table, and targets in the table of all. */
const MAX_LEVELS = 40;
const MAX_TARGETS = 60;
/** Targets with a table of levels each. */
const MAX_TABLES = 3;
/** The same in a sequence: the levels of all targets together are of none. */
const MAX_TURNS = 12;

export const levels: SectionRecord = {
  id: 'levels',
  title: 'Levels',
  make(input): Content | Omitted {
    const parts = partsOf(input).filter(({ blocks }) => blocks.length > 0);
    if (parts.length === 0) return { omitted: 'No level of the plan has a stream that ended.' };
    return {
      blocks: parts.flatMap(({ name, blocks }) => [...(parts.length > 1 ? [heading(name)] : []), ...blocks]),
      values: parts.map(({ name, subjects }) => ({ name, subjects })),
    };
  },
};

interface Part {
  readonly name: string;
  readonly blocks: readonly Block[];
  readonly subjects: readonly Subject[];
}

function partsOf({ runs, tables }: ReportInput): Part[] {
  return [
    ...runs.map((run, index) => ({
      name: `Run ${run.name}`,
      blocks: runBlocks(run, `run${index + 1}`),
      subjects: run.subjects,
    })),
    ...tables.map(({ name, subject }, index) => ({
      name: `Table ${name}`,
      blocks: hasData(subject)
        ? [...tablesOf(subject), ...levelPlots([subject], `table${index + 1}`).map(plotBlock)]
        : [],
      subjects: [subject],
    })),
  ];
}

const hasData = ({ levels: all }: Subject): boolean => all.some((p) => p.streams !== 0);

function runBlocks({ summary, subjects }: ReportedRun, id: string): Block[] {
  const loaded = subjects.filter(hasData);
  if (loaded.length === 0) return [];
  const shown = shownSubjects(loaded);
  const own =
    loaded.length <= (isSequence(summary.setup) ? MAX_TURNS : MAX_TABLES)
      ? loaded.flatMap((subject) => tablesOf(subject))
      : [...(isSequence(summary.setup) ? [] : tablesOf(wholeSubject(summary))), targetTable(summary)];
  return [
    ...own,
    ...(shown.length < loaded.length ? [paragraph(`Plots:${leftOutText(loaded, shown)}`)] : []),
    ...levelPlots(shown, id).map(plotBlock),
  ];
}

const LOAD: Readonly<Record<Subject['unit'], string>> = { users: 'users', rate: 'streams/s' };
type Column = ColumnOf<LevelPoint>;
const DURATION_NOTE = 'Durations: of successes.';

const timing = (
  title: string,
  name: keyof LevelPoint['timings'],
  statistic: Exclude<keyof PointTiming, 'n'>,
): Column => ({
  title,
  ...(name === 'duration' ? { note: DURATION_NOTE } : {}),
  cell: ({ timings }) => msText(timings[name]?.[statistic]),
});

const RELIABLE: Column = {
  title: 'unreliable',
  note: 'Unreliable: measurement windows of 5 s in which that lag was too large.',
  cell: ({ unreliable, windows }): Cell =>
    windows === 0 ? '–' : { text: `${unreliable} of ${windows}`, tone: unreliable > 0 ? 'warning' : 'good' },
};

function tablesOf(subject: Subject): Block[] {
  const load: Column = { title: LOAD[subject.unit], cell: (p) => numberText(p.load) };
  const shared =
    subject.sharedBy > 1 ? ` The load is that of the plan, shared by ${subject.sharedBy} targets.` : '';
  const points = subject.levels;
  const drain = drainText(subject);
  const span = spanOf(points);
  return [
    tableOf(
      `${subject.name}: how streams ended, and how long they took, by level${span}.${shared}${drain}`,
      [
        load,
        { title: 'from (UTC)', cell: (p) => clockText(p.fromAt) },
        { title: 'to', cell: (p) => clockText(p.toAt) },
        { title: 'n', note: ENDED_NOTE, cell: (p) => countText(p.streams) },
        {
          title: 'open',
          note: 'Open: streams open at once, on average.',
          cell: (p) => numberText(p.openMean),
        },
        { title: 'success', cell: (p) => shareText(p.successRatio) },
        { title: 'complete', cell: (p) => shareText(p.completeRatio) },
        timing('mean', 'duration', 'mean'),
        timing('P50', 'duration', 'p50'),
        timing('P95', 'duration', 'p95'),
        timing('P99', 'duration', 'p99'),
      ],
      points,
      MAX_LEVELS,
    ),
    tableOf(
      `${subject.name}: first byte, first content, gaps and volume, by level.`,
      [
        load,
        {
          ...timing('TTFB mean', 'ttfb', 'mean'),
          note: 'TTFB: time from the written request to the first byte of the body; TTFT: to the first content.',
        },
        timing('TTFB P50', 'ttfb', 'p50'),
        timing('TTFB P95', 'ttfb', 'p95'),
        timing('TTFB P99', 'ttfb', 'p99'),
        timing('TTFT P95', 'ttft', 'p95'),
        timing('gap P95', 'gap', 'p95'),
        {
          ...timing('error', 'ttfb', 'errorMs'),
          note: "Error: p99 of the measurement error, soakd's own lag in the level.",
        },
        RELIABLE,
        {
          title: 'chunks',
          note: 'Chunks: mean for each stream.',
          cell: (p) => numberText(p.chunksPerStream),
        },
        { title: 'bytes', note: 'Bytes: mean for each stream.', cell: (p) => bytesText(p.bytesPerStream) },
      ],
      points,
      MAX_LEVELS,
    ),
  ];
}

function spanOf(points: readonly LevelPoint[]): string {
  const from = points[0]?.fromAt ?? null;
  const to = points.at(-1)?.toAt ?? null;
  return from === null || to === null ? '' : `, ${spanText(from, to)}`;
}

function targetTable(summary: ReportedRun['summary']): Block {
  const failing = [...summary.targets].sort((a, b) => (a.successRatio ?? 2) - (b.successRatio ?? 2));
  return tableOf(
    `Targets over the whole run, the lowest success first, ${spanText(summary.run.startedAt, summary.run.endedAt)}.`,
    [
      { title: 'target', align: 'left', cell: (t) => t.name },
      {
        title: 'n',
        note: 'n: streams that succeeded or failed.',
        cell: (t) => countText(t.streams.results.success + t.streams.results.failed),
      },
      { title: 'success', cell: (t) => shareText(t.successRatio) },
      { title: 'complete', cell: (t) => shareText(t.completeRatio) },
      { title: 'mean', note: DURATION_NOTE, cell: (t) => msText(t.successDurationMs.mean) },
      { title: 'P95', cell: (t) => msText(t.successDurationMs.p95) },
      { title: 'TTFB P95', cell: (t) => msText(t.ttfbMs.p95) },
      { title: 'TTFT P95', cell: (t) => msText(t.ttftMs.p95) },
      { title: 'gap P95', cell: (t) => msText(t.gapMs.p95) },
      {
        title: 'error',
        note: 'Error: p99 of the measurement error of its timings.',
        cell: (t) => msText(t.ttfbMs.measurementErrorMs?.p99),
      },
    ],
    failing,
    MAX_TARGETS,
  );
}
