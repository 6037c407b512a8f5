import { type HeldLoad, heldLoadOf } from '../analysis/held-load.ts';
import type { LevelPoint, PointTiming, PointTimings, Subject } from '../analysis/level-point.ts';
import type { ColumnOf } from './blocks.ts';
import type { ReportedRun, ReportedTable, ReportInput, TargetUse } from './input.ts';
import { byWorst, WORST_RULE } from './shown-subjects.ts';
import { countText, msText, numberText, spanText } from './text.ts';

/** A subject of a report, and what it comes from. */
export interface Analysed {
  /** Name of the subject, with that of its run or table where there are several. */
  readonly name: string;
  readonly subject: Subject;
  readonly run: ReportedRun | null;
  readonly table: ReportedTable | null;
}

/** Subjects that sections show by themselves; others have a row in a table. */
const MAX_DETAILED = 4;
/** Rows of a table of subjects: the contract of a run allows 50 targets. */
export const MAX_ROWS = 60;

/** Returns all subjects of a report, in its order. */
export function analysedIn({ runs, tables }: ReportInput): Analysed[] {
  const several = runs.length + tables.length > 1;
  const named = (source: string, subject: Subject): string =>
    several ? `${source}: ${subject.name}` : subject.name;
  return [
    ...runs.flatMap((run) =>
      run.subjects.map((subject) => ({ name: named(run.name, subject), subject, run, table: null })),
    ),
    ...tables.map((table) => ({
      name: several ? `table ${table.name}` : table.name,
      subject: table.subject,
      run: null,
      table,
    })),
  ];
}

const heldLoads = new WeakMap<Subject, ReturnType<typeof heldLoadOf>>();

/** Returns what the limits allow of the load; several sections ask for it. */
export function heldBy(subject: Subject): HeldLoad | { readonly reason: string } {
  const known = heldLoads.get(subject) ?? heldLoadOf(subject);
  heldLoads.set(subject, known);
  return known;
}

/** Returns the use of a target by level. Names are hostile: one may be that of a method of objects. */
export function useOf({ run, subject }: Pick<Analysed, 'run' | 'subject'>): readonly TargetUse[] {
  const use = run?.use ?? {};
  return Object.hasOwn(use, subject.name) ? use[subject.name]! : [];
}

/** Writes a load: `2,000 users`, `12.5 streams/s`. */
export function loadText(load: number | null, { unit }: Pick<Subject, 'unit'>): string {
  if (load === null) return '–';
  const number = Number.isInteger(load) ? countText(load) : numberText(load);
  if (unit === 'rate') return `${number} streams/s`;
  return `${number} ${load === 1 ? 'user' : 'users'}`;
}

/** What is counted as the observations of a timing. A stream that ended may lack one, and one that continues may have it. */
const OBSERVED: Readonly<Record<keyof PointTimings, string>> = {
  connect: 'new connections',
  headers: 'responses',
  ttfb: 'first bytes',
  ttft: 'first tokens',
  gap: 'gaps',
  tpot: 'streams with tokens',
  duration: 'successes',
};

/** Writes a number of observations, with what was counted: `n = 36 first bytes`. @param timing absent: ended streams */
export function observedText(n: number | null, timing?: keyof PointTimings): string {
  if (n === null) return 'n not stated';
  return `n = ${countText(n)} ${timing === undefined ? 'ended streams' : OBSERVED[timing]}`;
}

/** Writes the measurement error, which is a p99: one timing of a hundred may be too long by more. */
export function errorText({ errorMs }: Pick<PointTiming, 'errorMs'>): string {
  return errorMs === null ? 'measurement error not known' : `measurement error ${msText(errorMs)} (p99)`;
}

/** What `n` of a level is: the same in each section that counts streams. */
export const ENDED_NOTE = 'n: streams that succeeded or failed in the level.';

/** The statistic that a timing is shown by: P95, or the mean where only that is known. */
export function statisticOf(
  levels: readonly LevelPoint[],
  timing: keyof PointTimings,
): 'p95' | 'mean' | undefined {
  const knows = (statistic: 'p95' | 'mean'): boolean =>
    levels.some((l) => (l.timings[timing]?.[statistic] ?? null) !== null);
  return knows('p95') ? 'p95' : knows('mean') ? 'mean' : undefined;
}

/** Returns the column with the names of what rows are about; none where a report is about one. */
export function ofColumn({ runs, tables }: ReportInput): ColumnOf<Named>[] {
  const count = runs.reduce((sum, run) => sum + run.subjects.length, tables.length);
  if (count < 2) return [];
  return [{ title: 'of', align: 'left', cell: (row) => ('of' in row ? row.of.name : row.name) }];
}

/** A row that has the name of what it is about, or what it is about. */
type Named = { readonly name: string } | { readonly of: { readonly name: string } };

/** Returns the levels by load, the lowest first. */
export function byLoad({ levels }: Subject): LevelPoint[] {
  return levels.toSorted((a, b) => a.load - b.load);
}

/** Writes the window of a level: its time, or that a table states none. */
export function windowText({ fromAt, toAt }: LevelPoint): string {
  return fromAt === null ? 'time not stated' : spanText(fromAt, toAt);
}

/**
 * Returns the subjects that are shown by themselves, the worst first, and a sentence that says how many there are; empty where
 * all are shown.
 */
export function detailed<T>(
  all: readonly T[],
  of: (one: T) => { readonly subject: Subject },
): { readonly shown: readonly T[]; readonly more: string } {
  const shown = all.toSorted((a, b) => byWorst(of(a).subject, of(b).subject)).slice(0, MAX_DETAILED);
  const more =
    shown.length === all.length
      ? ''
      : `Details of ${shown.length} of ${all.length} targets: ${WORST_RULE}; the JSON has all.`;
  return { shown, more };
}
