import { type CategoryGrade, gradesOf, type ResourceLimit, type ResourceUse } from '../../analysis/grades.ts';
import { timingOfLimit } from '../../analysis/limit-at-level.ts';
import { configuredLimit } from '../../analysis/subject-limits.ts';
import { valueText } from '../../report/value-text.ts';
import { type Analysed, analysedIn, detailed, loadText, MAX_ROWS, observedText, useOf } from '../analysed.ts';
import { heading, paragraph, tableOf } from '../blocks.ts';
import type { Block, Cell, Tone } from '../document.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';

const TONES: Readonly<Record<string, Tone>> = {
  'A+': 'good',
  A: 'good',
  B: 'warning',
  C: 'bad',
  D: 'bad',
  F: 'bad',
};

const RULE =
  'A+: all limits held with 20 % headroom; of ratios, at most 80 % of the allowed failures. A: held. B: a warning limit crossed. C: a critical limit crossed, at the highest level only. D: at a level between. F: at the lowest. None where there are no data, or where the measurement error decides between two grades.';

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
              { title: 'category', align: 'left', cell: (g) => g.category },
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
        : `, true value from ${valueText(value.low, limit.unit)}`;
  const n = value.n === null ? '' : `, ${observedText(value.n, timingOfLimit(limit)?.timing)}`;
  return `${limit.measure} ${valueText(value.value, limit.unit)} at ${loadText(load, subject)}${n}${bound}; ${limit.severity} if ${limit.crossedWhen} ${valueText(limit.limit, limit.unit)} (${graded.values} values)`;
}

function reasonsOf(all: readonly CategoryGrade[]): string {
  const reasons = all.flatMap(({ category, graded }) =>
    graded.grade === null ? [`${category}: ${graded.reason}`] : [],
  );
  return `${[...new Set(reasons)].join('. ')}.`;
}
