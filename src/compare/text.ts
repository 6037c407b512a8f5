import { formatDuration } from '../core/duration.ts';
import { formatCount, formatPercent } from '../core/number.ts';
import { cut, wrapped } from '../report/value-text.ts';
import type {
  Change,
  ComparedUnit,
  ComparedValue,
  Comparison,
  ConfigurationDifference,
  NotCompared,
  RunFacts,
} from './comparison.ts';

/** Maximum of lines of each part; the JSON has all. */
const MAX_NAMED = 40;
const MAX_UNCHANGED = 20;
const MAX_OTHERS = 15;

const TARGET = 18;
const NAME = 26;
const CELL = 11;

/** Returns a comparison as text in lines of at most 110 columns; the first says what came of it. */
export function comparisonText(comparison: Comparison): string {
  const { a, b, notes } = comparison;
  return [
    '',
    ...wrapped(headline(comparison), '  ', '  '),
    ...wrapped(`A: ${runText(a)}`, '  ', '     '),
    ...wrapped(`B: ${runText(b)}`, '  ', '     '),
    ...table(comparison),
    ...notComparedLines(comparison.notCompared),
    ...configurationLines(comparison.configuration),
    ...(notes.length === 0 ? [] : ['', '  Notes', ...notes.flatMap((note) => wrapped(note, '  - ', '    '))]),
    ...methodLines(comparison),
    '',
  ].join('\n');
}

/** Returns what came of a comparison, in one line: "2 regressions, 1 improvement, 24 unchanged". */
function headline({ verdict, refused, counts }: Comparison): string {
  if (refused !== null) return `Not compared: ${refused.text}`;
  const of = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  const text = [
    of(counts.regressions, 'regression'),
    of(counts.improvements, 'improvement'),
    `${counts.unchanged} unchanged`,
  ].join(', ');
  return verdict === 'inconclusive' ? `Inconclusive: ${text}, and not everything was compared` : text;
}

function runText({ id, run, scenario, startedAt, lastedMs, verdict, windows }: RunFacts): string {
  return [
    id === run ? run : `${id}, run ${run}`,
    `scenario ${scenario}`,
    `${formatDuration(lastedMs)} from ${startedAt}`,
    verdict,
    ...(windows > 0 ? [`${formatCount(windows)} windows compared`] : []),
  ].join(', ');
}

const TITLES: Readonly<Record<Change, string>> = {
  regression: 'Regressions',
  improvement: 'Improvements',
  unchanged: 'Unchanged',
};

function table({ values, method }: Comparison): string[] {
  if (values.length === 0) return [];
  const percent = `${Number((method.confidence * 100).toFixed(2))} %`;
  const lines = ['', row('target', 'value', ['A', 'B', 'change'], `${percent} interval`)];
  for (const result of Object.keys(TITLES) as Change[]) {
    const own = values.filter((v) => v.result === result);
    if (own.length === 0) continue;
    const rows = own.map(valueRow);
    lines.push(`  ${TITLES[result]}`, ...bounded(rows, result === 'unchanged' ? MAX_UNCHANGED : MAX_NAMED));
  }
  return lines;
}

function valueRow({ target, name, unit, a, b, difference, interval }: ComparedValue): string {
  const change = (value: number): string => changeText(value, a, unit);
  return row(
    target,
    name,
    [valueText(a, unit), valueText(b, unit), change(difference)],
    `${change(interval[0])} to ${change(interval[1])}`,
  );
}

function row(target: string, name: string, cells: readonly string[], last: string): string {
  const first = `${cut(target, TARGET).padEnd(TARGET)} ${cut(name, NAME).padEnd(NAME)}`;
  return `  ${first}${cells.map((cell) => cell.padStart(CELL)).join('')}  ${last}`;
}

function valueText(value: number | null, unit: ComparedUnit): string {
  if (value === null) return '–';
  if (unit === 'ms') return formatDuration(value);
  return unit === 'ratio' ? formatPercent(value) : String(Number(value.toPrecision(4)));
}

/** Returns a difference: of shares in percentage points, else in percent of the first value. */
function changeText(difference: number, a: number, unit: ComparedUnit): string {
  const share = unit === 'ratio' ? difference : difference / a;
  if (!Number.isFinite(share)) return '–';
  const digits = unit === 'ratio' ? 2 : 1;
  const text = Math.abs(share * 100).toFixed(digits);
  const sign = Number(text) === 0 ? '' : share > 0 ? '+' : '−';
  return `${sign}${text}${unit === 'ratio' ? ' pp' : ' %'}`;
}

function notComparedLines(values: readonly NotCompared[]): string[] {
  if (values.length === 0) return [];
  const lines = [...Map.groupBy(values, ({ reason }) => reason)].flatMap(([reason, own]) => [
    ...wrapped(`Not compared: ${reason}`, '  ', '    '),
    ...bounded(
      own.map(({ target, name, unit, a, b }) =>
        row(target, name, [valueText(a, unit), valueText(b, unit)], ''),
      ),
      MAX_OTHERS,
    ),
  ]);
  return ['', ...lines.map((line) => line.trimEnd())];
}

function configurationLines(differences: readonly ConfigurationDifference[]): string[] {
  if (differences.length === 0) return [];
  const text = (value: string | null): string => cut(value ?? 'absent', 80);
  const lines = differences.map(({ key, a, b }) =>
    wrapped(`${key}: ${text(a)} → ${text(b)}`, '  - ', '    '),
  );
  return ['', '  Configuration', ...bounded(lines, MAX_OTHERS).flat()];
}

function methodLines({ refused, method }: Comparison): string[] {
  if (refused !== null) return [];
  const { kind, compared, familyError } = method;
  const how =
    kind === 'windows'
      ? 'block bootstrap of windows at the loads that both runs held'
      : "Newcombe's interval of two proportions, by the counts of the summaries";
  const text = `Computed by ${how}, corrected for ${formatCount(compared)} values (Holm): the chance that equal runs differ in any value is at most ${familyError * 100} %.`;
  return ['', ...wrapped(text, '  ', '  ')];
}

function bounded<T extends string | readonly string[]>(rows: readonly T[], max: number): (T | string)[] {
  const more = rows.length - max;
  return more <= 0 ? [...rows] : [...rows.slice(0, max), `  and ${formatCount(more)} more, see --json`];
}
