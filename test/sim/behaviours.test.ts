import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Behaviour, SimulatorOptions } from '../../src/core/simulator.ts';
import { afterPauses, changeOf, heldBytes } from '../../src/sim/behaviours.ts';
import { planAnswer } from '../../src/sim/plan.ts';
import { poll } from '../../support/poll.ts';
import { simulate, TINY } from './client.ts';
import { overTheWire } from './wire.ts';

const MIN = 60_000;
const MIB = 1024 * 1024;

const LEAK: Behaviour = { kind: 'leak', perMinuteMs: 10, on: 'ttfb' };
const STAIRS: Behaviour = { kind: 'staircase', stepMs: 100, everyMs: MIN, on: 'ttfb' };
const RAMP: Behaviour = { kind: 'ramp', from: 1, to: 3, overMs: 10 * MIN, on: 'ttfb' };
const SINE: Behaviour = { kind: 'sine', min: 1, max: 2, periodMs: 4 * MIN, on: 'ttfb' };
const PAUSE: Behaviour = { kind: 'pause', forMs: 200, everyMs: 10_000 };
const MEMORY: Behaviour = { kind: 'memory', perMinuteBytes: 10 * MIB, upToBytes: 25 * MIB };

describe('behaviours as functions of time', () => {
  // A TTFB of 1000 ms becomes:
  const cases: [name: string, behaviours: Behaviour[], atMs: number, expected: number][] = [
    ['none', [], 5 * MIN, 1000],
    ['leak at first', [LEAK], 0, 1000],
    ['leak', [LEAK], 90_000, 1015],
    ['leak after a day', [LEAK], 1440 * MIN, 15_400],
    ['staircase before its first step', [STAIRS], MIN - 1, 1000],
    ['staircase at its first step', [STAIRS], MIN, 1100],
    ['staircase', [STAIRS], 7.5 * MIN, 1700],
    ['ramp at first', [RAMP], 0, 1000],
    ['ramp', [RAMP], 5 * MIN, 2000],
    ['ramp at its end', [RAMP], 10 * MIN, 3000],
    ['ramp after its end', [RAMP], 100 * MIN, 3000],
    ['ramp downwards', [{ ...RAMP, from: 2, to: 0 }], 5 * MIN, 1000],
    ['sine at first, in the middle', [SINE], 0, 1500],
    ['sine, at its top', [SINE], MIN, 2000],
    ['sine, in the middle again', [SINE], 2 * MIN, 1500],
    ['sine, at its bottom', [SINE], 3 * MIN, 1000],
    ['sine, the next day', [SINE], 1441 * MIN, 2000],
    ['factors multiply, and what is added is added after them', [RAMP, SINE, LEAK, STAIRS], 5 * MIN, 4550],
    ['what works on gaps leaves it alone', [{ ...RAMP, on: 'gap' }], 5 * MIN, 1000],
    ['what works on both does not', [{ ...RAMP, on: 'both' }], 5 * MIN, 2000],
    ['pauses and memory are another thing', [PAUSE, MEMORY], 5 * MIN, 1000],
  ];
  for (const [name, behaviours, atMs, expected] of cases) {
    it(name, () => {
      const { factor, addMs } = changeOf(behaviours, 'ttfb', atMs);
      assert.ok(Math.abs(1000 * factor + addMs - expected) < 1e-6, `${1000 * factor + addMs}`);
    });
  }

  const pauses: [dueMs: number, expected: number][] = [
    [0, 0],
    [100, 100],
    [9_999, 9_999],
    [10_000, 10_200],
    [10_150, 10_200],
    [10_200, 10_200],
    [19_999, 19_999],
    [20_001, 20_200],
    [1_000_100, 1_000_200],
  ];
  for (const [dueMs, expected] of pauses) {
    it(`what is due at ${dueMs} ms happens at ${expected} ms`, () => {
      assert.equal(afterPauses([LEAK, PAUSE], dueMs), expected);
      assert.equal(afterPauses([LEAK], dueMs), dueMs);
    });
  }

  it('memory grows up to its cap', () => {
    assert.deepEqual(
      [0, 30_000, MIN, 2.5 * MIN, 100 * MIN].map((ms) => heldBytes([MEMORY], ms) / MIB),
      [0, 5, 10, 25, 25],
    );
    assert.equal(heldBytes([LEAK, PAUSE], MIN), 0);
  });
});

describe('behaviours in a plan', () => {
  const options: SimulatorOptions = {
    ...TINY,
    ttfbMs: { kind: 'fixed', value: 100 },
    gapMs: { kind: 'fixed', value: 10 },
    behaviours: [
      { kind: 'ramp', from: 1, to: 3, overMs: MIN, on: 'both' },
      { kind: 'leak', perMinuteMs: 5, on: 'gap' },
    ],
  };
  it('change TTFB and gaps of the streams that start then', () => {
    const at = (elapsedMs: number): number[] => {
      const plan = planAnswer(options, 0, { elapsedMs, active: 1 });
      return [plan.ttfbMs, plan.drawGapMs()];
    };
    assert.deepEqual(
      [at(0), at(MIN / 2), at(MIN)],
      [
        [100, 10],
        [200, 22.5],
        [300, 35],
      ],
    );
  });

  it('change neither what is sent nor which faults there are', () => {
    const faults = { truncate: 0.5 };
    for (let index = 0; index < 50; index++) {
      const plain = planAnswer({ ...TINY, faults }, index);
      const changed = planAnswer({ ...options, faults }, index, { elapsedMs: MIN, active: 9 });
      assert.deepEqual([changed.fault, changed.contentChunks], [plain.fault, plain.contentChunks]);
    }
  });
});

describe('behaviours of a server', () => {
  it('a pause stops everything, heads too', async (t) => {
    const simulator = await simulate(t, {
      ...TINY,
      chunks: { kind: 'fixed', value: 2000 },
      behaviours: [{ kind: 'pause', forMs: 700, everyMs: 1000 }],
    });
    const stream = overTheWire(simulator.port, '/sse', { id: 'one', quietMs: 3000, leaveAfterMs: 2300 });
    let longest = 0;
    let since = performance.now();
    let known = 0;
    const watch = setInterval(() => {
      const { chunks } = simulator.groundTruth();
      if (chunks !== known) {
        if (known > 0) longest = Math.max(longest, performance.now() - since);
        since = performance.now();
      }
      known = chunks;
    }, 5);
    await stream;
    clearInterval(watch);
    assert.ok(known > 100, `${known} chunks between the pauses`);
    assert.ok(longest > 550, `silent for ${longest} ms at the longest`);
  });

  it('memory is really taken, and given back', async (t) => {
    const before = process.memoryUsage.rss();
    const simulator = await simulate(t, {
      ...TINY,
      behaviours: [{ kind: 'memory', perMinuteBytes: 12_000 * MIB, upToBytes: 64 * MIB }],
    });
    const metric = async (): Promise<number> => {
      const text = await (await fetch(`${simulator.url}/metrics`)).text();
      return Number(/^simulator_hoarded_bytes (\d+)$/m.exec(text)?.[1]);
    };
    await poll('64 MiB', async () => ((await metric()) === 64 * MIB ? true : undefined));
    assert.ok(process.memoryUsage.rss() - before > 50 * MIB, 'every page is written to');
    simulator.change(TINY);
    assert.equal(await metric(), 0);
  });
});
