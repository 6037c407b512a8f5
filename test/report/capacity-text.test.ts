import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { capacityText, stepHead, stepRow } from '../../src/report/capacity-text.ts';
import { summaryText } from '../../src/report/text.ts';
import type { CapacityResult, CapacityStep, StepCause } from '../../src/schema/capacity.ts';
import { summaryOf } from '../../support/report/samples.ts';

const CAUSE: StepCause = {
  kind: 'threshold',
  threshold: 'ttfb-p95',
  measure: 'TTFB p95',
  target: 'django',
  observed: 3100,
  limit: 2500,
  unit: 'ms',
  op: '>',
  count: 400,
  required: 1,
};

const HELD: CapacityStep = {
  load: 86,
  confirms: false,
  startedAt: '2026-11-23T18:15:02.000Z',
  settledMs: 5000,
  measuredMs: 15_000,
  finished: 400,
  failed: 0,
  ttfbP95Ms: 2310,
  ttfbCount: 401,
  measurementErrorMs: { p50: 0.1, p99: 3.2, count: 3000 },
  delivered: 1,
  verdict: 'held',
  clear: true,
  cause: null,
};
const CROSSED: CapacityStep = { ...HELD, load: 89, ttfbP95Ms: 3100, verdict: 'crossed', cause: CAUSE };

function resultOf(overrides: Partial<CapacityResult> = {}): CapacityResult {
  return {
    users: 86,
    low: 84,
    high: 89,
    limitedBy: 'ttfb-p95',
    target: 'django',
    confirmed: true,
    ended: 'found',
    precision: 0.05,
    lastedMs: 360_000,
    steps: [HELD, CROSSED, { ...HELD, confirms: true }],
    ...overrides,
  };
}

describe('the result of a search for the capacity', () => {
  const { users: _, ...ofRate } = resultOf();
  const table: readonly [result: CapacityResult, text: string][] = [
    [resultOf(), '86 users (84 to 89): above it TTFB p95 > 2.5s on django. 3 steps, 6m.'],
    [
      { ...ofRate, rate: 8.5, low: 8.5, high: 9 },
      '8.5 streams a second (8.5 to 9): above it TTFB p95 > 2.5s on django. 3 steps, 6m.',
    ],
    [
      resultOf({ limitedBy: 'generator', target: null }),
      'at least 86 users: the generator was the limit at 89 users. 3 steps, 6m.',
    ],
    [
      resultOf({ high: null, limitedBy: 'maxUsers', target: null }),
      'at least 86 users: every threshold holds at the largest load allowed (maxUsers). 3 steps, 6m.',
    ],
    [
      resultOf({ users: 0, low: 0, high: 1 }),
      'not even the smallest load holds: TTFB p95 > 2.5s on django at 1 user. 3 steps, 6m.',
    ],
    [
      resultOf({ users: 0, low: 0, high: 1, limitedBy: 'generator', target: null }),
      'the generator was the limit at 1 user, no load is proven to hold. 3 steps, 6m.',
    ],
    [
      resultOf({
        high: null,
        limitedBy: null,
        target: null,
        confirmed: false,
        ended: 'interrupted',
        steps: [HELD],
      }),
      'at least 86 users, not confirmed by a longer hold; the search ended early: the run was ended. 1 step, 6m.',
    ],
    [
      resultOf({ users: 0, low: 0, high: null, limitedBy: null, target: null, ended: 'max-time', steps: [] }),
      'no load is proven to hold; the search ended early: its time was used up (--max-time). 0 steps, 6m.',
    ],
  ];
  for (const [result, text] of table) it(`reads "${text}"`, () => assert.equal(capacityText(result), text));

  it('is on top of the text of a run, with a row for each step', () => {
    const summary = { ...summaryOf(), capacity: resultOf() };
    const lines = summaryText(summary).split('\n');
    assert.match(lines[1]!, /^ {2}CAPACITY: 86 users \(84 to 89\)/);
    assert.equal(lines.filter((line) => / {2}holds(?:,|$)/.test(line)).length, 2);
    assert.doesNotMatch(summaryText(summaryOf()), /CAPACITY/);
  });

  it('is absent in a summary from before there was a search', () => {
    const { capacity: __, ...older } = summaryOf();
    assert.doesNotMatch(summaryText(older as ReturnType<typeof summaryOf>), /CAPACITY/);
  });
});

describe('a step', () => {
  const table: readonly [step: CapacityStep, row: RegExp][] = [
    [HELD, /^ +86 +2\.31s +3\.2ms +401 +0 +20s {2}holds$/],
    [{ ...HELD, confirms: true }, / {2}holds, longer hold$/],
    [CROSSED, / {2}crossed: TTFB p95 3\.1s > 2\.5s on django$/],
    [
      { ...CROSSED, ttfbP95Ms: null, cause: { ...CAUSE, observed: null } },
      /∞.* {2}crossed: TTFB p95 ∞ > 2\.5s on django$/,
    ],
    [
      { ...CROSSED, verdict: 'inconclusive' },
      / inconclusive: TTFB p95 3\.1s > 2\.5s on django, within the meas/,
    ],
    [
      { ...CROSSED, verdict: 'no-data', cause: { ...CAUSE, count: 4, required: 20 } },
      / no data: TTFB p95 on django has 4 observations and needs 20/,
    ],
    [
      {
        ...CROSSED,
        verdict: 'generator',
        cause: { ...CAUSE, kind: 'load-delivered', target: null, observed: 0.81, limit: 0.95 },
      },
      / generator: 81 % of the load delivered$/,
    ],
  ];
  for (const [step, row] of table) it(`reads ${row.source}`, () => assert.match(stepRow(step), row));

  it('stands below a head of the same width', () => {
    assert.equal(stepHead('users').indexOf('verdict'), stepRow(HELD).indexOf('holds'));
  });
});
