import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countedThresholds } from '../../src/capacity/counted.ts';
import { evaluateLoad, type LoadEvaluation } from '../../src/capacity/evaluate-load.ts';
import { configOf, target } from '../../support/run/samples.ts';
import { type Counted, countsOf, DELIVERED } from './counted.ts';

const CONFIG = configOf([
  target('a', { thresholds: [{ id: 'ttfb-p95', limit: 1234 }] }),
  target('b', { thresholds: [{ id: 'ttfb-p95', limit: 1234 }] }),
]);
const A = { name: 'demo', targets: [{ name: 'a', weight: 1 }] };
const TARGETS = countedThresholds(CONFIG, A);

function evaluated(counted: Counted, ratio = 1): LoadEvaluation {
  return evaluateLoad(TARGETS, { counts: countsOf(counted), delivered: { ...DELIVERED, ratio } });
}

const good = (n: number) => ({ 'finished:complete': n });

describe('a load', () => {
  it('holds where every threshold does', () => {
    assert.deepEqual(evaluated({ cells: good(100), timings: { ttfb: [[50, 100]] } }), {
      verdict: 'held',
      clear: true,
      cause: null,
    });
  });

  it('is crossed with the threshold that is crossed, its value and its limit', () => {
    const { verdict, clear, cause } = evaluated({
      cells: good(100),
      timings: {
        ttfb: [
          [50, 80],
          [2000, 20],
        ],
      },
    });
    assert.deepEqual([verdict, clear], ['crossed', true]);
    const { threshold, measure, target: name, limit, op, count } = cause!;
    assert.deepEqual(
      [threshold, measure, name, limit, op, count],
      ['ttfb-p95', 'TTFB p95', 'a', 1234, '>', 100],
    );
    assert.ok(Math.abs(cause!.observed! - 2000) < 50);
  });

  it('is crossed by failures, which are infinitely late', () => {
    const { verdict, cause } = evaluated({
      cells: { ...good(900), 'finished:http_error': 100 },
      timings: { ttfb: [[50, 900]] },
    });
    assert.equal(verdict, 'crossed');
    assert.equal(cause!.threshold, 'success-rate');
  });

  it('is crossed in its percentile by failures alone', () => {
    const only = countedThresholds(CONFIG, A, ['ttfb-p95']);
    const counts = countsOf({
      cells: { ...good(90), 'finished:http_error': 10 },
      timings: { ttfb: [[50, 90]] },
    });
    const { verdict, cause } = evaluateLoad(only, { counts, delivered: DELIVERED });
    assert.deepEqual([verdict, cause!.threshold, cause!.observed], ['crossed', 'ttfb-p95', null]);
  });

  it('is in doubt where chance may decide', () => {
    assert.equal(
      evaluated({
        cells: good(100),
        timings: {
          ttfb: [
            [50, 96],
            [2000, 4],
          ],
        },
      }).clear,
      false,
    );
    assert.equal(
      evaluated({
        cells: good(100),
        timings: {
          ttfb: [
            [50, 94],
            [2000, 6],
          ],
        },
      }).clear,
      false,
    );
    assert.equal(
      evaluated({
        cells: good(1000),
        timings: {
          ttfb: [
            [50, 980],
            [2000, 20],
          ],
        },
      }).clear,
      true,
    );
  });

  it('is inconclusive where the limit lies within the measurement error', () => {
    const { verdict, cause } = evaluated({ cells: good(100), timings: { ttfb: [[1300, 100]] }, lagMs: 100 });
    assert.deepEqual([verdict, cause!.threshold], ['inconclusive', 'ttfb-p95']);
  });

  it('is crossed where it is beyond the limit whatever the lag was', () => {
    assert.equal(
      evaluated({ cells: good(100), timings: { ttfb: [[2000, 100]] }, lagMs: 100 }).verdict,
      'crossed',
    );
  });

  it('is inconclusive where too little of it was delivered', () => {
    const { verdict, cause } = evaluated({ cells: good(100), timings: { ttfb: [[50, 100]] } }, 0.8);
    assert.deepEqual([verdict, cause!.kind, cause!.observed], ['inconclusive', 'load-delivered', 0.8]);
  });

  it('is crossed where that is certain although too little of it was delivered', () => {
    assert.equal(evaluated({ cells: good(100), timings: { ttfb: [[2000, 100]] } }, 0.8).verdict, 'crossed');
  });

  it('has no data with a handful of streams', () => {
    const { verdict, cause } = evaluated({ cells: good(5), timings: { ttfb: [[50, 5]] } });
    assert.deepEqual([verdict, cause!.count, cause!.required], ['no-data', 5, 20]);
  });

  it('is crossed where one of several targets is', () => {
    const both = countedThresholds(CONFIG, { ...A, targets: [...A.targets, { name: 'b', weight: 1 }] });
    const counts = countsOf({ cells: good(100), timings: { ttfb: [[2000, 100]] } });
    const { verdict, cause } = evaluateLoad(both, { counts, delivered: DELIVERED });
    assert.deepEqual([verdict, cause!.target], ['crossed', 'a']);
  });
});

describe('the thresholds that count', () => {
  it('are those that decide the verdict of a run', () => {
    const ids = TARGETS[0]!.thresholds.map(({ id }) => id);
    assert.ok(ids.includes('success-rate') && ids.includes('ttfb-p95') && ids.includes('duration-mean'));
    assert.ok(!ids.includes('concurrency-soft') && !ids.includes('drift'), ids.join());
  });

  it('are the named ones alone', () => {
    const [one] = countedThresholds(CONFIG, A, ['ttfb-mean']);
    assert.deepEqual(
      one!.thresholds.map(({ id }) => id),
      ['ttfb-mean'],
    );
  });

  it('are listed where a name is unknown', () => {
    assert.throws(() => countedThresholds(CONFIG, A, ['ttfb-p59']), {
      code: 'USAGE',
      message:
        /^--only: found "ttfb-p59", expected a threshold of scenario demo, one of success-rate, ttfb-p95, /,
    });
  });
});
