import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verdictReason } from '../../src/report/reason.ts';
import type { ThresholdSummary } from '../../src/schema/summary.ts';
import { summaryOf } from '../../support/report/samples.ts';

const TTFB: ThresholdSummary = {
  threshold: 'ttfb-p95',
  measure: 'TTFB p95',
  target: 'gunicorn',
  result: 'fail',
  observed: 4100,
  limit: 2500,
  unit: 'ms',
  crossedWhen: '>',
  crossedAtLevels: [],
  crossedFrom: null,
  heldUpTo: null,
  count: 100,
  required: 1,
  alerts: [],
};
const SUCCESS: ThresholdSummary = {
  ...TTFB,
  threshold: 'success-rate',
  measure: 'success rate',
  observed: 0.9333,
  limit: 0.99,
  unit: 'ratio',
  crossedWhen: '<',
};
const of = (result: ThresholdSummary['result'], one: ThresholdSummary = TTFB): ThresholdSummary => ({
  ...one,
  result,
});

describe('the reason of a verdict', () => {
  const table: readonly [
    what: string,
    verdict: 'pass' | 'fail' | 'inconclusive' | 'aborted',
    ThresholdSummary[],
    string,
  ][] = [
    ['names the first limit that failed', 'fail', [TTFB], 'TTFB p95 4.1s > 2.5s on gunicorn'],
    [
      'says how many more did',
      'fail',
      [of('pass'), TTFB, SUCCESS],
      'success rate 93.33 % < 99 % on gunicorn (and 1 more)',
    ],
    [
      'names the target that fails most before those that are slow, and then the others',
      'fail',
      [
        TTFB,
        { ...TTFB, threshold: 'ttfb-p50' },
        { ...SUCCESS, target: 'daphne' },
        { ...SUCCESS, target: 'granian', observed: 0 },
      ],
      'success rate 0 % < 99 % on granian; also failed: daphne, gunicorn',
    ],
    [
      'says where a limit was crossed on the way only',
      'fail',
      [{ ...TTFB, observed: 900, alerts: [{ from: '2026-01-01T00:00:00Z', to: null, worst: 0.4 }] }],
      'TTFB p95 > 2.5s on gunicorn long enough to fire its alert, once',
    ],
    ['says that all hold', 'pass', [of('pass'), of('pass', SUCCESS)], 'all 2 limits hold'],
    [
      'says what lies within the error',
      'inconclusive',
      [{ ...of('inconclusive'), observed: 2510 }, of('pass', SUCCESS)],
      'TTFB p95 2.51s > 2.5s on gunicorn is within the measurement error',
    ],
    [
      'says what has no data',
      'inconclusive',
      [{ ...of('no-data'), observed: null, count: 0 }],
      'no data for TTFB p95 on gunicorn: nothing was observed',
    ],
    [
      'says how many observations are missing',
      'inconclusive',
      [{ ...of('no-data'), observed: null, measure: 'TTFB p99', count: 80, required: 100 }],
      'no data for TTFB p99 on gunicorn: 80 observations, but the limit needs 100',
    ],
    [
      'shows a value that rounds to its limit with as many digits as tell them apart',
      'fail',
      [{ ...TTFB, measure: 'TPOT p99', observed: 20.3, limit: 20 }],
      'TPOT p99 20.3ms > 20ms on gunicorn',
    ],
    ['says that nothing was measured', 'inconclusive', [], 'no limit has data'],
  ];
  for (const [what, verdict, thresholds, expected] of table)
    it(what, () => assert.equal(verdictReason({ ...summaryOf(), verdict, thresholds }), expected));

  it('says how much of the load was delivered where that is why', () => {
    const loadDelivered = { ratio: 0.2432, required: 0.95, perTarget: [] };
    const summary = {
      ...summaryOf(),
      verdict: 'inconclusive' as const,
      thresholds: [of('pass')],
      loadDelivered,
    };
    assert.equal(verdictReason(summary), '24.32 % of the planned load was delivered');
  });

  it('says why a run was broken off', () => {
    const summary = { ...summaryOf(), verdict: 'aborted' as const, endReason: 'interrupted' as const };
    assert.equal(verdictReason(summary), 'interrupted by a signal');
  });
});
