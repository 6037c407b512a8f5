import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OUTCOMES, type Outcome, resultOf } from '../../src/core/outcome.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { StreamResult } from '../../src/core/stream-result.ts';
import { backoffMs, isBackedOff, retryAfterMs } from '../../src/load/backoff.ts';
import { DialGate } from '../../src/load/dial-gate.ts';
import { type Draw, drawer } from '../../src/load/draw.ts';
import { workersFor } from '../../src/load/engine.ts';
import { Failures } from '../../src/load/failures.ts';
import { closed } from '../../support/load/samples.ts';

describe('dial gate', () => {
  /** Dials at the start of a connection-hungry load: all of them asked for at once. */
  const flood = (perSecond: number, count: number, nowMs = 0): number[] => {
    const gate = new DialGate(perSecond);
    return Array.from({ length: count }, () => gate.reserve(nowMs));
  };

  it('spreads a flood evenly', () => {
    const dials = flood(3000, 9000, 1000);
    for (let second = 0; second < 3; second++) {
      const from = 1000 + second * 1000;
      const n = dials.filter((d) => d >= from && d < from + 1000).length;
      assert.ok(n >= 2985 && n <= 3016, `${n} dials in second ${second}`);
    }
    assert.ok(Math.abs(dials.at(-1)! - 4000) < 6);
  });

  it('saves no more up while idle than a late timer could have sent', () => {
    const gate = new DialGate(1000);
    gate.reserve(0);
    const dials = Array.from({ length: 100 }, () => gate.reserve(60_000));
    assert.ok(dials.filter((d) => d === 60_000).length <= 6);
    assert.ok(Math.abs(dials.at(-1)! - 60_094) < 1e-6);
  });

  it('never lets anyone dial in the past, out of turn, or faster than its rate', () => {
    const requests = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(requests, fc.integer({ min: 10, max: 5000 }), (waits, perSecond) => {
        const gate = new DialGate(perSecond);
        let now = 0;
        const dials = waits.map((wait) => {
          now += wait;
          const at = gate.reserve(now);
          assert.ok(at >= now);
          return at;
        });
        for (let i = 0; i < dials.length; i++) {
          if (i > 0) assert.ok(dials[i]! >= dials[i - 1]!);
          const within = dials.filter((d) => d >= dials[i]! && d < dials[i]! + 100).length;
          assert.ok(
            within <= (105 * perSecond) / 1000 + 1.001,
            `${within} dials in 100 ms at ${perSecond}/s`,
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it('over all workers lets through what one would', () => {
    const workers = 3;
    const dials = Array.from({ length: workers }, () => flood(3000 / workers, 2000)).flat();
    assert.ok(Math.abs(dials.filter((d) => d < 1000).length - 3000) < 50);
  });
});

describe('backoff', () => {
  for (const outcome of OUTCOMES) {
    const follows = ['failed', 'lost'].includes(resultOf(outcome));
    it(`${follows ? 'follows' : 'does not follow'} ${outcome}`, () => {
      assert.equal(isBackedOff(outcome), follows);
    });
  }

  const asked: readonly [header: string | undefined, fromMs: number, toMs: number][] = [
    [undefined, 0, 0],
    ['soon', 0, 0],
    ['-3', 0, 0],
    ['0', 0, 0],
    ['2', 2000, 2500],
    [' 7 ', 7000, 8750],
    ['Mon, 23 Nov 2026 12:00:10 GMT', 10_000, 12_500],
    ['Mon, 23 Nov 2026 11:59:00 GMT', 0, 0],
    ['86400', 300_000, 375_000],
  ];
  for (const [header, fromMs, toMs] of asked) {
    it(`waits ${fromMs} to ${toMs} ms when retry-after is ${header}`, () => {
      const now = Date.parse('Mon, 23 Nov 2026 12:00:00 GMT');
      const random = seededRandom(3);
      for (let i = 0; i < 100; i++) {
        const ms = retryAfterMs(header, now, random);
        assert.ok(ms >= fromMs && ms <= toMs, `${ms}`);
      }
    });
  }

  const bounds: readonly [inARow: number, waiting: number, fromMs: number, toMs: number][] = [
    [1, 1, 500, 1000],
    [2, 1, 1000, 2000],
    [3, 10, 2000, 4000],
    [4, 1, 4000, 8000],
    [1000, 1, 4000, 8000],
    [1, 3000, 5000, 10_000],
    [9, 3000, 5000, 10_000],
  ];
  for (const [inARow, waiting, fromMs, toMs] of bounds) {
    it(`is ${fromMs} to ${toMs} ms after ${inARow} in a row while ${waiting} wait`, () => {
      const random = seededRandom(1);
      const waits = Array.from({ length: 2000 }, () => backoffMs(inARow, waiting, random));
      assert.ok(Math.min(...waits) >= fromMs && Math.max(...waits) <= toMs);
      // Jitter over the whole range, so that users who failed together do not come back together.
      assert.ok(Math.max(...waits) - Math.min(...waits) > 0.99 * (toMs - fromMs));
    });
  }
});

describe('draws', () => {
  const targets = [
    { name: 'x', prompts: [] },
    { name: 'a', prompts: ['1', '2', '3', '4'] },
    { name: 'b', prompts: [] },
  ];
  const scenario = closed({
    targets: [
      { name: 'b', weight: 3 },
      { name: 'a', weight: 1 },
    ],
  });
  const drawn = (count: number, seed = 5): Draw[] => {
    const random = seededRandom(seed);
    const draw = drawer(scenario, targets);
    return Array.from({ length: count }, () => draw(random)(0));
  };

  it('follow the weights, by the order of the configuration', () => {
    const draws = drawn(20_000);
    const share = (target: number): number => draws.filter((d) => d.target === target).length / draws.length;
    assert.equal(share(0), 0);
    assert.ok(Math.abs(share(2) - 0.75) < 0.015);
    assert.ok(Math.abs(share(1) - 0.25) < 0.015);
  });

  it('take all prompts of the target evenly, and none where it has none', () => {
    const draws = drawn(20_000);
    const ofA = draws.filter((d) => d.target === 1);
    for (const prompt of targets[1]!.prompts) {
      assert.ok(Math.abs(ofA.filter((d) => d.prompt === prompt).length / ofA.length - 0.25) < 0.03);
    }
    assert.ok(draws.every((d) => d.target !== 2 || d.prompt === undefined));
  });

  it('are the same for the same seed', () => {
    assert.deepEqual(drawn(100), drawn(100));
    assert.notDeepEqual(drawn(100), drawn(100, 6));
  });

  it('pick the same targets whether or not there are prompts', () => {
    const random = seededRandom(5);
    const draw = drawer(
      scenario,
      targets.map((t) => ({ ...t, prompts: [] })),
    );
    assert.deepEqual(
      drawn(100).map((d) => d.target),
      Array.from({ length: 100 }, () => draw(random)(0).target),
    );
  });

  it('never miss, whatever is drawn', () => {
    const draw = drawer(scenario, targets);
    for (const extreme of [0, 0.75, 1 - 2 ** -32]) assert.ok([1, 2].includes(draw(() => extreme)(0).target));
    assert.equal(draw(() => 1 - 2 ** -32)(0).prompt, '4');
  });
});

describe('failures of a worker', () => {
  const result = (outcome: Outcome): StreamResult => ({
    id: 'r-1-1',
    target: 'a',
    outcome,
    startedAt: 0,
    lagMs: 0,
    durationMs: 1,
    chunks: 0,
    bytes: 0,
  });

  it('are those that failed or were lost, not successes nor what soakd cut', () => {
    const failures = new Failures();
    for (const outcome of ['complete', 'limited', 'cancelled', 'reset', 'generator_lost'] as const) {
      failures.add(result(outcome));
    }
    assert.deepEqual(
      failures.take()!.results.map((r) => r.outcome),
      ['reset', 'generator_lost'],
    );
    assert.equal(failures.take(), undefined);
  });

  it('are described by the few of each kind, and counted beyond', () => {
    const failures = new Failures();
    for (let i = 0; i < 10_000; i++) failures.add(result('connect_error'));
    // The many of one kind do not hide the one of another.
    failures.add(result('tls_error'));
    const { results, omitted } = failures.take()!;
    assert.ok(results.length <= 50 && results.at(-1)!.outcome === 'tls_error', `${results.length} results`);
    assert.equal(results.length + omitted.reduce((sum, o) => sum + o.count, 0), 10_001);
    failures.add(result('connect_error'));
    assert.deepEqual(failures.take()!.omitted, []);
  });
});

describe('number of workers', () => {
  const table: readonly [wanted: number | 'auto', peak: number, cores: number, workers: number][] = [
    ['auto', 1, 8, 1],
    ['auto', 4000, 8, 1],
    ['auto', 4001, 8, 2],
    ['auto', 100_000, 8, 7],
    ['auto', 100_000, 1, 1],
    ['auto', 0, 8, 1],
    [3, 100, 2, 3],
    [3, 1, 2, 1],
    [3, 0, 2, 1],
  ];
  for (const [wanted, peak, cores, workers] of table) {
    it(`is ${workers} for ${peak} users on ${cores} cores when ${wanted} is asked for`, () => {
      assert.equal(workersFor(wanted, peak, cores), workers);
    });
  }
});
