import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  endMs,
  extend,
  type LivePlan,
  livePlanOf,
  pause,
  piecesToFollow,
  resume,
  setLevel,
  skip,
} from '../../src/load/live-plan.ts';
import { arrivalPacerOf, userPacerOf } from '../../src/load/pacer.ts';
import type { Stage } from '../../src/shapes/list.ts';
import { areaIn } from '../../src/shapes/piece.ts';

const STAGES: Stage[] = [
  { shape: 'hold', level: 100, durationMs: 10_000 },
  { shape: 'ramp', from: 100, to: 300, durationMs: 20_000 },
  { shape: 'sine', min: 100, max: 300, periodMs: 8000, durationMs: 20_000 },
];

const start = (): LivePlan => livePlanOf(STAGES);
const pacer = (livePlan: LivePlan) => userPacerOf(piecesToFollow(livePlan));
/** Levels at times, rounded: what a gauge would show. */
const levels = (livePlan: LivePlan, ...atMs: number[]): number[] =>
  atMs.map((at) => Math.round(pacer(livePlan).level(at)));

describe('the course of a run that is changed', () => {
  const CHANGES: readonly (readonly [
    what: string,
    livePlan: () => LivePlan,
    at: readonly number[],
    levels: readonly number[],
    end: number,
  ])[] = [
    ['is the plan', start, [0, 9999, 20_000, 32_000, 49_999], [100, 100, 200, 300, 200], 50_000],
    [
      'holds a level for the rest of the stage only',
      () => setLevel(start(), 4000, 800),
      [3999, 4000, 9999, 10_000, 20_000],
      [100, 800, 800, 100, 200],
      50_000,
    ],
    [
      'can be set within a ramp',
      () => setLevel(start(), 20_000, 7),
      [19_999, 20_000, 29_999, 32_000],
      [200, 7, 7, 300],
      50_000,
    ],
    [
      'can be set after a ramp from where it is',
      () => setLevel(start(), 4000, 300, 2000),
      [3999, 4000, 5000, 6000, 9999, 10_000],
      [100, 100, 200, 300, 300, 100],
      50_000,
    ],
    [
      'can be set after a ramp down, from the middle of another one',
      () => setLevel(start(), 20_000, 100, 5000),
      [19_999, 22_500, 25_000, 29_999],
      [200, 150, 100, 100],
      50_000,
    ],
    [
      'is set at once where the stage ends before its ramp would',
      () => setLevel(start(), 4000, 300, 6000),
      [3999, 4000, 9999, 10_000],
      [100, 300, 300, 100],
      50_000,
    ],
    [
      'takes the last of several levels',
      () => setLevel(setLevel(start(), 1000, 500), 2000, 0),
      [999, 1999, 2000, 9999, 10_000],
      [100, 500, 0, 0, 100],
      50_000,
    ],
    ['stands at 0 while it is paused', () => pause(start(), 4000), [3999, 4000, 1e9], [100, 0, 0], 50_000],
    [
      'goes on after a pause where it was, in the middle of a ramp',
      () => resume(pause(start(), 20_000), 25_000),
      [19_999, 20_000, 24_999, 25_000, 30_000, 37_000],
      [200, 0, 0, 200, 250, 300],
      55_000,
    ],
    [
      'goes on after a pause in the middle of a wave',
      () => resume(pause(start(), 31_000), 131_000),
      [30_999, 131_000, 132_000, 136_000],
      [271, 271, 300, 100],
      150_000,
    ],
    [
      'skips to the next stage',
      () => skip(start(), 4000),
      [3999, 4000, 14_000, 26_000],
      [100, 100, 200, 300],
      44_000,
    ],
    [
      'is over when the last stage is skipped',
      () => skip(start(), 45_000),
      [44_999, 45_000],
      [129, 0],
      45_000,
    ],
    [
      'is longer by an extension of the present stage',
      () => extend(start(), 4000, 5000),
      [9999, 14_999, 25_000],
      [100, 100, 200],
      55_000,
    ],
    [
      'holds the end of a ramp that is extended',
      () => extend(start(), 15_000, 5000),
      [29_999, 34_999, 37_000],
      [300, 300, 300],
      55_000,
    ],
    [
      'keeps what is set while it is paused for later',
      () => resume(setLevel(pause(start(), 4000), 5000, 50), 6000),
      [3999, 5500, 6000, 11_999, 12_000],
      [100, 0, 50, 50, 100],
      52_000,
    ],
    [
      'skips and extends while it is paused',
      () => resume(extend(skip(pause(start(), 4000), 5000), 5000, 1000), 6000),
      [5500, 6000, 16_000, 26_500, 29_000],
      [0, 100, 200, 300, 300],
      47_000,
    ],
  ];
  for (const [what, make, at, expected, end] of CHANGES) {
    it(what, () => {
      const livePlan = make();
      assert.deepEqual(levels(livePlan, ...at), expected);
      assert.equal(endMs(livePlan, livePlan.pausedAtMs ?? 0), end);
    });
  }

  it('moves its end while it is paused', () => {
    const paused = pause(start(), 4000);
    assert.deepEqual(
      [4000, 5000, 60_000].map((now) => endMs(paused, now)),
      [50_000, 51_000, 106_000],
    );
    assert.equal(resume(paused, 60_000).pausesMs, 56_000);
  });

  it('tells the stage it is in, in a pause as well', () => {
    const { stage } = pacer(resume(pause(skip(start(), 4000), 6000), 8000));
    assert.deepEqual([0, 4000, 7000, 8000, 30_000, 99_000].map(stage), [0, 1, 1, 1, 2, 2]);
  });

  it('lets users join after one another where a level is raised, and takes none twice', () => {
    const { due } = pacer(setLevel(start(), 4000, 800));
    assert.deepEqual([due(0, 4000), due(99, 4000)], [4000, 4000]);
    assert.deepEqual([due(100, 0), due(400, 0), due(799, 0)].map(Math.round), [4000, 4100, 4233]);
    assert.equal(due(800, 0), Number.POSITIVE_INFINITY);
  });

  it('brings the arrivals before a change when it would have, and as many after it as the new rate says', () => {
    const stages: Stage[] = [{ shape: 'hold', level: 10, durationMs: 10_000 }];
    const when = (livePlan: LivePlan) => arrivalPacerOf(piecesToFollow(livePlan)).when;
    const changed = setLevel(livePlanOf(stages), 5000, 100);
    for (let n = 0; n < 50; n++) assert.equal(when(changed)(n), when(livePlanOf(stages))(n));
    assert.deepEqual(
      [50, 51, 549].map((n) => Math.round(when(changed)(n)!)),
      [5000, 5010, 9990],
    );
    assert.equal(when(changed)(550), undefined);
    const paused = pause(livePlanOf(stages), 5000);
    assert.deepEqual([when(paused)(49), when(paused)(50)], [4900, undefined]);
    assert.equal(Math.round(when(resume(paused, 8000))(50)!), 8000);
  });

  const change = fc.tuple(
    fc.constantFrom('set', 'pause', 'resume', 'skip', 'extend'),
    fc.integer({ min: 1, max: 20_000 }),
    fc.integer({ min: 0, max: 1000 }),
  );

  it('keeps its past, has no hole and counts its time, whatever is done to it', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        let livePlan = start();
        let now = 0;
        for (const [what, waitMs, n] of changes) {
          now += waitMs;
          if (livePlan.pausedAtMs === undefined && now >= endMs(livePlan, now)) break;
          const before = pacer(livePlan);
          const past = [0.1, 0.5, 0.9].map((part) => before.level(now * part));
          if (what === 'set') livePlan = setLevel(livePlan, now, n);
          else if (what === 'skip') livePlan = skip(livePlan, now);
          else if (what === 'extend') livePlan = extend(livePlan, now, n + 1);
          else if (what === 'pause' && livePlan.pausedAtMs === undefined) livePlan = pause(livePlan, now);
          else if (what === 'resume' && livePlan.pausedAtMs !== undefined) livePlan = resume(livePlan, now);
          const after = pacer(livePlan);
          [0.1, 0.5, 0.9].forEach((part, i) => {
            assert.ok(Math.abs(after.level(now * part) - past[i]!) < 1e-6, `level at ${now * part}`);
          });
          for (const k of [0, 150, 250]) {
            const due = after.due(k, now);
            assert.ok(due >= now && (due === Number.POSITIVE_INFINITY || after.level(due) >= k + 1 - 1e-6));
          }
          const pieces = piecesToFollow(livePlan);
          assert.ok(pieces.every((p, i) => p.fromMs === (pieces[i - 1]?.toMs ?? 0) && p.toMs > p.fromMs));
          assert.ok(pieces.every((p, i) => i === 0 || p.stage >= pieces[i - 1]!.stage));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('stays small and brings as many streams, however often it is changed', () => {
    let livePlan = livePlanOf([{ shape: 'hold', level: 5, durationMs: 1e7 }]);
    let area = 0;
    for (let i = 1; i <= 5000; i++) {
      area += (i === 1 ? 5 : (i - 1) % 50) * 1000;
      livePlan = setLevel(livePlan, i * 1000, i % 50);
    }
    assert.ok(livePlan.pieces.length < 300, `${livePlan.pieces.length} pieces`);
    const past = livePlan.pieces.filter((p) => p.toMs <= 5e6).reduce((sum, p) => sum + areaIn(p, p.toMs), 0);
    assert.ok(Math.abs(past / area - 1) < 1e-9, `${past}, expected ${area}`);
  });
});
