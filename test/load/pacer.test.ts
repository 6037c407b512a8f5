import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../src/core/random.ts';
import { arrivalPacer, arrivalSums, userPacer } from '../../src/load/pacer.ts';
import { share } from '../../src/load/plan.ts';
import type { Stage } from '../../src/shapes/list.ts';

const HOLD: Stage[] = [{ shape: 'hold', level: 5, durationMs: 1000 }];
const RAMP_UP: Stage[] = [{ shape: 'ramp', from: 0, to: 10, durationMs: 1000 }];
const RAMP_DOWN: Stage[] = [{ shape: 'ramp', from: 10, to: 0, durationMs: 1000 }];
const STEPS: Stage[] = [{ shape: 'steps', levels: [2, 6, 3], durationMs: 3000 }];
const SPIKE: Stage[] = [{ shape: 'spike', base: 1, peak: 9, atMs: 400, widthMs: 200, durationMs: 1000 }];
const SPIKE_AT_END: Stage[] = [
  { shape: 'spike', base: 1, peak: 9, atMs: 900, widthMs: 200, durationMs: 1000 },
];
const SINE: Stage[] = [{ shape: 'sine', min: 0, max: 10, periodMs: 1000, durationMs: 3000 }];
const SAWTOOTH: Stage[] = [{ shape: 'sawtooth', from: 2, to: 6, periodMs: 1000, durationMs: 2500 }];
const FLAT_SINE: Stage[] = [{ shape: 'sine', min: 4, max: 4, periodMs: 1000, durationMs: 1000 }];
const CONTINUED: Stage[] = [
  { shape: 'ramp', from: 0, to: 4, durationMs: 1000 },
  { shape: 'hold', level: 4, durationMs: 1000 },
  { shape: 'ramp', from: 4, to: 0, durationMs: 1000 },
];
/** A sine that ends in its middle, though not in doubles, and goes on as it is. */
const SINE_THEN_HOLD: Stage[] = [
  { shape: 'sine', min: 0, max: 100, periodMs: 1000, durationMs: 3000 },
  { shape: 'hold', level: 50, durationMs: 1000 },
];

/** Any shapes of whole levels up to 60, none shorter than the spread of a jump to 60. */
const anyLevel = fc.integer({ min: 0, max: 60 });
const anyDuration = fc.integer({ min: 200, max: 3000 });
const anyStage: fc.Arbitrary<Stage> = fc.oneof(
  fc.record({ shape: fc.constant('hold' as const), level: anyLevel, durationMs: anyDuration }),
  fc.record({ shape: fc.constant('ramp' as const), from: anyLevel, to: anyLevel, durationMs: anyDuration }),
  fc.record({
    shape: fc.constant('steps' as const),
    levels: fc.array(anyLevel, { minLength: 1, maxLength: 4 }),
    durationMs: anyDuration,
  }),
  fc.record({
    shape: fc.constant('spike' as const),
    base: anyLevel,
    peak: anyLevel,
    atMs: fc.integer({ min: 0, max: 150 }),
    widthMs: fc.integer({ min: 1, max: 300 }),
    durationMs: anyDuration,
  }),
  fc
    .tuple(anyLevel, anyLevel, fc.integer({ min: 200, max: 2000 }), anyDuration)
    .map(([a, b, periodMs, durationMs]) => ({
      shape: 'sine' as const,
      min: Math.min(a, b),
      max: Math.max(a, b),
      periodMs,
      durationMs,
    })),
);
const anyStages = fc.array(anyStage, { minLength: 1, maxLength: 4 });

describe('level of a plan', () => {
  const table: readonly [
    what: string,
    stages: readonly Stage[],
    points: readonly [atMs: number, level: number][],
  ][] = [
    [
      'hold',
      HOLD,
      [
        [-1, 0],
        [0, 5],
        [999.9, 5],
        [1000, 0],
      ],
    ],
    [
      'ramp up',
      RAMP_UP,
      [
        [0, 0],
        [100, 1],
        [500, 5],
        [999, 9.99],
        [1000, 0],
      ],
    ],
    [
      'ramp down',
      RAMP_DOWN,
      [
        [0, 10],
        [500, 5],
        [1000, 0],
      ],
    ],
    [
      'steps',
      STEPS,
      [
        [0, 2],
        [999, 2],
        [1000, 6],
        [1999, 6],
        [2000, 3],
        [2999, 3],
        [3000, 0],
      ],
    ],
    [
      'spike',
      SPIKE,
      [
        [0, 1],
        [399, 1],
        [400, 9],
        [599, 9],
        [600, 1],
        [999, 1],
        [1000, 0],
      ],
    ],
    [
      'spike that is cut by the end',
      SPIKE_AT_END,
      [
        [899, 1],
        [900, 9],
        [999, 9],
        [1000, 0],
      ],
    ],
    [
      'sine',
      SINE,
      [
        [0, 5],
        [250, 10],
        [500, 5],
        [750, 0],
        [1250, 10],
        [3000, 0],
      ],
    ],
    [
      'sawtooth whose last ramp is cut',
      SAWTOOTH,
      [
        [0, 2],
        [500, 4],
        [999, 5.996],
        [1000, 2],
        [2000, 2],
        [2499, 3.996],
        [2500, 0],
      ],
    ],
    [
      'stages in a row',
      CONTINUED,
      [
        [0, 0],
        [500, 2],
        [1500, 4],
        [2500, 2],
        [3000, 0],
      ],
    ],
  ];
  for (const [what, stages, points] of table) {
    it(`of a ${what} is as planned`, () => {
      const { level } = userPacer(stages);
      for (const [atMs, expected] of points) {
        assert.ok(
          Math.abs(level(atMs) - expected) < 1e-6,
          `at ${atMs} ms: ${level(atMs)}, planned ${expected}`,
        );
      }
    });
  }

  it('has a length, a peak and stages', () => {
    const { durationMs, peak, stage } = userPacer(CONTINUED);
    assert.equal(durationMs, 3000);
    assert.equal(peak, 4);
    assert.deepEqual([-1, 0, 999, 1000, 2000, 2999, 3000, 9999].map(stage), [0, 0, 0, 1, 2, 2, 2, 2]);
    assert.deepEqual(
      [HOLD, RAMP_DOWN, STEPS, SPIKE, SINE].map((stages) => userPacer(stages).peak),
      [5, 10, 6, 9, 10],
    );
  });

  it('is never above its peak', () => {
    fc.assert(
      fc.property(anyStages, fc.double({ min: 0, max: 12_000, noNaN: true }), (stages, atMs) => {
        const { level, peak } = userPacer(stages);
        assert.ok(level(atMs) <= peak + 1e-9);
      }),
    );
  });
});

describe('users of the closed model', () => {
  const NEVER = Number.POSITIVE_INFINITY;
  const table: readonly [
    what: string,
    stages: readonly Stage[],
    k: number,
    sinceMs: number,
    dueMs: number,
  ][] = [
    ['the first user of a hold at once', HOLD, 0, 0, 0],
    ['before the start at the start', HOLD, 0, -50, 0],
    ['one that is free again at once', HOLD, 0, 321.5, 321.5],
    ['the fourth after a spread of a third of a millisecond each', HOLD, 3, 0, 1],
    ['one above the level never', HOLD, 5, 0, NEVER],
    ['nobody at the end', HOLD, 0, 1000, NEVER],
    ['nobody after it', HOLD, 0, 5000, NEVER],
    ['on a ramp when the level reaches it', RAMP_UP, 0, 0, 100],
    ['on a ramp later ones later', RAMP_UP, 8, 0, 900],
    ['one whose level is reached at the very end never', RAMP_UP, 9, 0, NEVER],
    ['on a ramp down while it is wanted', RAMP_DOWN, 4, 499, 499],
    ['on a ramp down never again once the level is below', RAMP_DOWN, 4, 501, NEVER],
    ['on a ramp down the last one for a moment', RAMP_DOWN, 9, 0.001, NEVER],
    ['a step up', STEPS, 3, 0, 1000 + 1000 / 3000],
    ['a step up for one that is there already', STEPS, 1, 1000, 1000],
    ['a step down that leaves it out', STEPS, 4, 2000, NEVER],
    ['a spike', SPIKE, 8, 0, 400 + 7000 / 3000],
    ['a spike that is over', SPIKE, 8, 600, NEVER],
    ['a spike that goes on', SPIKE, 8, 550, 550],
    ['a sine on its way up', SINE, 7, 0, (1000 * Math.asin(0.6)) / (2 * Math.PI)],
    ['a sine at its top', SINE, 9, 0, 250],
    ['a sine that is past its top: the next period', SINE, 9, 251, 1250],
    ['a sine in its last period: never again', SINE, 9, 2251, NEVER],
    ['a sine whose bottom is left', SINE, 2, 700, 1000 - (1000 * Math.asin(0.4)) / (2 * Math.PI)],
    ['a sine that starts above it', SINE, 3, 0, 1],
    ['a sine without a swing', FLAT_SINE, 3, 0, 1],
    ['a sine without a swing, one too many', FLAT_SINE, 4, 0, NEVER],
    ['a hold that continues a ramp: no second spread', CONTINUED, 3, 999, 1000],
    ['a hold that continues a sine, though rounding says otherwise', SINE_THEN_HOLD, 49, 3000, 3000],
  ];
  for (const [what, stages, k, sinceMs, dueMs] of table) {
    it(`are due: ${what}`, () => {
      const due = userPacer(stages).due(k, sinceMs);
      if (dueMs === NEVER) assert.equal(due, NEVER);
      else assert.ok(Math.abs(due - dueMs) < 1e-6, `due ${due}, expected ${dueMs}`);
    });
  }

  it('join a jump at 3000 a second', () => {
    const { due } = userPacer([{ shape: 'hold', level: 3000, durationMs: 60_000 }]);
    const dues = Array.from({ length: 3000 }, (_, k) => due(k, 0));
    assert.equal(dues[0], 0);
    for (let k = 1; k < 3000; k++) assert.ok(Math.abs(dues[k]! - dues[k - 1]! - 1 / 3) < 1e-6);
    for (let from = 0; from < 1000; from += 100) {
      assert.equal(dues.filter((d) => d >= from - 1e-6 && d < from + 100 - 1e-6).length, 300);
    }
  });

  it('join a jump after those who are there already, and at the pace that is asked for', () => {
    const stages: Stage[] = [{ shape: 'steps', levels: [100, 200], durationMs: 20_000 }];
    const { due } = userPacer(stages, 50);
    assert.deepEqual(
      [99, 100, 101, 199].map((k) => due(k, 10_000)),
      [10_000, 10_000, 10_020, 11_980],
    );
  });

  it('do not join a jump that is over before it is their turn', () => {
    const { due } = userPacer([
      { shape: 'spike', base: 0, peak: 3000, atMs: 0, widthMs: 100, durationMs: 1000 },
    ]);
    assert.ok(due(299, 0) < 100);
    assert.equal(due(300, 0), NEVER);
    assert.equal(due(2999, 0), NEVER);
  });

  it('who missed a jump come when the same wave wants them again', () => {
    // User 25 has its turn 625 ms after the start, when this wave is below it.
    const { due, level } = userPacer(
      [{ shape: 'sine', min: 10, max: 50, periodMs: 1000, durationMs: 5000 }],
      40,
    );
    const at = due(25, 0);
    assert.ok(level(625) < 26);
    assert.ok(at > 625 && at < 1000 && Math.abs(level(at) - 26) < 1e-6, `due ${at}`);
  });

  it('leave and come back', () => {
    const stages: Stage[] = [{ shape: 'steps', levels: [10, 4, 10], durationMs: 3000 }];
    const { due } = userPacer(stages);
    assert.equal(due(7, 500), 500);
    assert.ok(Math.abs(due(7, 1500) - (2000 + 3 / 3)) < 1e-6);
    assert.equal(due(2, 1500), 1500);
  });

  it('are at every moment as many as the level says', () => {
    fc.assert(
      fc.property(anyStages, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (stages, share) => {
        const { due, level, peak, durationMs } = userPacer(stages);
        // Between whole milliseconds: nothing jumps there.
        const atMs = Math.floor(share * durationMs) + 0.123;
        const present = Array.from({ length: peak + 3 }, (_, k) => k).filter((k) => due(k, atMs) === atMs);
        assert.equal(present.length, Math.floor(level(atMs) + 1e-9));
        assert.deepEqual(present, [...present.keys()]);
      }),
      { numRuns: 1000 },
    );
  });

  it('are due where the level wants them, not in the past and before the end, or never', () => {
    const anySince = fc.double({ min: 0, max: 12_000, noNaN: true });
    fc.assert(
      fc.property(anyStages, fc.integer({ min: 0, max: 62 }), anySince, (stages, k, sinceMs) => {
        const { due, level, durationMs } = userPacer(stages);
        const at = due(k, sinceMs);
        if (at === NEVER) return;
        assert.ok(at >= sinceMs - 1e-6 && at < durationMs, `due ${at}`);
        assert.ok(level(at) >= k + 1 - 1e-6, `level ${level(at)} at ${at}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('are due as soon as the level wants them for longer than a jump is spread', () => {
    const spreadMs = 21;
    fc.assert(
      fc.property(anyStages, fc.integer({ min: 0, max: 59 }), fc.nat(3000), (stages, k, sinceMs) => {
        const { due, level, durationMs } = userPacer(stages);
        let first = sinceMs;
        let wantedMs = 0;
        for (let t = sinceMs; t < durationMs && wantedMs <= spreadMs; t++) {
          if (level(t) >= k + 1) wantedMs++;
          else [wantedMs, first] = [0, t + 1];
        }
        if (wantedMs > spreadMs)
          assert.ok(due(k, sinceMs) <= first + spreadMs, `due ${due(k, sinceMs)}, wanted from ${first}`);
      }),
      { numRuns: 1000 },
    );
  });

  it('never are due at or after the end, with durations of any fraction', () => {
    const fraction = fc.double({ min: 0.1, max: 50, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fraction, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        (durations, n) => {
          const levels = Array.from({ length: n }, () => 1);
          const { due, durationMs } = userPacer(
            durations.map((d) => ({ shape: 'steps', levels, durationMs: d })),
          );
          assert.equal(due(0, durationMs), NEVER);
          const last = durationMs * (1 - 1e-12);
          assert.ok(due(0, last) < durationMs);
        },
      ),
      { numRuns: 500 },
    );
  });
});

function all(stages: readonly Stage[], arrivals: 'constant' | 'poisson' = 'constant', seed = 1): number[] {
  const dues: number[] = [];
  const { when } = arrivalPacer(stages);
  const sums = arrivalSums(arrivals, seededRandom(seed));
  for (let due = when(sums()); due !== undefined; due = when(sums())) dues.push(due);
  return dues;
}

/** ∫ level dt in streams, by the midpoints of many slices. */
function integral(stages: readonly Stage[]): number {
  const { level, durationMs } = userPacer(stages);
  const slices = 20_000;
  let sum = 0;
  for (let i = 0; i < slices; i++) sum += level(((i + 0.5) * durationMs) / slices);
  return ((sum / slices) * durationMs) / 1000;
}

describe('constant arrivals', () => {
  it('are equally spaced while the rate holds', () => {
    const dues = all([{ shape: 'hold', level: 40, durationMs: 10_000 }]);
    assert.equal(dues.length, 400);
    for (const [i, due] of dues.entries()) assert.ok(Math.abs(due - i * 25) < 1e-6, `${i}: ${due}`);
  });

  it('of less than one a second are spaced by more than a second', () => {
    assert.deepEqual(all([{ shape: 'hold', level: 0.25, durationMs: 12_000 }]), [0, 4000, 8000]);
  });

  it('are none where the rate is 0', () => {
    assert.deepEqual(all([{ shape: 'hold', level: 0, durationMs: 10_000 }]), []);
    const pause = all([{ shape: 'steps', levels: [10, 0, 10], durationMs: 3000 }]);
    assert.deepEqual([pause.length, pause.filter((d) => d >= 1000 && d < 2000).length], [20, 0]);
  });

  it('on a ramp come when the integral of the rate reaches the next whole number', () => {
    // Half of 20/s² × t² is i.
    for (const [i, due] of all([{ shape: 'ramp', from: 0, to: 100, durationMs: 5000 }]).entries()) {
      assert.ok(Math.abs(due - 1000 * Math.sqrt(i / 10)) < 1e-6, `${i}: ${due}`);
    }
  });

  it('on a ramp down mirror those on a ramp up', () => {
    const up = all([{ shape: 'ramp', from: 1, to: 100, durationMs: 4000 }]);
    const down = all([{ shape: 'ramp', from: 100, to: 1, durationMs: 4000 }]);
    assert.equal(up.length, 202);
    assert.equal(down.length, 202);
    assert.ok(up.filter((d) => d < 1000).length < 30);
    assert.ok(down.filter((d) => d < 1000).length > 80);
  });

  it('carry a part of a stream over from a stage to the next', () => {
    const stages: Stage[] = Array.from({ length: 10 }, () => ({ shape: 'hold', level: 1, durationMs: 250 }));
    assert.deepEqual(all(stages).map(Math.round), [0, 1000, 2000]);
  });

  it('are as many as the rate says, in order and before the end', () => {
    fc.assert(
      fc.property(anyStages, (stages) => {
        const dues = all(stages);
        const { durationMs } = userPacer(stages);
        const expected = integral(stages);
        assert.ok(Math.abs(dues.length - expected) <= 1.1, `${dues.length} arrivals, planned ${expected}`);
        assert.ok(
          dues.every((due, i) => due >= 0 && due < durationMs && (i === 0 || due >= dues[i - 1]! - 1e-6)),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('follow a sine', () => {
    const dues = all([{ shape: 'sine', min: 0, max: 100, periodMs: 2000, durationMs: 2000 }]);
    assert.ok(Math.abs(dues.length - 100) <= 1);
    // 50 + 100/π in the upper half of the wave.
    assert.ok(Math.abs(dues.filter((d) => d < 1000).length - (50 + 100 / Math.PI)) <= 1);
  });
});

describe('poisson arrivals', () => {
  const stages: Stage[] = [{ shape: 'hold', level: 50, durationMs: 200_000 }];

  it('are as many as planned within four deviations', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { length } = all(stages, 'poisson', seed);
      assert.ok(Math.abs(length - 10_000) < 4 * Math.sqrt(10_000), `seed ${seed}: ${length}`);
    }
  });

  it('have gaps with the mean and the spread of exponential ones', () => {
    const dues = all(stages, 'poisson');
    const gaps = dues.slice(1).map((due, i) => due - dues[i]!);
    const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, g) => sum + (g - mean) ** 2, 0) / gaps.length);
    assert.ok(Math.abs(mean / 20 - 1) < 0.04, `mean ${mean}`);
    assert.ok(Math.abs(deviation / 20 - 1) < 0.05, `deviation ${deviation}`);
    // Memoryless: as many are shorter than the mean as 1 − 1/e.
    assert.ok(Math.abs(gaps.filter((g) => g < 20).length / gaps.length - (1 - 1 / Math.E)) < 0.02);
  });

  it('follow the rate of every shape', () => {
    const shapes: Stage[][] = [
      [{ shape: 'ramp', from: 0, to: 100, durationMs: 100_000 }],
      [{ shape: 'steps', levels: [10, 100, 40], durationMs: 100_000 }],
      [{ shape: 'spike', base: 10, peak: 400, atMs: 50_000, widthMs: 10_000, durationMs: 100_000 }],
      [{ shape: 'sine', min: 10, max: 100, periodMs: 30_000, durationMs: 100_000 }],
    ];
    for (const shape of shapes) {
      const expected = integral(shape);
      const { length } = all(shape, 'poisson', 11);
      assert.ok(
        Math.abs(length - expected) < 4 * Math.sqrt(expected),
        `${shape[0]!.shape}: ${length}, ${expected}`,
      );
    }
  });

  it('are the same for the same seed, and others for another', () => {
    assert.deepEqual(all(stages, 'poisson', 3), all(stages, 'poisson', 3));
    assert.notDeepEqual(all(stages, 'poisson', 3).slice(0, 5), all(stages, 'poisson', 4).slice(0, 5));
  });

  it('come in order and before the end', () => {
    fc.assert(
      fc.property(anyStages, fc.nat(1e6), (any, seed) => {
        const dues = all(any, 'poisson', seed);
        const { durationMs } = userPacer(any);
        assert.ok(
          dues.every((due, i) => due >= -1e-6 && due < durationMs && (i === 0 || due >= dues[i - 1]! - 1e-6)),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('share of a segment', () => {
  it('adds up to the total, and no two differ by more than one', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 64 }), (total, count) => {
        const shares = Array.from({ length: count }, (_, index) => share(total, { index, count }));
        assert.equal(
          shares.reduce((a, b) => a + b, 0),
          total,
        );
        assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
      }),
    );
  });
});
