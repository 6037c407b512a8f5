import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import { formatPercent } from '../core/percent.ts';
import type { StreamsSummary, TargetSummary } from '../run/streams-summary.ts';
import type { LevelSummary } from './level-summary.ts';
import { cut } from './value-text.ts';

const NAME = 24;
const CELL = 9;
/** Rows of a table; the others are in the JSON. */
const MAX_TARGETS = 10;
const MAX_LEVELS = 15;

const HEADS = [
  'streams',
  'success',
  'complete',
  'dur mean',
  'dur p95',
  'TTFB p95',
  'TTFT p95',
  'gap p95',
  'chunks',
];

/** Returns a row for each target, the one that fails most on top, and one for all of them. `mean` and `p95` are of the duration. */
export function targetTable(targets: readonly TargetSummary[], totals: StreamsSummary): string[] {
  const rows = worstFirst(targets).map((t) => row(t.name, cells(t)));
  const all = targets.length > 1 ? [row('all targets', cells(totals))] : [];
  return [row('target', HEADS), ...bounded(rows, MAX_TARGETS), ...all];
}

/** Returns a row for each level; none where there is only one. */
export function levelTable(levels: readonly LevelSummary[]): string[] {
  if (levels.length < 2) return [];
  const head = levels[0]!.rate === null ? 'users' : 'streams a second';
  return [
    row(head, HEADS),
    ...bounded(
      levels.map((l) => row(levelText(l), cells(l))),
      MAX_LEVELS,
    ),
  ];
}

/** Columns of the table of levels and targets. */
const MAX_COLUMNS = 5;
const COLUMN = 16;

/** Returns TTFB p95 and success of each target at each level; nothing of one target or one level. */
export function matrix(levels: readonly LevelSummary[], targets: readonly TargetSummary[]): string[] {
  if (levels.length < 2 || targets.length < 2) return [];
  const shown = worstFirst(targets).slice(0, MAX_COLUMNS);
  const head = shown.map(({ name }) => cut(name, COLUMN - 2).padStart(COLUMN)).join('');
  const rows = levels.map((level) => {
    const values = shown.map(({ name }) => {
      const of = level.targets.find((t) => t.name === name);
      return of === undefined ? '–' : `${ms(of.ttfbMs.p95)} ${share(of.successRatio)}`;
    });
    return `  ${cut(levelText(level), NAME).padEnd(NAME)}${values.map((v) => v.padStart(COLUMN)).join('')}`;
  });
  return ['', `  ${'TTFB p95 and success'.padEnd(NAME)}${head}`, ...bounded(rows, MAX_LEVELS)];
}

const ms = (value: number | null): string => (value === null ? '–' : formatDuration(value));
const share = (value: number | null): string => (value === null ? '–' : formatPercent(value));

/** What failed most comes first, what was not loaded last. */
function worstFirst(targets: readonly TargetSummary[]): TargetSummary[] {
  const key = ({ successRatio }: StreamsSummary): number => successRatio ?? 2;
  return [...targets].sort((a, b) => key(a) - key(b));
}

/** Returns the load of a level: "1 000", "0 to 1 000", "about 500". */
export function levelText({ users, rate, shape, furtherLevels }: LevelSummary): string {
  const { from, to } = users ?? rate ?? { from: 0, to: 0 };
  const load = (n: number): string => (users === null ? String(Number(n.toPrecision(4))) : number(n));
  const more = furtherLevels > 0 ? ' and later levels' : '';
  if (shape === 'pause') return `paused${more}`;
  if (shape === 'ramp') return `${load(from)} to ${load(to)}${more}`;
  return `${shape === 'sine' ? 'about ' : ''}${load(to)}${more}`;
}

function cells(of: StreamsSummary): string[] {
  return [
    number(of.streams.started),
    share(of.successRatio),
    share(of.completeRatio),
    ms(of.durationMs.mean),
    ms(of.durationMs.p95),
    ms(of.ttfbMs.p95),
    ms(of.ttftMs.p95),
    ms(of.gapMs.p95),
    number(of.chunks),
  ];
}

function bounded(rows: readonly string[], max: number): string[] {
  const more = rows.length - max;
  return more <= 0 ? [...rows] : [...rows.slice(0, max), `  and ${number(more)} more`];
}

function row(name: string, values: readonly string[]): string {
  return `  ${cut(name, NAME).padEnd(NAME)}${values.map((v) => v.padStart(CELL)).join('')}`;
}
