import {
  type CategoryGrade,
  type GradedValue,
  gradesOf,
  type ResourceLimit,
  type ResourceUse,
} from '../../analysis/grades.ts';
import type { Subject } from '../../analysis/level-point.ts';
import { MARGIN_USE, stateOf, timingOfLimit } from '../../analysis/limit-at-level.ts';
import { sampledAtLevel } from '../../analysis/sampling.ts';
import { configuredLimit } from '../../analysis/subject-limits.ts';
import { valueText } from '../../report/value-text.ts';
import type { Block, Cell, Tone } from '../../schema/report.ts';
import { type Analysed, analysedIn, detailed, loadText, MAX_ROWS, observedText, useOf } from '../analysed.ts';
import { heading, paragraph, tableOf } from '../blocks.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { loadsText } from '../stop-text.ts';
import { plural } from '../text.ts';

const TONES: Readonly<Record<string, Tone>> = {
  'A+': 'good',
  A: 'good',
  B: 'warning',
  C: 'bad',
  D: 'bad',
  F: 'bad',
};

const RULE =
  'A+: all limits held with a margin of 20 %: at most 80 % of the limit used; of ratios, at most 80 % of the allowed failures. A: held. B: a warning limit crossed. C: a critical limit crossed, at the highest level only. D: at a level between. F: at the lowest. None where there are no data, or where the measurement error decides between two grades.';

type Known = Extract<CategoryGrade['graded'], { readonly grade: string }>;

/** Grades by a rule, for each category that has data. */
export const grades: SectionRecord = {
  id: 'grades',
  title: 'Grades',
  make(input): Content | Omitted {
    const all = analysedIn(input).map((of) => ({
      of,
      grades: gradesOf(of.subject, resourcesOf(of), resourceLimits(of)),
    }));
    if (all.every((a) => a.grades.every(({ graded }) => graded.grade === null)))
      return { omitted: reasonsOf(all.flatMap((a) => a.grades)) };
    const categories = all[0]!.grades.map((g) => g.category);
    const { shown, more } = detailed(all, (a) => a.of);
    return {
      blocks: [
        paragraph(RULE),
        ...(all.length === 1
          ? []
          : [
              tableOf(
                'Grades of each target.',
                [
                  { title: 'of', align: 'left', cell: (a: (typeof all)[number]) => a.of.name },
                  ...categories.map((category, i) => ({
                    title: category,
                    align: 'left' as const,
                    cell: (a: (typeof all)[number]): Cell => gradeCell(a.grades[i]!),
                  })),
                ],
                all,
                MAX_ROWS,
              ),
            ]),
        ...(more === '' ? [] : [paragraph(more)]),
        ...shown.flatMap((a): Block[] => [
          ...(all.length > 1 ? [heading(a.of.name)] : []),
          tableOf<CategoryGrade>(
            `${a.of.name}: each grade and the value that decides it.`,
            [
              { title: 'category', align: 'left', cell: (g) => categoryText(g, a.of) },
              { title: 'grade', align: 'left', cell: gradeCell },
              { title: 'because', align: 'left', cell: (g) => becauseText(g, a.of) },
            ],
            a.grades,
          ),
        ]),
      ],
      values: all.map((a) => ({ of: a.of.name, grades: a.grades })),
    };
  },
};

function resourcesOf({ subject, run }: Analysed): ResourceUse[] {
  return useOf({ run, subject }).flatMap(({ level, cpuMean, memoryMax }) => {
    const load = subject.levels[level]?.load;
    return load === undefined ? [] : [{ load, cpu: cpuMean, memory: memoryMax }];
  });
}

function resourceLimits({ subject, run }: Analysed): ResourceLimit[] {
  if (run === null) return [];
  return (['cpu', 'memory'] as const).flatMap((resource) => {
    const limit = configuredLimit(run.summary, subject.name, `target-${resource}`);
    return limit === null ? [] : [{ resource, limit }];
  });
}

function gradeCell({ graded: { grade } }: CategoryGrade): Cell {
  return grade === null ? { text: 'none', tone: 'unknown' } : { text: grade, tone: TONES[grade]! };
}

function becauseText({ graded }: CategoryGrade, { subject }: Analysed): string {
  if (graded.grade === null) return graded.reason;
  const { load, limit, value } = graded.decidedBy;
  const bound =
    value.isErrorUnknown === true
      ? ', measurement error not known'
      : value.low === value.high
        ? ''
        : `, true value ${boundsText(value, limit.unit)}`;
  const n = value.n === null ? '' : `, ${observedText(value.n, timingOfLimit(limit)?.timing)}`;
  const source = limit.source === undefined ? '' : `, the limit of ${limit.source}`;
  return `${limit.measure} ${valueText(value.value, limit.unit)} at ${loadText(load, subject)}${n}${bound}; ${limit.severity} if ${limit.crossedWhen} ${valueText(limit.limit, limit.unit)}${source} (${plural(graded.values, 'value')})${openText(graded, subject)}`;
}

/** Says that the sampling error reaches across the border of a grade. A rate without failures says nothing of how close it is. */
function openText({ grade, decidedBy: { limit, load } }: Known, { levels }: Subject): string {
  if (timingOfLimit(limit) === undefined) return '';
  const use = grade === 'A+' ? MARGIN_USE : 1;
  const sampled = levels.flatMap((l) => (l.load === load ? (sampledAtLevel(limit, l) ?? []) : []));
  const isOpen = sampled.some((value) => stateOf(limit, value, use) === 'inconclusive');
  return isOpen ? '; the sampling error leaves the grade beside it possible' : '';
}

/** Writes the bounds of a true value so that they differ: `2.519s to 2.522s`. */
function boundsText({ low, high }: GradedValue['value'], unit: 'ms' | 'ratio'): string {
  const usual = [valueText(low, unit), valueText(high, unit)] as const;
  if (usual[0] !== usual[1] || unit === 'ratio') return usual.join(' to ');
  const inSeconds = high >= 1000;
  const text = (ms: number, digits: number): string =>
    inSeconds ? `${(ms / 1000).toFixed(digits)}s` : `${ms.toFixed(digits)}ms`;
  const digits = [3, 4, 6].find((n) => text(low, n) !== text(high, n)) ?? 6;
  return `${text(low, digits)} to ${text(high, digits)}`;
}

/** Names the loads of a category that is about some of them, and not only "low". */
function categoryText({ category }: CategoryGrade, { subject }: Analysed): string {
  const highest = Math.max(...subject.levels.map((l) => l.load));
  const loads = subject.levels
    .map((l) => l.load)
    .filter((load) => category.endsWith('(low load)') === load <= highest / 2);
  if (!/ \((?:low|high) load\)$/.test(category) || loads.length === 0) return category;
  const [from, to] = [Math.min(...loads), Math.max(...loads)];
  const text = from === to ? loadText(from, subject) : loadsText(from, to, subject);
  return category.replace(/\)$/, `: ${text})`);
}

/** A reason that all categories share is written once. */
function reasonsOf(all: readonly CategoryGrade[]): string {
  const shared = new Set(all.map(({ graded }) => (graded.grade === null ? graded.reason : '')));
  if (shared.size === 1) return `No category has a grade: ${[...shared][0]}.`;
  const reasons = all.flatMap(({ category, graded }) =>
    graded.grade === null ? [`${category}: ${graded.reason}`] : [],
  );
  return `${[...new Set(reasons)].join('. ')}.`;
}
