import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { LevelPoint, Subject, SubjectLimit } from '../../src/analysis/level-point.ts';
import type { Answer } from '../../src/document/answer.ts';
import type { Content, ReportInput, SectionRecord } from '../../src/document/input.ts';
import { capacity } from '../../src/document/sections/capacity.ts';
import { deployment } from '../../src/document/sections/deployment.ts';
import { executiveSummary } from '../../src/document/sections/executive-summary.ts';
import { SECTIONS } from '../../src/document/sections/list.ts';
import { countText } from '../../src/document/text.ts';
import { inputOf, madeReportedRun } from '../../support/document/made.ts';
import { level, limit, SUCCESS, timing } from '../analysis/levels.ts';

const CRITICAL = limit({
  threshold: 'duration-mean',
  measure: 'mean duration',
  limit: 4000,
  severity: 'critical',
});
const OBJECTIVE = limit({ threshold: 'headers-p95', measure: 'headers p95', limit: 1, severity: 'info' });

const point: fc.Arbitrary<LevelPoint> = fc
  .record({
    load: fc.integer({ min: 1, max: 8 }),
    ttfb: fc.option(fc.integer({ min: 2000, max: 3000 })),
    duration: fc.option(fc.integer({ min: 3000, max: 5000 })),
    errorMs: fc.option(fc.constantFrom(0, 5, 300)),
    successRatio: fc.option(fc.constantFrom(0.9, 0.99, 0.995, 1)),
    unreliable: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ load, ttfb, duration, errorMs, successRatio, unreliable }) =>
    level(100 * load, {
      successRatio,
      unreliable,
      timings: {
        ttfb: ttfb === null ? null : timing(ttfb, errorMs),
        duration: duration === null ? null : timing(duration, errorMs),
      },
    }),
  );
const limits: fc.Arbitrary<SubjectLimit[]> = fc.subarray([limit(), SUCCESS, CRITICAL, OBJECTIVE]);
const subjects: fc.Arbitrary<Subject[]> = fc
  .array(fc.record({ levels: fc.array(point, { maxLength: 8 }), limits }), { minLength: 1, maxLength: 3 })
  .map((all) =>
    all.map(({ levels, limits: own }, i) => ({
      name: `target ${i}`,
      unit: 'users',
      levels,
      limits: own,
      sharedBy: all.length,
    })),
  );
const verdicts = fc.constantFrom('pass', 'fail', 'inconclusive', 'aborted');

interface Allowed {
  readonly maximum: number | null;
  readonly isAtLeast: boolean;
  readonly crossings: readonly {
    readonly limit: SubjectLimit;
    readonly at: number | null;
    readonly crossed: number;
  }[];
}

const valuesOf = (section: SectionRecord, input: ReportInput): Content['values'] | null => {
  const made = section.make(input);
  return 'omitted' in made ? null : made.values;
};

/** Fails where the summary says another load, or another limit that gives, than the section on capacity. */
function compared(answer: Answer, allowed: readonly Allowed[] | null): void {
  const { held, upTo, first, load } = answer;
  if (allowed === null) {
    assert.deepEqual([load, first], [null, 'What gives first is not known.']);
    assert.match(upTo, /^Up to what load it holds is not known: /);
    return;
  }
  const maxima = allowed.map(({ maximum }) => maximum);
  const smallest = maxima.includes(null) ? null : Math.min(...maxima.map(Number));
  assert.equal(load, smallest);
  if (smallest === null)
    assert.match(upTo, /^(No level holds all limits|Up to what load it holds is not known)/);
  else assert.match(upTo, new RegExp(`(up to|highest,) ${countText(smallest)} users`));
  const crossings = allowed.flatMap((a) => a.crossings);
  assert.equal(first.startsWith('First to give: '), crossings.length > 0);
  assert.equal(
    allowed.every((a) => a.isAtLeast),
    crossings.length === 0,
  );
  if (crossings.length === 0) return;
  const places = crossings.map(({ at, crossed }) => at ?? crossed);
  const givesFirst = crossings.filter((_, i) => places[i] === Math.min(...places));
  assert.ok(
    givesFirst.some(
      ({ limit: l, crossed, at }) =>
        first.includes(l.measure) && first.includes(countText(at === null ? crossed : Math.round(at))),
    ),
    first,
  );
  assert.doesNotMatch(held, /^It held: |held every limit at every level/);
}

it('the summary of a run and its capacity never contradict each other', () => {
  const base = madeReportedRun();
  fc.assert(
    fc.property(subjects, verdicts, (all, verdict) => {
      const input = inputOf({
        ...base,
        summary: { ...base.summary, verdict, thresholds: [] },
        subjects: all,
      });
      const [answer] = valuesOf(executiveSummary, input) as [Answer];
      compared(answer, valuesOf(capacity, input) as readonly Allowed[] | null);
    }),
    { numRuns: 300 },
  );
});

it('all sections give the same recommended load', () => {
  const of = (section: string, input: ReportInput): string => {
    const made = SECTIONS.find((s) => s.id === section)!.make(input);
    return 'omitted' in made ? '' : JSON.stringify(made.blocks);
  };
  fc.assert(
    fc.property(subjects, ([subject]) => {
      const tables = [{ name: subject!.name, subject: { ...subject!, sharedBy: 1 }, claims: [] }];
      const input = { ...inputOf(), tables, questions: { users: 1000, pricePerHour: 1, currency: '' } };
      const held = valuesOf(capacity, input) as readonly { readonly conservative: number | null }[] | null;
      const load = held?.[0]?.conservative ?? null;
      const summary = of('executive-summary', input);
      if (load === null) assert.doesNotMatch(summary, /left of each limit: (?:at least )?\d/);
      else assert.match(summary, new RegExp(`left of each limit: (at least )?${load} users`));
      for (const section of ['next-steps', 'deployment', 'capacity', 'monitoring'])
        for (const [, found] of of(section, input).matchAll(
          /(?:keep each server at|concurrency-soft:) (?:at least )?(\d+)/g,
        ))
          assert.equal(Number(found), load, section);
      const perServer = /"perServer":(\d+)/.exec(JSON.stringify(valuesOf(deployment, input)))?.[1];
      assert.equal(perServer === undefined ? null : Number(perServer), load);
    }),
    { numRuns: 300 },
  );
});

it('the summary of a table and its capacity never contradict each other', () => {
  fc.assert(
    fc.property(subjects, ([subject]) => {
      const tables = [{ name: subject!.name, subject: subject!, claims: [] }];
      const input = { ...inputOf(), tables };
      const [answer] = valuesOf(executiveSummary, input) as [Answer];
      compared(answer, valuesOf(capacity, input) as readonly Allowed[] | null);
    }),
    { numRuns: 300 },
  );
});
