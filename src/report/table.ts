import { formatDuration } from '../core/duration.ts';
import { formatPercent, formatWholePercent, formatCount as number } from '../core/number.ts';
import type { LevelSummary } from '../schema/level-summary.ts';
import type { StreamsSummary, TargetSummary } from '../schema/streams-summary.ts';
import type { Summary } from '../schema/summary.ts';
import { openMeanOf } from './level-summary.ts';
import { levelText } from './level-text.ts';
import { isSequence } from './turns.ts';
import { cut, type MoreIn } from './value-text.ts';

const NAME = 18;
const CELL = 9;
/** Marks of results, before a name. */
export const RESULT_MARKS = { pass: '✓', fail: '✗', inconclusive: '?', 'no-data': '–' } as const;
/** Maximum rows of a table; the JSON has all. */
const MAX_TARGETS = 10;
const MAX_LEVELS = 15;
/** The same of a sequence: thirteen levels of three targets. */
const MAX_TURN_LEVELS = 40;

interface Column {
  readonly head: string;
  readonly cell: (of: StreamsSummary) => string;
}

const COLUMNS = {
  ended: { head: 'ended', cell: (of) => short(of.streams.results.success + of.streams.results.failed) },
  open: { head: 'open', cell: (of) => short(of.streams.openMean) },
  success: { head: 'success', cell: (of) => share(of.successRatio) },
  complete: { head: 'complete', cell: (of) => share(of.completeRatio) },
  mean: { head: 'dur mean', cell: (of) => ms(of.successDurationMs.mean) },
  p95: { head: 'dur p95', cell: (of) => ms(of.successDurationMs.p95) },
  ttfb: { head: 'TTFB p95', cell: (of) => ms(of.ttfbMs.p95) },
  ttft: { head: 'TTFT p95', cell: (of) => ms(of.ttftMs.p95) },
  gap: { head: 'gap p95', cell: (of) => ms(of.gapMs.p95) },
  chunks: { head: 'chunks', cell: (of) => short(of.chunks) },
} as const satisfies Record<string, Column>;

/** Shortens numbers from a million on to fit a column. */
function short(n: number): string {
  if (n < 1e6) return number(n);
  const [unit, size] = n < 1e9 ? ['M', 1e6] : n < 1e12 ? ['G', 1e9] : ['T', 1e12];
  return `${Number((n / size).toPrecision(4))} ${unit}`;
}

/** Drops columns that equal another one in every row: complete beside success, TTFT beside TTFB. */
function columnsOf(rows: readonly StreamsSummary[]): Column[] {
  const repeats = (a: Column, b: Column): boolean => rows.every((of) => a.cell(of) === b.cell(of));
  const { complete, success, ttft, ttfb } = COLUMNS;
  const left = new Set<Column>([
    ...(repeats(complete, success) ? [complete] : []),
    ...(repeats(ttft, ttfb) ? [ttft] : []),
  ]);
  return Object.values<Column>(COLUMNS).filter((column) => !left.has(column));
}

/**
 * Returns a row for each target, in the order of {@link worstFirst}, and one for all targets. `open` is the average number
 * of open streams; durations are those of successes.
 */
export function targetTable(summary: Summary): string[] {
  const { targets } = summary;
  const columns = columnsOf([...targets, summary]);
  const rows = worstFirst(summary).map((t) => row(marked(summary, t.name), columns, t));
  const all = targets.length > 1 ? [row('all targets', columns, summary)] : [];
  return [head('target', columns), ...bounded(rows, MAX_TARGETS), ...all];
}

/** Returns a row for each level; none for a single level. In a sequence, with its target and without empty pauses. */
export function levelTable(all: readonly LevelSummary[]): string[] {
  const levels = all.filter((l) => (l.target ?? null) === null || l.shape !== 'pause' || endedIn(l) > 0);
  if (levels.length < 2) return [];
  if (levels.some((l) => (l.target ?? null) !== null)) return turnTable(levels);
  const columns = columnsOf(levels);
  const unit = levels[0]!.rate === null ? 'users' : 'streams/s';
  const rows = levels.map((l) => row(levelWithStart(l), columns, whileLoaded(l)));
  return [head(`${unit}, from UTC`, columns), ...bounded(rows, MAX_LEVELS)];
}

/** The open streams of a level are those of its load: in a drain they only become fewer. */
function whileLoaded(level: LevelSummary): StreamsSummary {
  return { ...level, streams: { ...level.streams, openMean: openMeanOf(level) } };
}

const endedIn = ({ streams: { results } }: StreamsSummary): number => results.success + results.failed;

/** Returns the levels of a sequence by its targets, in the order of their turns. */
function turnTable(levels: readonly LevelSummary[]): string[] {
  const columns = columnsOf(levels);
  const unit = levels[0]!.rate === null ? 'users' : 'streams/s';
  const rows = levels.map((level) => {
    const load = levelText(level);
    const name = cut(level.target ?? '', Math.max(4, NAME - load.length - 1));
    return row(`${name.padEnd(NAME - load.length)}${load}`, columns, whileLoaded(level));
  });
  return [head(`target, ${unit}`, columns), ...bounded(rows, MAX_TURN_LEVELS)];
}

/** Returns the load of a level and the time it began, aligned. */
function levelWithStart(level: LevelSummary): string {
  const text = levelText(level);
  const start = level.startedAt.slice(11, 19);
  return text.length + start.length < NAME ? text.padEnd(NAME - start.length) + start : text;
}

/** Returns the name of a target, and a mark before it unless all its limits held. */
function marked({ thresholds, targets, verdict }: Summary, name: string): string {
  if (targets.length < 2 || verdict === 'pass') return name;
  const results = thresholds.filter((t) => t.target === name).map((t) => t.result);
  const worst = (['fail', 'inconclusive', 'no-data'] as const).find((result) => results.includes(result));
  return `${RESULT_MARKS[worst ?? (results.length === 0 ? 'no-data' : 'pass')]} ${name}`;
}

/** Columns of the table of levels and targets, and how wide all of them are. */
const MAX_COLUMNS = 5;
const COLUMNS_WIDTH = 88;

/** Returns TTFB p95, success and open streams of each target at each level; nothing for one target or one level. */
export function matrix(summary: Summary, more: MoreIn): string[] {
  const { levels, targets } = summary;
  if (levels.length < 2 || targets.length < 2 || isSequence(summary.setup)) return [];
  const sorted = worstFirst(summary);
  const cellOf = (level: LevelSummary, name: string): string => {
    const of = level.targets.find((t) => t.name === name);
    return of === undefined
      ? '–'
      : `${ms(of.ttfbMs.p95)} ${of.successRatio === null ? '–' : formatWholePercent(of.successRatio)} ${short(openMeanOf(level, name))}`;
  };
  const widest = Math.max(
    ...sorted.slice(0, MAX_COLUMNS).flatMap(({ name }) => levels.map((l) => cellOf(l, name).length)),
  );
  const width = Math.max(16, widest + 2);
  const shown = sorted.slice(0, Math.min(MAX_COLUMNS, Math.floor(COLUMNS_WIDTH / width)));
  const rowOf = (name: string, values: readonly string[]): string =>
    `  ${cut(name, NAME + 2).padEnd(NAME + 2)}${values.map((v) => v.padStart(width)).join('')}`;
  const left = targets.length - shown.length;
  return [
    '',
    '  TTFB p95, success and average open streams of each target',
    rowOf(
      levels[0]!.rate === null ? 'users' : 'streams/s',
      shown.map(({ name }) => cut(name, width - 2)),
    ),
    ...bounded(
      levels.map((level) =>
        rowOf(
          levelText(level),
          shown.map(({ name }) => cellOf(level, name)),
        ),
      ),
      MAX_LEVELS,
    ),
    ...(left > 0
      ? [`  and ${number(left)} more ${left === 1 ? 'target' : 'targets'}, see ${more.json}`]
      : []),
  ];
}

const ms = (value: number | null): string => (value === null ? '–' : formatDuration(value));
const share = (value: number | null): string => (value === null ? '–' : formatPercent(value));

/** Sorts by failure ratio, highest first; of equal ones those that crossed a threshold first; targets without load last. */
function worstFirst({ targets, thresholds }: Summary): TargetSummary[] {
  const failed = new Set(thresholds.flatMap((t) => (t.result === 'fail' ? [t.target] : [])));
  const key = ({ successRatio, name }: TargetSummary): number =>
    (successRatio ?? 2) + (failed.has(name) ? 0 : 0.001);
  return [...targets].sort((a, b) => key(a) - key(b));
}

/** Events of a run that change how long its levels last. */
const CHANGES: readonly string[] = ['pause', 'resume', 'set', 'skip', 'stop', 'warm-up'];
/** A level this much longer than planned is longer by its drain: a run ends at a tick. */
const MIN_DRAIN_MS = 1000;

/** Returns "45s with its drain" where the last level lasted longer than planned by the drain of the run, else "". */
export function drainText({ levels, setup: { stages }, run }: Summary): string {
  const last = levels.at(-1);
  const stage = stages.at(-1);
  if (last === undefined || stage === undefined || last.stage !== stages.length - 1) return '';
  if (last.furtherLevels > 0 || last.shape === 'pause') return '';
  if (run.events.some(({ action }) => CHANGES.includes(action))) return '';
  const plannedMs = stage.shape === 'steps' ? stage.durationMs / stage.levels.length : stage.durationMs;
  return last.lastedMs > plannedMs + MIN_DRAIN_MS
    ? `${formatDuration(Math.round(last.lastedMs / 1000) * 1000)} with its drain`
    : '';
}

function bounded(rows: readonly string[], max: number): string[] {
  const more = rows.length - max;
  return more <= 0 ? [...rows] : [...rows.slice(0, max), `  and ${number(more)} more`];
}

function head(name: string, columns: readonly Column[]): string {
  return line(
    name,
    columns.map((column) => column.head),
  );
}

function row(name: string, columns: readonly Column[], of: StreamsSummary): string {
  return line(
    name,
    columns.map((column) => column.cell(of)),
  );
}

function line(name: string, values: readonly string[]): string {
  return `  ${cut(name, NAME).padEnd(NAME)}${values.map((v) => v.padStart(CELL)).join('')}`;
}
