import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GRADES, type GradedValue, gradeOf, gradesOf } from '../../src/analysis/grades.ts';
import type { SubjectLimit } from '../../src/analysis/level-point.ts';
import { level, limit, SUCCESS, subject, timing, ttfbLevels } from './levels.ts';

function values(ttfb: readonly number[], of: SubjectLimit, error = 0): GradedValue[] {
  return ttfb.map((value, i) => ({
    load: (i + 1) * 100,
    limit: of,
    value: { value, low: value - error, high: value, n: 100 },
  }));
}

const WARNING = limit();
const CRITICAL = limit({ severity: 'critical' });

describe('a grade', () => {
  for (const [grade, ttfb, of] of [
    ['A+', [100, 1000, 2000], CRITICAL],
    ['A', [100, 1000, 2001], CRITICAL],
    ['B', [3000, 3000, 3000], WARNING],
    ['C', [100, 1000, 3000], CRITICAL],
    ['D', [100, 3000, 1000], CRITICAL],
    ['D', [100, 3000, 3000], CRITICAL],
    ['F', [3000, 100, 100], CRITICAL],
    ['F', [3000], CRITICAL],
  ] as const) {
    it(`is ${grade} for ${ttfb.join(', ')} against a ${of.severity} limit of 2500`, () => {
      assert.equal(gradeOf(values(ttfb, of)).grade, grade);
    });
  }

  it('allows 80 % of the failures for the margin', () => {
    const of = (success: number) => gradeOf(values([success], SUCCESS)).grade;
    assert.deepEqual([of(0.9921), of(0.9919), of(0.98)], ['A+', 'A', 'B']);
  });

  it('is none where the measurement error decides between two', () => {
    const graded = gradeOf(values([100, 2600], CRITICAL, 200));
    assert.ok(graded.grade === null && /inconclusive/.test(graded.reason));
    assert.equal(gradeOf(values([100, 2100], CRITICAL, 200)).grade, 'A');
  });

  it('never gets better with a longer wait', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        fc.integer({ min: 0, max: 3000 }),
        fc.boolean(),
        (ttfb, place, more, critical) => {
          const worse = ttfb.map((v, i) => (i === place % ttfb.length ? v + more : v));
          const of = critical ? CRITICAL : WARNING;
          const [a, b] = [gradeOf(values(ttfb, of)).grade!, gradeOf(values(worse, of)).grade!];
          assert.ok(GRADES.indexOf(b) >= GRADES.indexOf(a), `${a} became ${b}`);
        },
      ),
    );
  });
});

describe('the grades of a subject', () => {
  const gradesBy = (...args: Parameters<typeof gradesOf>) =>
    Object.fromEntries(gradesOf(...args).map((g) => [g.category, g.graded]));

  it('are one for each category, with the reason where there are no data', () => {
    const grades = gradesBy(
      subject(ttfbLevels({ 100: 100, 200: 1000, 300: 3000 }), [WARNING, SUCCESS]),
      [],
      [],
    );
    assert.deepEqual(
      Object.entries(grades).map(([name, { grade }]) => [name, grade]),
      [
        ['Reliability', 'A+'],
        ['Scalability', 'B'],
        ['Performance (low load)', 'A+'],
        ['Performance (high load)', 'B'],
        ['Data integrity', 'A+'],
        ['Error handling', null],
        ['Resource efficiency', null],
      ],
    );
  });

  it('grade complete streams and the use of the target', () => {
    const levels = [level(1, { completeRatio: 0.9 }), level(2, { timings: { ttfb: timing(1) } })];
    const cpu = { ...limit({ threshold: 'target-cpu', unit: 'ratio', limit: 0.8 }) };
    const grades = gradesBy(
      subject(levels, [SUCCESS]),
      [{ load: 1, cpu: 0.7, memory: null }],
      [{ resource: 'cpu', limit: cpu }],
    );
    assert.equal(grades['Data integrity']!.grade, 'B');
    assert.equal(grades['Resource efficiency']!.grade, 'A');
    assert.equal(grades.Scalability!.grade, null);
  });

  it('are none without levels or limits', () => {
    for (const graded of Object.values(gradesBy(subject([], []), [], []))) assert.equal(graded.grade, null);
  });
});
