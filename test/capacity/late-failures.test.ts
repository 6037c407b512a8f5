import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quantileOf } from '../../src/capacity/evaluate-load.ts';
import { withLateFailures } from '../../src/capacity/late-failures.ts';
import { type Counted, countsOf } from './counted.ts';

/** Observations of TTFB at and above 1234 ms, an edge of the sample's layout, with failures as infinitely late. */
function ttfbOf(counted: Counted): { count: number; above: number } {
  const histogram = withLateFailures(countsOf(counted)).observed.histogram(0, 'ttfb');
  return { count: histogram.count, above: histogram.count - histogram.cumulative([1234])[0]! };
}

describe('failed streams of a step', () => {
  const table: readonly [what: string, counted: Counted, expected: { count: number; above: number }][] = [
    ['none', { cells: { 'finished:complete': 90 }, timings: { ttfb: [[50, 90]] } }, { count: 90, above: 0 }],
    [
      'before the first byte',
      { cells: { 'finished:complete': 90, 'finished:http_error': 10 }, timings: { ttfb: [[50, 90]] } },
      { count: 100, above: 10 },
    ],
    [
      'after the first byte',
      { cells: { 'finished:complete': 90, 'finished:reset': 10 }, timings: { ttfb: [[50, 100]] } },
      { count: 100, above: 10 },
    ],
    [
      'some before, some after',
      {
        cells: { 'finished:complete': 90, 'finished:reset': 4, 'finished:connect_error': 6 },
        timings: { ttfb: [[50, 94]] },
      },
      { count: 100, above: 10 },
    ],
    [
      'whose wait timed out, which has been observed',
      {
        cells: { 'finished:complete': 90, 'finished:ttfb_timeout': 10 },
        timings: {
          ttfb: [
            [50, 90],
            [30_000, 10],
          ],
        },
      },
      { count: 100, above: 10 },
    ],
    ['all', { cells: { 'finished:http_error': 7 } }, { count: 7, above: 7 }],
    [
      'cancelled by soakd, which is no failure',
      { cells: { 'finished:complete': 90, 'finished:cancelled': 10 }, timings: { ttfb: [[50, 100]] } },
      { count: 100, above: 0 },
    ],
  ];
  for (const [what, counted, expected] of table)
    it(`count as infinitely late: ${what}`, () => assert.deepEqual(ttfbOf(counted), expected));

  it('leave the counts that they are made from', () => {
    const counts = countsOf({ cells: { 'finished:reset': 5 }, timings: { ttfb: [[50, 5]] } });
    const before = counts.observed.values.slice();
    withLateFailures(counts);
    assert.deepEqual(counts.observed.values, before);
  });

  it('make a percentile infinite, and leave the sum behind the mean', () => {
    const counts = countsOf({
      cells: { 'finished:complete': 90, 'finished:http_error': 10 },
      timings: { ttfb: [[50, 90]] },
    });
    const histogram = withLateFailures(counts).observed.histogram(0, 'ttfb');
    assert.equal(quantileOf(histogram, 0.95), null);
    assert.ok(Math.abs(quantileOf(histogram, 0.5)! - 50) < 1);
    assert.equal(histogram.sum, 90 * 50);
  });

  it('count in the bounds that lag allows as well', () => {
    const counts = countsOf({
      cells: { 'finished:complete': 90, 'finished:http_error': 10 },
      timings: { ttfb: [[2000, 90]] },
      lagMs: 1000,
    });
    const { least } = withLateFailures(counts);
    const histogram = least.histogram(0, 'ttfb');
    assert.equal(histogram.count - histogram.cumulative([1234])[0]!, 10);
  });
});
