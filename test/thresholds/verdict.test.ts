import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StreamView } from '../../src/catalog/slots.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { CrossedTime, RunVerdict, ThresholdResult, Verdict } from '../../src/core/run.ts';
import type { TargetThreshold } from '../../src/core/target.ts';
import { addShift, boundsOf, noShifts, UNKNOWN_LAG_MS } from '../../src/run/measurement-quality/lag-watch.ts';
import { TIMING_MEASURES } from '../../src/thresholds/measures/list.ts';
import { TIMING_STATISTICS } from '../../src/thresholds/measures/measure.ts';
import { THRESHOLDS, thresholdById } from '../../src/thresholds/table.ts';
import { evaluateRun, overall, thresholdsOf } from '../../src/thresholds/verdict.ts';
import { observe } from '../../support/core/observe.ts';
import { LAYOUT } from '../../support/run/samples.ts';

/**
 * @param fillMarked what of it lies in unreliable windows
 * @param lagMs of these windows
 */
function evaluated(
  id: string,
  limit: number,
  fill: (values: Float64Array) => void,
  fillMarked: (values: Float64Array) => void = () => {},
  lagMs = UNKNOWN_LAG_MS,
): Verdict {
  return verdictOf(id, limit, fill, fillMarked, lagMs)!;
}

function verdictOf(
  id: string,
  limit: number,
  fill: (values: Float64Array) => void,
  fillMarked: (values: Float64Array) => void,
  lagMs: number,
  isSet = true,
  crossings: readonly CrossedTime[] = [],
): Verdict | undefined {
  const shifts = noShifts(LAYOUT.size);
  const marked = new StreamView(LAYOUT, filled(fillMarked));
  addShift(shifts.least, marked, -lagMs);
  addShift(shifts.greatest, marked, lagMs);
  const counts = boundsOf(LAYOUT, filled(fill), shifts);
  return evaluateRun({ ...thresholdById(id)!, limit, isSet }, { name: 'a', index: 0, counts }, crossings);
}

describe('success threshold', () => {
  const table: readonly [
    what: string,
    finished: Partial<Record<Outcome, number>>,
    limit: number,
    expected: { result: ThresholdResult; observed?: number; count: number },
  ][] = [
    ['all complete', { complete: 100 }, 0.99, { result: 'pass', observed: 1, count: 100 }],
    ['above the limit', { complete: 995, reset: 5 }, 0.99, { result: 'pass', observed: 0.995, count: 1000 }],
    ['at the limit', { complete: 99, reset: 1 }, 0.99, { result: 'pass', observed: 0.99, count: 100 }],
    [
      'at the limit of many',
      { complete: 9_990_000, stalled: 10_000 },
      0.999,
      { result: 'pass', observed: 0.999, count: 1e7 },
    ],
    ['just below it', { complete: 989, reset: 11 }, 0.99, { result: 'fail', observed: 0.989, count: 1000 }],
    ['nothing but failures', { connect_error: 7 }, 0.99, { result: 'fail', observed: 0, count: 7 }],
    [
      'limited ones, which are successes',
      { limited: 50, complete: 50 },
      1,
      { result: 'pass', observed: 1, count: 100 },
    ],
    [
      'every kind of failure',
      { complete: 8, http_error: 1, below_minimum: 1 },
      0.8,
      { result: 'pass', observed: 0.8, count: 10 },
    ],
    [
      'cancelled and lost ones, which are outside',
      { complete: 99, reset: 1, cancelled: 500, generator_lost: 500 },
      0.99,
      { result: 'pass', observed: 0.99, count: 100 },
    ],
    [
      'only cancelled and lost ones',
      { cancelled: 10, generator_lost: 10 },
      0.99,
      { result: 'no-data', count: 0 },
    ],
    ['nothing', {}, 0.99, { result: 'no-data', count: 0 }],
  ];
  for (const [what, finished, limit, expected] of table) {
    it(`judges ${what}: ${expected.result}`, () => {
      const verdict = evaluated('success-rate', limit, (values) => {
        for (const [outcome, n] of Object.entries(finished)) {
          values[LAYOUT.slots[0]!.cell[`finished:${outcome as Outcome}`]] = n;
        }
      });
      assert.deepEqual(verdict, {
        threshold: 'success-rate',
        target: 'a',
        limit,
        unit: 'ratio',
        op: '<',
        required: 1,
        crossed: [],
        ...expected,
      });
    });
  }

  it('looks at its own target only', () => {
    const verdict = evaluated('success-rate', 0.99, (values) => {
      values[LAYOUT.slots[0]!.cell['finished:complete']] = 10;
      values[LAYOUT.slots[1]!.cell['finished:reset']] = 1000;
    });
    assert.deepEqual([verdict.result, verdict.count], ['pass', 10]);
  });
});

describe('TTFB threshold', () => {
  const times = (...groups: readonly [count: number, ms: number][]) => {
    return (values: Float64Array): void => {
      for (const [count, ms] of groups) observe(values, LAYOUT.slots[0]!.histogram.ttfb, ms, count);
    };
  };

  const table: readonly [
    what: string,
    groups: [number, number][],
    limitMs: number,
    result: ThresholdResult,
  ][] = [
    ['all below', [[100, 800]], 2500, 'pass'],
    ['all exactly at the limit', [[100, 2500]], 2500, 'pass'],
    ['all a little above it', [[100, 2500.001]], 2500, 'fail'],
    // 1 − 95/100 is more than 0.05 in doubles.
    [
      'exactly one in twenty above',
      [
        [95, 2500],
        [5, 2501],
      ],
      2500,
      'pass',
    ],
    [
      'exactly one in twenty of many above',
      [
        [1_900_000, 100],
        [100_000, 9000],
      ],
      2500,
      'pass',
    ],
    [
      'one more than one in twenty above',
      [
        [94, 2500],
        [6, 2501],
      ],
      2500,
      'fail',
    ],
    [
      'one more than one in twenty of many above',
      [
        [1_899_999, 100],
        [100_001, 9000],
      ],
      2500,
      'fail',
    ],
    [
      'a few far above',
      [
        [99, 100],
        [1, 60_000],
      ],
      2500,
      'pass',
    ],
    ['one stream, above', [[1, 3000]], 2500, 'fail'],
    [
      'a limit of its own, which is an edge',
      [
        [95, 1234],
        [5, 1235],
      ],
      1234,
      'pass',
    ],
    [
      'a limit of its own that is passed',
      [
        [94, 1234],
        [6, 1234.5],
      ],
      1234,
      'fail',
    ],
    ['nothing', [], 2500, 'no-data'],
  ];
  for (const [what, groups, limitMs, result] of table) {
    it(`judges ${what}: ${result}`, () => {
      const verdict = evaluated('ttfb-p95', limitMs, times(...groups));
      assert.equal(verdict.result, result);
      assert.equal(
        verdict.count,
        groups.reduce((sum, [n]) => sum + n, 0),
      );
      if (result === 'no-data') assert.ok(!('observed' in verdict));
      // The figure that is shown never says the opposite.
      else assert.equal(verdict.observed! > limitMs, result === 'fail');
    });
  }

  it('is exact at one in twenty for every number of streams', () => {
    for (let count = 20; count <= 4000; count += 20) {
      const above = count / 20;
      assert.equal(
        evaluated('ttfb-p95', 2500, times([count - above, 2500], [above, 2600])).result,
        'pass',
        `${count}`,
      );
      assert.equal(
        evaluated('ttfb-p95', 2500, times([count - above - 1, 2500], [above + 1, 2600])).result,
        'fail',
        `${count}`,
      );
    }
  });
});

describe('other thresholds', () => {
  type Place = 'ttfb' | 'duration:success' | 'duration:failed';
  const table: readonly [
    what: string,
    id: string,
    limitMs: number,
    groups: readonly [place: Place, count: number, ms: number][],
    result: ThresholdResult,
    observed?: number,
  ][] = [
    [
      'p50, exactly half above',
      'ttfb-p50',
      2500,
      [
        ['ttfb', 50, 2500],
        ['ttfb', 50, 2600],
      ],
      'pass',
    ],
    [
      'p50, more than half above',
      'ttfb-p50',
      2500,
      [
        ['ttfb', 49, 2500],
        ['ttfb', 51, 2600],
      ],
      'fail',
    ],
    [
      'a mean at the limit',
      'ttfb-mean',
      2500,
      [
        ['ttfb', 5, 2000],
        ['ttfb', 5, 3000],
      ],
      'pass',
      2500,
    ],
    [
      'a mean above it',
      'ttfb-mean',
      2500,
      [
        ['ttfb', 5, 2000],
        ['ttfb', 5, 3002],
      ],
      'fail',
      2501,
    ],
    [
      'a mean that a few raise',
      'ttfb-mean',
      2500,
      [
        ['ttfb', 99, 100],
        ['ttfb', 1, 250_000],
      ],
      'fail',
      2599,
    ],
    ['a mean of nothing', 'ttfb-mean', 2500, [], 'no-data'],
    ['a duration at the limit', 'duration-mean', 40_000, [['duration:success', 10, 40_000]], 'pass', 40_000],
    ['a duration above it', 'duration-mean', 40_000, [['duration:success', 10, 40_001]], 'fail', 40_001],
    [
      'failed streams, which have no part in it',
      'duration-mean',
      40_000,
      [
        ['duration:success', 10, 30_000],
        ['duration:failed', 90, 300_000],
      ],
      'pass',
      30_000,
    ],
    ['failed streams alone', 'duration-mean', 40_000, [['duration:failed', 9, 50_000]], 'no-data'],
  ];
  for (const [what, id, limitMs, groups, result, observed] of table) {
    it(`judges ${what}: ${result}`, () => {
      const verdict = evaluated(id, limitMs, (values) => {
        for (const [place, count, ms] of groups)
          observe(values, LAYOUT.slots[0]!.histogram[place], ms, count);
      });
      assert.equal(verdict.result, result);
      if (observed !== undefined) assert.equal(verdict.observed, observed);
      const counted = groups.filter(([place]) => place !== 'duration:failed');
      assert.equal(
        verdict.count,
        counted.reduce((sum, [, n]) => sum + n, 0),
      );
    });
  }

  it('can be evaluated where a verdict rests on them, and not where only Prometheus knows', () => {
    for (const { id, verdict, metric } of THRESHOLDS) {
      if (verdict) assert.equal(evaluated(id, 1, () => {}).result, 'no-data');
      else if (!['success', 'duration', 'stalled', 'active'].includes(metric))
        assert.throws(() => evaluated(id, 1, () => {}), /evaluated by Prometheus alone/, id);
    }
  });

  it('leave out a default limit without data, and keep one that a user set', () => {
    const nothing = (): void => {};
    assert.equal(verdictOf('ttfb-p95', 2500, nothing, nothing, 1, false), undefined);
    assert.equal(verdictOf('ttfb-p95', 2500, nothing, nothing, 1, true)?.result, 'no-data');
  });
});

describe('verdict of a run', () => {
  const table: readonly [judgements: readonly ThresholdResult[], verdict: RunVerdict][] = [
    [['pass', 'pass'], 'pass'],
    [['pass', 'fail'], 'fail'],
    [['pass', 'no-data'], 'inconclusive'],
    [['no-data', 'no-data'], 'inconclusive'],
    [['inconclusive', 'pass'], 'inconclusive'],
    [['no-data', 'fail', 'pass'], 'fail'],
    [['inconclusive', 'fail'], 'fail'],
    [[], 'inconclusive'],
  ];
  for (const [judgements, verdict] of table) {
    it(`of ${judgements.join(' and ') || 'nothing'} is ${verdict}`, () => {
      const verdicts = judgements.map((result): Verdict => {
        return {
          threshold: 't',
          target: 'a',
          result,
          limit: 1,
          unit: 'ms',
          op: '>',
          count: 1,
          required: 1,
          crossed: [],
        };
      });
      assert.equal(overall(verdicts), verdict);
    });
  }
});

describe('limits of a target', () => {
  const of = (id: string, limit: number | 'off'): TargetThreshold => ({ id, limit });
  const idsOf = (own: TargetThreshold[], common: TargetThreshold[] = []) =>
    thresholdsOf(own, common).map((t) => t.id);
  const limitsOf = (own: TargetThreshold[], common: TargetThreshold[] = []) =>
    Object.fromEntries(thresholdsOf(own, common).map((t) => [t.id, t.limit]));
  const table: readonly [
    what: string,
    own: TargetThreshold[],
    common: TargetThreshold[],
    success: number,
    ttfb: number,
  ][] = [
    ['are the defaults', [], [], 0.99, 2500],
    ['are those for all targets before the defaults', [], [of('ttfb-p95', 1200)], 0.99, 1200],
    [
      'are its own before those for all',
      [of('ttfb-p95', 500)],
      [of('ttfb-p95', 1200), of('success-rate', 0.5)],
      0.5,
      500,
    ],
    ['are its own, each by itself', [of('success-rate', 0)], [], 0, 2500],
  ];
  for (const [what, own, common, success, ttfb] of table) {
    it(what, () => {
      const limits = Object.fromEntries(thresholdsOf(own, common).map((t) => [t.id, t.limit]));
      assert.equal(limits['success-rate'], success);
      assert.equal(limits['ttfb-p95'], ttfb);
    });
  }

  it('leave the table as it is', () => {
    thresholdsOf([of('ttfb-p95', 1)], []);
    assert.deepEqual(
      thresholdsOf([], []).map((t) => t.limit),
      THRESHOLDS.filter((t) => t.verdict === true && t.limit !== 'off').map((t) => t.limit),
    );
  });

  it('are for what users feel, each figure once', () => {
    assert.deepEqual(idsOf([]), ['success-rate', 'ttfb-p95', 'ttfb-p50', 'ttfb-mean', 'duration-mean']);
  });

  it('leave out what is off, for all or for one, and take in again what one sets', () => {
    assert.ok(!idsOf([of('ttfb-p95', 'off')]).includes('ttfb-p95'));
    assert.ok(!idsOf([], [of('ttfb-p95', 'off')]).includes('ttfb-p95'));
    assert.equal(limitsOf([of('ttfb-p95', 900)], [of('ttfb-p95', 'off')])['ttfb-p95'], 900);
  });

  it('that are not set are never stricter than the one that they follow', () => {
    const looser = limitsOf([of('ttfb-p95', 4000)]);
    assert.deepEqual([looser['ttfb-p50'], looser['ttfb-mean']], [4000, 4000]);
    const tighter = limitsOf([of('ttfb-p95', 1000)]);
    assert.deepEqual([tighter['ttfb-p50'], tighter['ttfb-mean']], [2500, 2500]);
    const set = limitsOf([of('ttfb-p95', 4000)], [of('ttfb-p50', 3000)]);
    assert.deepEqual([set['ttfb-p50'], set['ttfb-mean']], [3000, 4000]);
    const off = limitsOf([of('ttfb-p95', 'off')]);
    assert.deepEqual([off['ttfb-p50'], off['ttfb-mean']], [2500, 2500]);
  });

  it('are there for every statistic of every timing, off where the table has no default', () => {
    for (const measure of TIMING_MEASURES)
      for (const statistic of TIMING_STATISTICS) {
        const found = thresholdById(`${measure.name}-${statistic}`)!;
        assert.deepEqual([found.metric, found.statistic, found.unit], [measure.name, statistic, 'ms']);
        if (!idsOf([]).includes(found.id)) assert.equal(found.limit, 'off', found.id);
        assert.deepEqual(limitsOf([of(found.id, 777)])[found.id], 777, found.id);
      }
  });

  it('follow one that is there, in the same unit, and no circle', () => {
    for (const t of THRESHOLDS) {
      const seen = [t.id];
      for (let at = t; at.follows !== undefined; ) {
        const next = thresholdById(at.follows);
        assert.ok(next !== undefined && next.unit === t.unit && !seen.includes(next.id), t.id);
        seen.push(next.id);
        at = next;
      }
    }
  });
});

describe('a timing, part of which lies in unreliable windows', () => {
  const slots = LAYOUT.slots[0]!.histogram;
  const fill =
    (times: number, ms: number, slot = slots.ttfb) =>
    (values: Float64Array) => {
      for (let i = 0; i < times; i++) observe(values, slot, ms);
    };
  const both =
    (...fills: ((values: Float64Array) => void)[]) =>
    (values: Float64Array) => {
      for (const one of fills) one(values);
    };
  const UNKNOWN = UNKNOWN_LAG_MS;
  const table: readonly [what: string, Verdict, ThresholdResult][] = [
    // A late instrument makes a timing too long, never too short.
    ['below the limit, all of it', evaluated('ttfb-p95', 1234, fill(100, 100), fill(100, 100)), 'pass'],
    [
      'below it with a lag that is longer',
      evaluated('ttfb-p95', 1234, fill(100, 1200), fill(100, 1200), 5000),
      'pass',
    ],
    [
      'above it by less than the lag',
      evaluated('ttfb-p95', 1234, fill(100, 1300), fill(100, 1300), 100),
      'inconclusive',
    ],
    [
      'above it by more than the lag',
      evaluated('ttfb-p95', 1234, fill(100, 1400), fill(100, 1400), 100),
      'fail',
    ],
    [
      'above it, with a lag that is not known',
      evaluated('ttfb-p95', 1234, fill(100, 9000), fill(100, 9000), UNKNOWN),
      'inconclusive',
    ],
    [
      'a crossing that needs none of it',
      evaluated('ttfb-p95', 1234, both(fill(90, 100), fill(10, 3000)), fill(4, 3000)),
      'fail',
    ],
    [
      'a crossing that rests on it',
      evaluated('ttfb-p95', 1234, both(fill(90, 100), fill(10, 3000)), fill(5, 3000)),
      'inconclusive',
    ],
    [
      'a mean above by less than its part of the lag',
      evaluated('ttfb-mean', 2500, fill(100, 2510), fill(50, 2510), 30),
      'inconclusive',
    ],
    ['a mean above by more', evaluated('ttfb-mean', 2500, fill(100, 2520), fill(50, 2520), 30), 'fail'],
    [
      'the longest, above by less',
      evaluated('ttft-max', 1000, fill(3, 1050, slots.ttft), fill(3, 1050, slots.ttft), 60),
      'inconclusive',
    ],
    [
      'the longest, above by more',
      evaluated('ttft-max', 1000, fill(3, 1100, slots.ttft), fill(3, 1100, slots.ttft), 60),
      'fail',
    ],
    // A gap lies between two reads: it can be off either way.
    [
      'gaps below by more than the lag',
      evaluated('gap-p50', 500, fill(10, 400, slots.gap), fill(10, 400, slots.gap), 60),
      'pass',
    ],
    [
      'gaps below by less',
      evaluated('gap-p50', 500, fill(10, 450, slots.gap), fill(10, 450, slots.gap), 60),
      'inconclusive',
    ],
    [
      'gaps above by less',
      evaluated('gap-p50', 500, fill(10, 550, slots.gap), fill(10, 550, slots.gap), 60),
      'inconclusive',
    ],
    [
      'gaps above by more',
      evaluated('gap-p50', 500, fill(10, 600, slots.gap), fill(10, 600, slots.gap), 60),
      'fail',
    ],
    [
      'a mean of gaps below by less',
      evaluated('gap-mean', 500, fill(10, 490, slots.gap), fill(10, 490, slots.gap), 60),
      'inconclusive',
    ],
    [
      'gaps with a lag that is not known',
      evaluated('gap-mean', 500, fill(10, 1, slots.gap), fill(10, 1, slots.gap)),
      'inconclusive',
    ],
    [
      'gaps of windows that are well',
      evaluated('gap-p99.9', 500, fill(1000, 490, slots.gap), fill(0, 1, slots.gap)),
      'pass',
    ],
    ['too few gaps for a p99.9', evaluated('gap-p99.9', 500, fill(999, 490, slots.gap)), 'no-data'],
  ];
  for (const [what, { result }, expected] of table) {
    it(`${what}: ${expected}`, () => assert.equal(result, expected));
  }

  it('says nothing of success', () => {
    const ok = (values: Float64Array): void => {
      values[LAYOUT.slots[0]!.cell['finished:complete']] = 10;
    };
    assert.equal(evaluated('success-rate', 0.99, ok, ok).result, 'pass');
  });

  it('still fails where its alert would have fired', () => {
    const found = verdictOf('ttfb-p95', 1234, fill(10, 100), fill(10, 100), UNKNOWN, false, [
      { fromAt: 1, toAt: 2, worst: 0.5 },
    ]);
    assert.equal(found?.result, 'fail');
  });
});

function filled(fill: (values: Float64Array) => void): Float64Array {
  const values = new Float64Array(LAYOUT.size);
  fill(values);
  return values;
}
