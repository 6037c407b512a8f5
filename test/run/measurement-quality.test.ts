import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addValues } from '../../src/core/snapshot.ts';
import type { Transport } from '../../src/core/target.ts';
import {
  isSaturated,
  LagWatch,
  NOT_SATURATED,
  saturationAfter,
} from '../../src/run/measurement-quality/lag-watch.ts';
import { PastLag } from '../../src/run/measurement-quality/past-lag.ts';
import type { MeasurementQuality } from '../../src/schema/summary.ts';
import { crossing } from '../../src/thresholds/measures/timing.ts';
import { observe } from '../../support/core/observe.ts';
import { LAYOUT } from '../../support/run/samples.ts';

/** What the canary told in one window. */
interface Window {
  readonly lagMs?: number;
  readonly samples?: number;
  readonly spanMs?: number;
  readonly threads?: number;
  readonly deaths?: number;
  /** For which its engine thread was frozen, in all. */
  readonly frozenMs?: number;
  /** TTFB that were observed in it, of 100 ms each. */
  readonly ttfb?: number;
}

function watchOf(windows: readonly Window[], transports: readonly Transport[] = ['lean']) {
  const values = new Float64Array(LAYOUT.size);
  const moment = { atMs: 0, layout: LAYOUT, values: values.slice(), threads: 1, deaths: 0 };
  const watch = new LagWatch(25, transports, moment);
  const saturated: boolean[] = [];
  let atMs = 0;
  for (const {
    lagMs = 1,
    samples = 500,
    spanMs = 5000,
    threads = 1,
    deaths = 0,
    ttfb = 0,
    frozenMs = 0,
  } of windows) {
    for (let i = 0; i < samples; i++) observe(values, LAYOUT.shared['measurementLag:lean'], lagMs);
    for (let i = 0; i < ttfb; i++) observe(values, LAYOUT.slots[0]!.histogram.ttfb, 100);
    atMs += spanMs;
    watch.close({ atMs, layout: LAYOUT, values: values.slice(), threads, deaths, frozenMs });
    saturated.push(watch.saturated);
  }
  return { watch, saturated };
}

function countsOf({ windows, unreliable }: MeasurementQuality): [number, number] {
  return [windows, unreliable];
}

describe('unreliable windows', () => {
  it('are counted by their cause, and the worst has its time', () => {
    const { quality } = watchOf([
      { lagMs: 80 },
      { samples: 0 },
      { frozenMs: 2000 },
      { frozenMs: 2000 },
    ]).watch;
    assert.deepEqual(quality.causes, { lag: 1, samples: 1, freeze: 1, death: 0 });
    assert.equal(quality.unreliable, 3);
    assert.ok(Math.abs(Date.parse(quality.worstLagAt!) - Date.now()) < 60_000);
    assert.deepEqual(watchOf([{ deaths: 1 }]).watch.quality.causes, {
      lag: 0,
      samples: 0,
      freeze: 0,
      death: 1,
    });
    const good = watchOf([{ samples: 0 }]).watch.quality;
    assert.deepEqual([good.worstLagAt, good.causes.samples], [null, 1]);
  });
});

describe('lag of earlier runs', () => {
  it('bounds the timings only where a window was unreliable, in this run or an earlier one', () => {
    const values = new Float64Array(LAYOUT.size).fill(1000);
    const reliable = watchOf([{ ttfb: 5 }]).watch;
    const late = watchOf([{ lagMs: 80, ttfb: 5 }]).watch;
    const { least, greatest } = late.shifts;
    const sum = (...shifts: Float64Array[]): Float64Array =>
      shifts.reduce((a, b) => addValues(LAYOUT, a, b), values);
    const expectBounds = (past: PastLag, current: LagWatch, times: number): void => {
      const bounds = past.bounds(values, current);
      assert.deepEqual(bounds.observed.values, values);
      assert.deepEqual(bounds.least.values, sum(...Array<Float64Array>(times).fill(least)));
      assert.deepEqual(bounds.greatest.values, sum(...Array<Float64Array>(times).fill(greatest)));
    };
    const past = new PastLag(LAYOUT);
    expectBounds(past, reliable, 0);
    expectBounds(past, late, 1);
    past.add(late);
    expectBounds(past, reliable, 1);
    expectBounds(past, late, 2);
  });

  it('continues in the next process, so that windows of thresholds that began before it stay right', () => {
    const values = new Float64Array(LAYOUT.size);
    const past = new PastLag(LAYOUT);
    assert.equal(past.shifts, undefined);
    past.add(watchOf([{ ttfb: 5 }]).watch);
    assert.equal(past.shifts, undefined, 'no window was unreliable');
    past.add(watchOf([{ lagMs: 80, ttfb: 5 }]).watch);
    const next = new PastLag(LAYOUT);
    next.restore(structuredClone(past.shifts));
    for (const bound of ['least', 'greatest'] as const) {
      assert.ok(past.bounds(values)[bound].values.some((n) => n < 0));
      assert.deepEqual(next.bounds(values)[bound].values, past.bounds(values)[bound].values);
    }
    assert.equal(next.windows, 0, 'that process has counted them');
  });
});

describe('windows of a run', () => {
  it('take a freeze for the lag of their timings, and not for too much load', () => {
    const { watch, saturated } = watchOf([{}, { frozenMs: 8000, ttfb: 3 }]);
    assert.equal(watch.quality.worstLagMs, 8000);
    assert.deepEqual(saturated, [false, false]);
    const { histogram } = LAYOUT.slots[0]!;
    assert.equal(watch.shifts.least[histogram.ttfb.offset], -300);
    assert.equal(watch.shifts.greatest[histogram.ttfb.offset], 24_000);
  });

  const table: readonly [what: string, windows: readonly Window[], unreliable: number][] = [
    ['a lag below the limit', [{ lagMs: 19 }], 0],
    ['a lag above it', [{ lagMs: 21 }], 1],
    ['one of three', [{}, { lagMs: 100 }, {}], 1],
    ['too few samples', [{ samples: 50 }], 1],
    ['none', [{ samples: 0 }], 1],
    ['enough of them, though late', [{ samples: 300 }], 0],
    [
      'too few for two threads',
      [
        { samples: 300, threads: 2 },
        { samples: 300, threads: 2 },
      ],
      1,
    ],
    ['a window too short to have many', [{ samples: 2, spanMs: 400 }], 0],
    ['a short one that is late', [{ samples: 2, spanMs: 400, lagMs: 80 }], 1],
    [
      'a thread that was frozen, though its samples are good',
      [{}, { frozenMs: 8000 }, { frozenMs: 8000 }],
      1,
    ],
    ['a thread that died', [{}, { deaths: 1 }, { deaths: 1 }], 1],
  ];
  for (const [what, windows, unreliable] of table) {
    it(`with ${what}: ${unreliable} unreliable`, () => {
      assert.deepEqual(countsOf(watchOf(windows).watch.quality), [windows.length, unreliable]);
    });
  }

  it('are unreliable where one transport of two is not heard', () => {
    assert.deepEqual(countsOf(watchOf([{}], ['lean', 'undici']).watch.quality), [1, 1]);
  });

  it('move what was counted in the unreliable ones by their lag, and keep the worst lag', () => {
    const { watch } = watchOf([{ ttfb: 7 }, { lagMs: 40, ttfb: 5 }, { samples: 0, ttfb: 3 }, { lagMs: 90 }]);
    const { offset, scale } = LAYOUT.slots[0]!.histogram.ttfb;
    const { least, greatest } = watch.shifts;
    const bins = (values: Float64Array) => {
      const found: [number, number][] = [];
      values.subarray(offset + 2, offset + 2 + scale.bins).forEach((n, bin) => {
        if (n !== 0) found.push([scale.edges[bin] ?? Number.POSITIVE_INFINITY, n]);
      });
      return found;
    };
    // 40 ms are widened to at most 50.1, and rounded down by one bin: 100 ms were at least 48.
    const [[zero, three], [low, five], [from, eight]] = bins(least) as [
      [number, number],
      [number, number],
      [number, number],
    ];
    assert.deepEqual([zero, three, five, from, eight], [0.01, 3, 5, 100, -8]);
    assert.ok(low >= 48 && low <= 52, `${low}`);
    const [, [high, more], [top, unknown]] = bins(greatest) as [
      [number, number],
      [number, number],
      [number, number],
    ];
    assert.ok(high >= 149 && high <= 152, `${high}`);
    assert.deepEqual([more, top, unknown], [5, Number.POSITIVE_INFINITY, 3]);
    assert.ok(least[offset]! <= -3 * 100 - 5 * 49 && least[offset]! >= -3 * 100 - 5 * 51, `${least[offset]}`);
    const { worstLagMs, limitMs } = watch.quality;
    assert.ok(worstLagMs! > 85 * 1.25 && worstLagMs! <= 90 * 1.25 + 0.1, `${worstLagMs}`);
    assert.equal(limitMs, 25);
  });
});

describe('saturation', () => {
  const well: Window = { lagMs: 1 };
  const near: Window = { lagMs: 20 };
  const late: Window = { lagMs: 60 };

  it('begins with the first window that is late, and ends after six that are far from it', () => {
    const { saturated } = watchOf([well, late, well, well, well, well, well, well, well]);
    assert.deepEqual(saturated, [false, true, true, true, true, true, true, false, false]);
  });

  it('does not end while windows are near the limit', () => {
    const { saturated } = watchOf([late, ...Array(20).fill(near), ...Array(6).fill(well)]);
    assert.equal(saturated.indexOf(false), 26);
  });

  it('begins with a canary that is not heard', () => {
    assert.deepEqual(watchOf([well, { samples: 0 }]).saturated, [false, true]);
  });

  it('does not begin with a thread that died: the others are in time', () => {
    assert.deepEqual(watchOf([well, { deaths: 1 }]).saturated, [false, false]);
  });

  it('counts windows in a row', () => {
    let state = saturationAfter(NOT_SATURATED, true, false);
    for (let i = 0; i < 5; i++) state = saturationAfter(state, false, true);
    assert.equal(isSaturated(state), true);
    state = saturationAfter(state, false, false);
    for (let i = 0; i < 5; i++) state = saturationAfter(state, false, true);
    assert.equal(isSaturated(state), true);
    assert.equal(isSaturated(saturationAfter(state, false, true)), false);
  });
});

describe('a value and its interval', () => {
  it('is crossed, ok or inconclusive by where the limit lies', () => {
    const above = (limit: number) => (value: number) => value > limit;
    assert.equal(crossing({ least: 2, greatest: 4 }, above(1)), 'crossed');
    assert.equal(crossing({ least: 2, greatest: 4 }, above(3)), 'inconclusive');
    assert.equal(crossing({ least: 2, greatest: 4 }, above(4)), 'ok');
  });
});
