import { undeliveredText } from '../report/standing.ts';
import type { LevelPoint, Subject, SubjectLimit } from './level-point.ts';
import {
  isSuccessLimit,
  type LevelValue,
  MARGIN_USE,
  stateOf,
  timingOfLimit,
  usedShare,
  valueAtLevel,
} from './limit-at-level.ts';

/** From the best to the worst; docs/report-rules.md has the rule. */
export const GRADES = ['A+', 'A', 'B', 'C', 'D', 'F'] as const;
type Grade = (typeof GRADES)[number];

/** A value of a limit at a level of a category. */
export interface GradedValue {
  readonly load: number;
  readonly limit: Pick<
    SubjectLimit,
    'threshold' | 'measure' | 'crossedWhen' | 'limit' | 'severity' | 'unit'
  > & {
    /** Measure whose limit it is, where the value is of another one. */
    readonly source?: string;
  };
  readonly value: LevelValue;
}

/** A grade, or the reason why there is none. */
export type Graded =
  | {
      readonly grade: Grade;
      /** Values that the grade rests on, and the one that decides it. */
      readonly values: number;
      readonly decidedBy: GradedValue;
    }
  | { readonly grade: null; readonly reason: string };

export interface CategoryGrade {
  readonly category: string;
  readonly graded: Graded;
}

/** Use of a target while a level was held, shares from 0 to 1. */
export interface ResourceUse {
  readonly load: number;
  readonly cpu: number | null;
  readonly memory: number | null;
}

/** A limit on the resources of a target. */
export interface ResourceLimit {
  readonly resource: 'cpu' | 'memory';
  readonly limit: GradedValue['limit'];
}

/** Levels that a category needs to say how it scales. */
const MIN_SCALED_LEVELS = 3;

const CATEGORIES = [
  'Reliability',
  'Scalability',
  'Performance (low load)',
  'Performance (high load)',
  'Data integrity',
  'Error handling',
  'Resource efficiency',
] as const;

/** Returns a grade for each category, each only where there are data. @param use empty: not known */
export function gradesOf(
  subject: Subject,
  use: readonly ResourceUse[],
  limits: readonly ResourceLimit[],
): CategoryGrade[] {
  const { levels, delivered } = subject;
  if (delivered !== undefined)
    return CATEGORIES.map((category) => ({ category, graded: none(undeliveredText(delivered)) }));
  const loads = [...new Set(levels.map((l) => l.load))].toSorted((a, b) => a - b);
  const middle = (loads.at(-1) ?? 0) / 2;
  const counting = subject.limits.filter((l) => l.severity !== 'info');
  const success = counting.filter(isSuccessLimit);
  const timings = counting.filter((l) => timingOfLimit(l) !== undefined);
  const low = levels.filter((l) => l.load <= middle);
  const high = levels.filter((l) => l.load > middle);
  const split =
    loads.length < 2
      ? none('a single load was held, which is neither low nor high')
      : low.length === 0
        ? none('no load of at most half of the highest was held')
        : undefined;
  return [
    graded('Reliability', valuesOf(success, levels), 'no limit on success was evaluated at a level'),
    loads.length < MIN_SCALED_LEVELS
      ? {
          category: 'Scalability',
          graded: none(
            `${loads.length === 1 ? '1 load was' : `${loads.length} loads were`} held, and ${MIN_SCALED_LEVELS} are needed`,
          ),
        }
      : graded(
          'Scalability',
          valuesOf([...success, ...timings], levels),
          'no limit was evaluated at a level',
        ),
    split === undefined
      ? graded('Performance (low load)', valuesOf(timings, low), 'no limit on a timing was evaluated')
      : { category: 'Performance (low load)', graded: split },
    loads.length < 2
      ? { category: 'Performance (high load)', graded: split! }
      : graded('Performance (high load)', valuesOf(timings, high), 'no limit on a timing was evaluated'),
    graded(
      'Data integrity',
      completeValues(success, levels),
      'no limit on success was evaluated that complete streams could be held against',
    ),
    {
      category: 'Error handling',
      graded: none(
        'no limit is about how a target handles errors; that it had none says nothing about handling them',
      ),
    },
    graded(
      'Resource efficiency',
      resourceValues(use, limits),
      'CPU and memory of the target were not read: give --prometheus',
    ),
  ];
}

/**
 * Returns the grade of values. A value within its measurement error of a limit has two possible grades; where they
 * differ in more than their margin there is none.
 * @param values in any order; the lowest and the highest load among them count
 */
export function gradeOf(values: readonly GradedValue[]): Graded {
  if (values.length === 0) return none('there are no values');
  const worst = gradeBy(values, 'high');
  if (worst.grade === 'A+' || worst.grade === 'A') return { ...worst, values: values.length };
  const best = gradeBy(values, 'low');
  if (best.grade === worst.grade) return { ...worst, values: values.length };
  const { limit, load, value } = worst.decidedBy;
  const why =
    value.isErrorUnknown === true
      ? 'has a measurement error that is not known'
      : 'lies within its measurement error of the limit';
  return none(`inconclusive: ${limit.measure} at ${load} ${why} (${best.grade} or ${worst.grade})`);
}

/** @param bound of the true value: the one that is good for the target, or the one that is bad for it */
function gradeBy(
  values: readonly GradedValue[],
  bound: 'low' | 'high',
): { readonly grade: Grade; readonly decidedBy: GradedValue } {
  const loads = values.map((v) => v.load);
  const [lowest, highest] = [Math.min(...loads), Math.max(...loads)];
  const usedBy = ({ decidedBy: { limit, value } }: { readonly decidedBy: GradedValue }): number =>
    usedShare(limit, value.value);
  const ranked = values.map((value) => ({
    grade: gradeOfValue(value, bound, lowest, highest),
    decidedBy: value,
  }));
  return ranked.reduce((a, b) => {
    const worse = GRADES.indexOf(b.grade) - GRADES.indexOf(a.grade);
    return worse > 0 || (worse === 0 && usedBy(b) > usedBy(a)) ? b : a;
  });
}

function gradeOfValue(
  { load, limit, value }: GradedValue,
  bound: 'low' | 'high',
  lowest: number,
  highest: number,
): Grade {
  const exact = { ...value, low: value[bound], high: value[bound] };
  if (stateOf(limit, exact, MARGIN_USE) === 'held') return 'A+';
  if (stateOf(limit, exact) === 'held') return 'A';
  if (limit.severity !== 'critical') return 'B';
  if (load === lowest) return 'F';
  return load === highest ? 'C' : 'D';
}

function none(reason: string): Extract<Graded, { grade: null }> {
  return { grade: null, reason };
}

function graded(category: string, values: readonly GradedValue[], reason: string): CategoryGrade {
  return { category, graded: values.length === 0 ? none(reason) : gradeOf(values) };
}

function valuesOf(limits: readonly SubjectLimit[], levels: readonly LevelPoint[]): GradedValue[] {
  return levels.flatMap((level) =>
    limits.flatMap((limit) => {
      const value = valueAtLevel(limit, level);
      return value === null ? [] : [{ load: level.load, limit, value }];
    }),
  );
}

/** Complete streams against the limits of successful ones: what is not complete has lost data. */
function completeValues(limits: readonly SubjectLimit[], levels: readonly LevelPoint[]): GradedValue[] {
  return levels.flatMap(({ load, completeRatio, streams }) =>
    completeRatio === null
      ? []
      : limits.map((limit) => ({
          load,
          limit: { ...limit, measure: 'share of complete streams', source: limit.measure },
          value: { value: completeRatio, low: completeRatio, high: completeRatio, n: streams },
        })),
  );
}

function resourceValues(use: readonly ResourceUse[], limits: readonly ResourceLimit[]): GradedValue[] {
  return use.flatMap((one) =>
    limits.flatMap(({ resource, limit }) => {
      const value = one[resource];
      return value === null
        ? []
        : [{ load: one.load, limit, value: { value, low: value, high: value, n: null } }];
    }),
  );
}
