import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SignalId } from '../../src/drift/signals.ts';
import { driftText } from '../../src/drift/text.ts';
import { DriftWatch, type DriftWindow, windowMsFor } from '../../src/drift/watch.ts';
import { carryOut, MINUTE_MS } from '../../support/drift/made-run.ts';
import { ar, NOISES, randoms } from '../../support/drift/noise.ts';

const P95: readonly SignalId[] = ['ttfb-p95'];

function watchOf(targets: readonly string[], signals = P95, limit: number | undefined = 2500): DriftWatch {
  return new DriftWatch({
    watched: targets.map((target) => ({ target, signals })),
    windowMs: MINUTE_MS,
    limitOf: () => limit,
  });
}

const NOISE = ar(0.3)(480, randoms(1)(1));
/** 1350 ms, with noise of 27 ms, and what is added. */
const ttfb = (i: number, add = 0): number => 1350 + 27 * NOISE[i % 480]! + add;

interface Minute {
  readonly value?: number;
  readonly count?: number;
  readonly load?: number;
  readonly unreliable?: boolean;
}

function feed(watch: DriftWatch, minutes: number, at: (i: number) => Minute, target = 'a'): number {
  let live = 0;
  for (let i = 0; i < minutes; i++) {
    const { value = ttfb(i), count = 200, load = 100, unreliable = false } = at(i);
    watch.add((i + 1) * MINUTE_MS, [{ target, load, unreliable, values: { 'ttfb-p95': { value, count } } }]);
    if (watch.isDue && watch.evaluate().length > 0) live++;
  }
  return live;
}

describe('what is not a drift of the target', () => {
  const kinds: readonly (readonly [what: string, at: (i: number) => Minute])[] = [
    ['a ramp of users, and what it does to TTFB', (i) => ({ load: i, value: ttfb(i, 3 * i) })],
    [
      'steps of users',
      (i) => ({ load: 100 * (1 + Math.floor(i / 80)), value: ttfb(i, 300 * Math.floor(i / 80)) }),
    ],
    [
      'spikes of users, and what they do more each time',
      (i) => (i % 10 > 5 ? { load: 900, value: ttfb(i, 10 * i) } : {}),
    ],
    ["the generator's own lag", (i) => (i % 3 > 0 ? { unreliable: true, value: ttfb(i, 5 * i) } : {})],
    ['windows of too few streams', (i) => (i % 3 > 0 ? { count: 3, value: ttfb(i, 5 * i) } : {})],
    ['windows without any stream', (i) => (i % 3 > 0 ? { count: 0, value: Number.NaN } : {})],
    [
      'a run that is paused while caches grow cold',
      (i) => (i > 200 && i < 300 ? { load: 0, value: 9000 } : {}),
    ],
    ['a signal that never moves', () => ({ value: 1350 })],
    ['a climb too small to matter', (i) => ({ value: 1350 + (3 * i) / 60 })],
    ['a fall', (i) => ({ value: ttfb(i, -i) })],
  ];
  for (const [what, at] of kinds) {
    it(what, () => {
      const watch = watchOf(['a']);
      assert.equal(feed(watch, 480, at), 0);
      assert.deepEqual(watch.last().drifts, []);
    });
  }
});

describe('a leak is found', () => {
  const kinds: readonly (readonly [what: string, at: (i: number) => Minute])[] = [
    ['though two windows of three are unreliable', (i) => ({ unreliable: i % 3 > 0, value: ttfb(i, 2 * i) })],
    [
      'though a spike of users comes each hour',
      (i) => ({ load: i % 60 > 50 ? 900 : 100, value: ttfb(i, 2 * i) }),
    ],
    [
      'after a ramp of two hours',
      (i) => ({ load: Math.min(120, i + 1), value: ttfb(i, i < 120 ? 500 : 2 * i) }),
    ],
    ['after a pause of two hours', (i) => ({ load: i > 100 && i < 220 ? 0 : 100, value: ttfb(i, 2 * i) })],
  ];
  for (const [what, at] of kinds) {
    it(what, () => {
      const watch = watchOf(['a']);
      assert.ok(feed(watch, 480, at) > 0, 'live');
      const [drift] = watch.last().drifts;
      assert.equal(drift?.kind, 'trend');
      assert.ok(Math.abs(drift.slopePerHour - 120) < 12, driftText(drift));
    });
  }

  it('on the one of 50 targets that has it, with what the others do not have', () => {
    const targets = Array.from({ length: 50 }, (_, t) => `t${t}`);
    const watch = watchOf(targets);
    const noises = targets.map((_, t) => NOISES['AR 0.4'](480, randoms(t)(1)));
    for (let i = 0; i < 480; i++) {
      watch.add(
        (i + 1) * MINUTE_MS,
        targets.map((target, t): DriftWindow => {
          const value = 1350 + 27 * noises[t]![i]! + (t === 17 ? i / 3 : 0);
          return { target, load: 1, unreliable: false, values: { 'ttfb-p95': { value, count: 200 } } };
        }),
      );
    }
    const { drifts, evaluated, notEvaluated } = watch.last();
    assert.deepEqual(
      drifts.map((d) => d.target),
      ['t17'],
    );
    assert.deepEqual([evaluated, notEvaluated], [50, 0]);
  });
});

describe('live', () => {
  it('is empty again when the load has changed', () => {
    const watch = watchOf(['a']);
    feed(watch, 300, (i) => ({ value: ttfb(i, 2 * i) }));
    assert.equal(watch.live.length, 1);
    for (let i = 300; i < 380; i++) {
      watch.add((i + 1) * MINUTE_MS, [
        { target: 'a', load: 500, unreliable: false, values: { 'ttfb-p95': { value: ttfb(i), count: 200 } } },
      ]);
    }
    assert.deepEqual(watch.live, []);
  });

  it('is empty again when a target has settled', () => {
    const watch = watchOf(['a']);
    feed(watch, 1500, (i) => ({ value: ttfb(i, 2 * Math.min(i, 200)) }));
    assert.deepEqual(watch.live, []);
  });

  it('comes in parts that others can run between, and is whole at their end', () => {
    const watch = watchOf(['a', 'b']);
    let parts = 0;
    for (let i = 0; i < 200; i++) {
      const values = { 'ttfb-p95': { value: ttfb(i, 3 * i), count: 200 } };
      watch.add((i + 1) * MINUTE_MS, [
        { target: 'a', load: 1, unreliable: false, values },
        { target: 'b', load: 1, unreliable: false, values },
      ]);
      if (!watch.isDue) continue;
      const before = watch.live;
      for (const _ of watch.evaluating()) {
        parts++;
        assert.equal(watch.live, before);
      }
      assert.equal(watch.isDue, false);
    }
    assert.ok(parts > 10);
    assert.equal(watch.live.length, 2);
  });
});

describe('too little is a result as well', () => {
  it('of a short run', () => {
    const watch = watchOf(['a']);
    feed(watch, 25, (i) => ({ value: ttfb(i, 100 * i) }));
    assert.deepEqual(watch.last(), { drifts: [], periodic: [], evaluated: 0, notEvaluated: 1 });
  });

  it('of a run without any window', () => {
    assert.deepEqual(watchOf(['a', 'b']).last(), { drifts: [], periodic: [], evaluated: 0, notEvaluated: 2 });
  });
});

describe('the generator', () => {
  it('is watched without a target', () => {
    const made = NOISES['AR 0.6'](240, randoms(1)(1)).map((v, i) => 2 ** 20 * (120 + v + i / 6));
    const [drift] = carryOut({ 'generator-rss': made }).report.drifts;
    assert.equal(drift?.target, null);
    assert.match(
      driftText(drift),
      /^Memory of soakd has an upward trend of (9\.\d|10) MiB an hour \(95 % interval .*\)$/,
    );
  });
});

describe('the length of windows', () => {
  const lengths: readonly (readonly [durationMs: number, windowMs: number])[] = [
    [60_000, 1000],
    [240_000, 2000],
    [3_600_000, 30_000],
    [7_200_000, 60_000],
    [30 * 86_400_000, 60_000],
    [Number.POSITIVE_INFINITY, 60_000],
  ];
  for (const [durationMs, windowMs] of lengths) {
    it(`of a run of ${durationMs / 60_000} min is ${windowMs / 1000} s`, () =>
      assert.equal(windowMsFor(durationMs), windowMs));
  }
});
