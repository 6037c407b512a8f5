import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { overrideScenario, overridesText } from '../../src/config/overrides.ts';
import { type ErrorCode, SoakError } from '../../src/core/errors.ts';
import type { Overrides } from '../../src/core/overrides.ts';
import type { Limits, Scenario } from '../../src/core/scenario.ts';
import { inTurns } from '../../src/core/sequence.ts';
import { closed, open } from '../../support/load/samples.ts';

const LIMITS: Limits = { maxUsers: 1000, maxRate: 100, maxDurationMs: 7_200_000 };

const DAY: Scenario = closed({
  name: 'day',
  stages: [
    { shape: 'ramp', from: 0, to: 200, durationMs: 60_000 },
    { shape: 'spike', base: 100, peak: 300, atMs: 10_000, widthMs: 5000, durationMs: 120_000 },
  ],
  warmUpMs: 30_000,
  budget: { streams: 5000, cost: 2, prices: { input: 1, output: 2 } },
});
const NIGHT: Scenario = open(40, {
  name: 'night',
  stages: [{ shape: 'sine', min: 1, max: 9, periodMs: 60_000, durationMs: 600_000 }],
});

const COMPARE: Scenario = closed({
  name: 'compare',
  targets: [
    { name: 'a', weight: 1 },
    { name: 'b', weight: 1 },
  ],
  stages: inTurns([{ shape: 'hold', level: 20, durationMs: 60_000 }], ['a', 'b'], 5000),
  sequence: { pauseMs: 5000 },
  warmUpMs: 30_000,
});

const hold = (level: number, durationMs: number) => [{ shape: 'hold', level, durationMs }];

const rise = (to: number, durationMs: number) => ({ shape: 'ramp', from: 0, to, durationMs });

describe('overrides of a scenario', () => {
  const fitting: readonly [of: Scenario, overrides: Overrides, changed: object][] = [
    [DAY, { users: 50 }, { stages: hold(50, 180_000), overrides: 'users 50' }],
    [DAY, { users: 1000 }, { stages: hold(1000, 180_000), overrides: 'users 1000' }],
    [DAY, { forMs: 60_000 }, { stages: hold(300, 60_000), overrides: 'for 1m' }],
    [DAY, { forMs: 7_200_000 }, { stages: hold(300, 7_200_000), overrides: 'for 2h' }],
    [DAY, { users: 50, forMs: 90_500 }, { stages: hold(50, 90_500), overrides: 'users 50, for 1m30.5s' }],
    [NIGHT, { rate: 0.5 }, { stages: hold(0.5, 600_000), overrides: 'rate 0.5' }],
    [NIGHT, { rate: 100, forMs: 1000 }, { stages: hold(100, 1000), overrides: 'rate 100, for 1s' }],
    [NIGHT, { forMs: 60_000 }, { stages: hold(9, 60_000), overrides: 'for 1m' }],
    [
      DAY,
      { users: 50, forMs: 60_000, rampMs: 10_000 },
      { stages: [rise(50, 10_000), ...hold(50, 60_000)], overrides: 'users 50, for 1m, ramp 10s' },
    ],
    [
      NIGHT,
      { rampMs: 30_000, warmUpMs: 620_000 },
      {
        stages: [rise(9, 30_000), ...hold(9, 600_000)],
        warmUpMs: 620_000,
        overrides: 'ramp 30s, warmUp 10m20s',
      },
    ],
    // Of a sequence, those of each turn.
    [
      COMPARE,
      { users: 5, forMs: 40_000 },
      {
        stages: inTurns([{ shape: 'hold', level: 5, durationMs: 40_000 }], ['a', 'b'], 5000),
        overrides: 'users 5, for 40s',
      },
    ],
    // Without users, rate, for and ramp the stages stay.
    [DAY, { warmUpMs: 179_999 }, { warmUpMs: 179_999, overrides: 'warmUp 2m59.999s' }],
    [DAY, { warmUpMs: 0 }, { warmUpMs: 0, overrides: 'warmUp 0s' }],
    [DAY, { seed: 7 }, { seed: 7, overrides: 'seed 7' }],
    // The other limits of a budget stay.
    [DAY, { maxStreams: 10 }, { budget: { ...DAY.budget, streams: 10 }, overrides: 'maxStreams 10' }],
    [DAY, { maxStreams: 5000 }, { budget: DAY.budget, overrides: 'maxStreams 5000' }],
    [NIGHT, { maxStreams: 10 }, { budget: { streams: 10 }, overrides: 'maxStreams 10' }],
    [
      DAY,
      { users: 50, forMs: 20_000, warmUpMs: 10_000, seed: 7, maxStreams: 1000 },
      {
        stages: hold(50, 20_000),
        warmUpMs: 10_000,
        seed: 7,
        budget: { ...DAY.budget, streams: 1000 },
        overrides: 'users 50, for 20s, warmUp 10s, seed 7, maxStreams 1000',
      },
    ],
  ];
  for (const [of, overrides, changed] of fitting) {
    it(`${JSON.stringify(overrides)} of ${of.name} changes what it names, and keeps the rest`, () => {
      assert.deepEqual(overrideScenario(of, overrides, LIMITS), { ...of, ...changed });
    });
  }

  it('without any it is the scenario itself', () => {
    assert.equal(overrideScenario(DAY, {}, LIMITS), DAY);
    assert.equal(overridesText({}), '');
  });

  const wrong: readonly [of: Scenario, overrides: Overrides, code: ErrorCode, lines: readonly string[]][] = [
    [
      DAY,
      { users: 1001 },
      'LIMIT_EXCEEDED',
      [
        'users: found 1001 users, expected at most 1000 (limits.maxUsers); lower it, or raise limits.maxUsers',
      ],
    ],
    [
      NIGHT,
      { rate: 100.5 },
      'LIMIT_EXCEEDED',
      [
        'rate: found 100.5 streams a second, expected at most 100 (limits.maxRate); lower it, or raise limits.maxRate',
      ],
    ],
    [
      NIGHT,
      { forMs: 7_200_001 },
      'LIMIT_EXCEEDED',
      ['for: found 2h1ms, expected at most 2h (limits.maxDuration); lower it, or raise limits.maxDuration'],
    ],
    [
      DAY,
      { maxStreams: 5001 },
      'LIMIT_EXCEEDED',
      [
        'maxStreams: found 5001 streams, expected at most 5000 (budget.streams of scenario day); lower it, or raise budget.streams of scenario day',
      ],
    ],
    [
      NIGHT,
      { users: 5 },
      'USAGE',
      [
        'users: found 5 for scenario night, which has the open model, expected rate; use rate with streams a second, at most 100 (limits.maxRate), its maxUsers stays 40',
      ],
    ],
    [
      DAY,
      { rate: 5 },
      'USAGE',
      [
        'rate: found 5 for scenario day, which has the closed model, expected users; use users with virtual users, at most 1000 (limits.maxUsers)',
      ],
    ],
    [
      DAY,
      { forMs: 30_000 },
      'USAGE',
      [
        'for: found 30s, expected more than warmUp of scenario day (30s); lengthen it, or set a shorter warmUp',
      ],
    ],
    [
      COMPARE,
      { forMs: 3_600_000 },
      'LIMIT_EXCEEDED',
      [
        'for: found 1h, with which the run takes 2h5s, expected at most 2h (limits.maxDuration); lower it, or raise limits.maxDuration',
      ],
    ],
    [
      COMPARE,
      { warmUpMs: 60_000 },
      'USAGE',
      ['warmUp: found 1m, expected less than the turn of each target (1m); shorten it, or set a longer for'],
    ],
    [
      DAY,
      { forMs: 20_000, rampMs: 10_000 },
      'USAGE',
      [
        'for: found 20s and ramp 10s, expected more than warmUp of scenario day (30s); lengthen it, or set a shorter warmUp',
      ],
    ],
    [
      DAY,
      { rampMs: LIMITS.maxDurationMs },
      'LIMIT_EXCEEDED',
      [
        'ramp: found 2h, with which the run takes 2h3m, expected at most 2h (limits.maxDuration); lower it, or raise limits.maxDuration',
      ],
    ],
    [
      DAY,
      { warmUpMs: 180_000 },
      'USAGE',
      ['warmUp: found 3m, expected less than the run (3m); shorten it, or set a longer for'],
    ],
    [
      NIGHT,
      { forMs: 10_000, warmUpMs: 10_000 },
      'USAGE',
      ['warmUp: found 10s, expected less than the run (10s); shorten it, or set a longer for'],
    ],
  ];
  for (const [of, overrides, code, lines] of wrong) {
    it(`${JSON.stringify(overrides)} of ${of.name} is ${code} and names what forbids it`, () => {
      assert.throws(
        () => overrideScenario(of, overrides, LIMITS),
        (error: SoakError) => {
          assert.ok(error instanceof SoakError);
          assert.deepEqual([error.code, error.message, error.details], [code, lines[0], lines]);
          return true;
        },
      );
    });
  }

  it('that are wrong are all reported at once, by the names that the caller gives', () => {
    const all = { users: 2000, rate: 500, forMs: 8_000_000, warmUpMs: 9_000_000, maxStreams: 6000 };
    assert.throws(
      () => overrideScenario(DAY, all, LIMITS, (key) => `--${key}`),
      ({ code, details }: SoakError) => {
        assert.equal(code, 'USAGE', 'what no other limits would allow comes first');
        assert.deepEqual(
          details.map((line) => line.split(':')[0]),
          ['--users', '--rate', '--for', '--warmUp', '--maxStreams'],
        );
        return true;
      },
    );
  });
});
