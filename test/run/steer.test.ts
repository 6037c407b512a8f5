import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SoakError } from '../../src/core/errors.ts';
import type { Limits, Model } from '../../src/core/scenario.ts';
import { endMs, livePlanOf, pause } from '../../src/load/live-plan.ts';
import { adjust, type Change } from '../../src/run/adjust.ts';
import type { Stage } from '../../src/shapes/list.ts';

const STAGES: Stage[] = [
  { shape: 'hold', level: 100, durationMs: 60_000 },
  { shape: 'hold', level: 50, durationMs: 60_000 },
];
const CLOSED: Model = { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 0 } };
const OPEN: Model = { kind: 'open', arrivals: 'constant', maxUsers: 10 };
const LIMITS: Limits = { maxUsers: 1000, maxRate: 50, maxDurationMs: 180_000 };

const apply = (change: Change, model: Model, paused = false) => {
  const livePlan = livePlanOf(STAGES);
  return adjust(paused ? pause(livePlan, 20_000) : livePlan, change, {
    nowMs: 30_000,
    state: paused ? 'paused' : 'running',
    model,
    limits: LIMITS,
  });
};

describe('a change of a run', () => {
  const GOOD: readonly (readonly [Change, Model, boolean, string, string, number])[] = [
    [
      { action: 'set', users: 1000 },
      CLOSED,
      false,
      'running',
      '1000 users for the rest of the stage',
      120_000,
    ],
    [
      { action: 'set', users: 0, graceMs: 5000 },
      CLOSED,
      true,
      'paused',
      '0 users for the rest of the stage; open streams above that are cancelled after 5s',
      130_000,
    ],
    [
      { action: 'set', users: 200, rampMs: 3000 },
      CLOSED,
      false,
      'running',
      '200 users for the rest of the stage after a ramp of 3s',
      120_000,
    ],
    [
      { action: 'set', rate: 0.5 },
      OPEN,
      false,
      'running',
      '0.5 streams a second for the rest of the stage',
      120_000,
    ],
    [
      { action: 'pause' },
      CLOSED,
      false,
      'paused',
      'no new starts; open streams continue to their end',
      120_000,
    ],
    [{ action: 'resume' }, CLOSED, true, 'running', 'after 10s', 130_000],
    [{ action: 'skip' }, CLOSED, false, 'running', 'the rest of the stage, 30s', 90_000],
    [{ action: 'extend', byMs: 60_000 }, CLOSED, false, 'running', 'by 1m', 180_000],
    [{ action: 'extend', byMs: 60_000 }, CLOSED, true, 'paused', 'by 1m', 190_000],
  ];
  for (const [change, model, paused, state, detail, end] of GOOD) {
    it(`${JSON.stringify(change)}${paused ? ', paused' : ''}: ${detail}`, () => {
      const steered = apply(change, model, paused);
      assert.deepEqual([steered.state, steered.detail], [state, detail]);
      assert.equal(endMs(steered.livePlan, 30_000), end);
    });
  }

  const BAD: readonly (readonly [Change, Model, boolean, string, RegExp])[] = [
    [{ action: 'set', users: 1001 }, CLOSED, false, 'LIMIT_EXCEEDED', /1001 users, expected at most 1000/],
    [{ action: 'set', rate: 51 }, OPEN, false, 'LIMIT_EXCEEDED', /51 a second, expected at most 50/],
    [{ action: 'set', rate: 5 }, CLOSED, false, 'USAGE', /found rate, expected users/],
    [{ action: 'set', users: 5 }, OPEN, false, 'USAGE', /found users, expected rate/],
    [{ action: 'pause' }, CLOSED, true, 'NOT_RUNNING', /paused already/],
    [{ action: 'resume' }, CLOSED, false, 'NOT_RUNNING', /not paused/],
    [
      { action: 'extend', byMs: 60_001 },
      CLOSED,
      false,
      'LIMIT_EXCEEDED',
      /at most 3m \(limits.maxDuration\)/,
    ],
  ];
  for (const [change, model, paused, code, text] of BAD) {
    it(`${JSON.stringify(change)}${paused ? ', paused' : ''} is refused: ${code}`, () => {
      assert.throws(
        () => apply(change, model, paused),
        (error) => error instanceof SoakError && error.code === code && text.test(error.message),
      );
    });
  }
});
