import type { LevelPoint } from '../../analysis/level-point.ts';
import { compareRuns } from '../../compare/compare.ts';
import type { ComparedValue, Comparison } from '../../compare/comparison.ts';
import { isSequence } from '../../report/turns.ts';
import type { Block, Cell } from '../../schema/report.ts';
import {
  analysedIn,
  byLoad,
  ENDED_NOTE,
  errorText,
  heldBy,
  loadText,
  MAX_ROWS,
  windowText,
} from '../analysed.ts';
import { heading, list, paragraph, tableOf } from '../blocks.ts';
import type { Content, Omitted, ReportInput, SectionRecord } from '../input.ts';
import { recommendedText } from '../recommended.ts';
import { countText, msText, numberText, shareText } from '../text.ts';

/** Rows of loads: thirteen levels of six targets. */
const MAX_LOADS = 80;

/** Targets side by side, and later runs against the first. */
export const comparison: SectionRecord = {
  id: 'comparison',
  title: 'Comparison',
  make(input): Content | Omitted {
    const targets = analysedIn(input).filter(({ subject }) => subject.levels.length > 0);
    const runs = comparisonsOf(input);
    if (targets.length < 2 && runs.length === 0)
      return {
        omitted: 'There is one target and one run; nothing that was not measured is compared with it.',
      };
    return {
      blocks: [
        ...(targets.length < 2 ? [] : [targetTable(targets), ...loadTables(targets)]),
        ...runs.flatMap((run): Block[] => [heading(`${run.b.id} against ${run.a.id}`), ...runBlocks(run)]),
      ],
      values: {
        targets: targets.map(({ name, subject }) => ({
          of: name,
          highest: byLoad(subject).at(-1),
          held: heldBy(subject),
        })),
        runs,
      },
    };
  },
};

function targetTable(targets: ReturnType<typeof analysedIn>): Block {
  const top = (a: (typeof targets)[number]): LevelPoint => byLoad(a.subject).at(-1)!;
  return tableOf<(typeof targets)[number]>(
    `Each target at its highest load, and the loads that its limits allow. Differences are not tested here: ${sharingText(targets)}.`,
    [
      { title: 'of', align: 'left', cell: (a) => a.name },
      { title: 'load', cell: (a) => loadText(top(a).load, a.subject) },
      {
        title: 'n',
        note: ENDED_NOTE,
        cell: (a) => countText(top(a).streams),
      },
      { title: 'time', align: 'left', cell: (a) => windowText(top(a)) },
      { title: 'success', cell: (a) => shareText(top(a).successRatio) },
      { title: 'TTFB mean', cell: (a) => msText(top(a).timings.ttfb?.mean) },
      { title: 'TTFB P95', cell: (a) => msText(top(a).timings.ttfb?.p95) },
      { title: 'duration mean', cell: (a) => msText(top(a).timings.duration?.mean) },
      {
        title: 'error',
        cell: (a) => errorText(top(a).timings.ttfb ?? top(a).timings.duration ?? { errorMs: null }),
      },
      {
        title: 'recommended by limits',
        cell: ({ subject }) => recommendedText([subject]),
      },
      {
        title: 'maximum by limits',
        cell: ({ subject }) => {
          const held = heldBy(subject);
          if ('reason' in held) return 'not known';
          return held.maximum === null
            ? 'none'
            : `${held.isAtLeast ? 'at least ' : ''}${loadText(held.maximum, subject)}${subject.sharedBy > 1 ? ' over all targets' : ''}`;
        },
      },
    ],
    targets,
    MAX_ROWS,
  );
}

/** Returns the targets of sequences by load, side by side: of other runs, a load is that of all targets together. */
function loadTables(targets: ReturnType<typeof analysedIn>): Block[] {
  const held = targets
    .filter(isInSequence)
    .flatMap(({ name, subject }) => subject.levels.map((level) => ({ name, subject, level })));
  const rows = [...Map.groupBy(held, ({ level }) => level.load)]
    .filter(([, same]) => new Set(same.map(({ name }) => name)).size > 1)
    .toSorted(([a], [b]) => a - b)
    .flatMap(([, same]) => same);
  if (rows.length === 0) return [];
  return [
    tableOf<(typeof rows)[number]>(
      'Loads that several targets held, each in its own turn.',
      [
        { title: 'load', cell: ({ level, subject }) => loadText(level.load, subject) },
        { title: 'of', align: 'left', cell: ({ name }) => name },
        { title: 'n', cell: ({ level }) => countText(level.streams) },
        { title: 'success', cell: ({ level }) => shareText(level.successRatio) },
        { title: 'TTFB mean', cell: ({ level }) => msText(level.timings.ttfb?.mean) },
        { title: 'TTFB P95', cell: ({ level }) => msText(level.timings.ttfb?.p95) },
        { title: 'gap P95', cell: ({ level }) => msText(level.timings.gap?.p95) },
        { title: 'duration mean', cell: ({ level }) => msText(level.timings.duration?.mean) },
        { title: 'chunks/s', cell: ({ level }) => numberText(level.chunksPerSecond) },
        { title: 'error', cell: ({ level }) => errorText(level.timings.ttfb ?? { errorMs: null }) },
      ],
      rows,
      MAX_LOADS,
    ),
  ];
}

function isInSequence({ run }: ReturnType<typeof analysedIn>[number]): boolean {
  return run !== null && isSequence(run.summary.setup);
}

/** Says what keeps the targets of a run from a test of their differences. */
function sharingText(targets: ReturnType<typeof analysedIn>): string {
  return targets.every(isInSequence)
    ? 'the targets were loaded one after another, each once, so a difference may also be one between two times'
    : 'targets of one run share the machine and the network';
}

/** With windows where they were kept: the caller has them. Else by the counts of the summaries. */
function comparisonsOf({ runs, comparisons }: ReportInput): readonly Comparison[] {
  if (comparisons !== undefined) return comparisons;
  const [first, ...later] = runs.map(({ name, summary }) => ({ id: name, summary, recording: null }));
  return first === undefined ? [] : later.map((run) => compareRuns(first, run));
}

const TONES = { regression: 'bad', improvement: 'good', unchanged: 'unknown' } as const;

function runBlocks({ refused, values, notCompared, notes, method, a, b, counts }: Comparison): Block[] {
  if (refused !== null) return [paragraph(`Not compared: ${refused.text}.`)];
  const text = ({ unit }: ComparedValue, value: number): string =>
    unit === 'ms' ? msText(value) : unit === 'ratio' ? shareText(value) : `${numberText(value)}/s`;
  const signed = (value: ComparedValue, n: number): string =>
    `${n < 0 ? '−' : '+'}${text(value, Math.abs(n))}`;
  return [
    paragraph(
      `${counts.regressions} worse, ${counts.improvements} better, ${counts.unchanged} unchanged; ${notCompared.length} not compared. ${method.kind === 'windows' ? `From ${a.windows} and ${b.windows} windows` : 'From the counts of the summaries, without windows'}, intervals at ${shareText(method.confidence)}.`,
    ),
    tableOf<ComparedValue>(
      'Each value in both runs, and the interval of the difference.',
      [
        { title: 'target', align: 'left', cell: (v) => v.target },
        { title: 'value', align: 'left', cell: (v) => v.name },
        { title: 'before', cell: (v) => text(v, v.a) },
        { title: 'after', cell: (v) => text(v, v.b) },
        { title: 'difference', cell: (v) => signed(v, v.difference) },
        { title: 'interval', cell: (v) => v.interval.map((n) => signed(v, n)).join(' to ') },
        { title: 'p', cell: (v) => numberText(v.p) },
        { title: 'result', align: 'left', cell: (v): Cell => ({ text: v.result, tone: TONES[v.result] }) },
      ],
      values,
      MAX_ROWS,
    ),
    ...(notes.length === 0 ? [] : [list(notes.slice(0, 50))]),
  ];
}
