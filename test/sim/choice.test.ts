/** Which stream has which fault: the request's own word, the timeline, every n-th, the shares, in that order. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fault, SimulatorOptions } from '../../src/core/simulator.ts';
import { type Moment, planAnswer } from '../../src/sim/plan.ts';
import { finishedRecord, receive, simulate, TINY } from './client.ts';

const ALL: SimulatorOptions = {
  ...TINY,
  faults: { reset: 1 },
  every: { html: 10, gzip: 4 },
  timeline: [
    { fromMs: 1000, toMs: 2000, faults: { truncate: 1 } },
    { fromMs: 1500, toMs: 3000, faults: { stall: 1 } },
  ],
};

const faultAt = (options: SimulatorOptions, index: number, moment: Partial<Moment> = {}): Fault | undefined =>
  planAnswer(options, index, { elapsedMs: 0, active: 1, ...moment }).fault;

describe('the choice of a fault', () => {
  const cases: [
    name: string,
    options: SimulatorOptions,
    index: number,
    moment: Partial<Moment>,
    Fault | undefined,
  ][] = [
    ['a share', ALL, 0, {}, 'reset'],
    ['each fourth comes before shares', ALL, 3, {}, 'gzip'],
    ['each tenth', ALL, 9, {}, 'html'],
    ['where both are due, the first of the list', ALL, 19, {}, 'html'],
    ['the timeline comes before each fourth', ALL, 3, { elapsedMs: 1000 }, 'truncate'],
    ['an episode ends before its end', ALL, 0, { elapsedMs: 2000 }, 'stall'],
    ['of two episodes the first', ALL, 0, { elapsedMs: 1700 }, 'truncate'],
    ['after all episodes', ALL, 0, { elapsedMs: 3000 }, 'reset'],
    ['the request comes before everything', ALL, 3, { elapsedMs: 1700, asked: 'http429' }, 'http429'],
    ['even where it wants none', ALL, 3, { elapsedMs: 1700, asked: 'none' }, undefined],
    ['nothing of all that', TINY, 3, {}, undefined],
  ];
  for (const [name, options, index, moment, expected] of cases) {
    it(name, () => assert.equal(faultAt(options, index, moment), expected));
  }

  it('an episode gives its shares, and leaves the rest to what comes after', () => {
    const options: SimulatorOptions = {
      ...TINY,
      faults: { reset: 0.5 },
      timeline: [{ fromMs: 0, toMs: 1000, faults: { truncate: 0.2 } }],
    };
    const n = 20_000;
    const counts = { truncate: 0, reset: 0 };
    for (let index = 0; index < n; index++) {
      const fault = faultAt(options, index, { elapsedMs: 500 });
      if (fault === 'truncate' || fault === 'reset') counts[fault]++;
    }
    assert.ok(Math.abs(counts.truncate / n - 0.2) < 0.01, `${counts.truncate}`);
    assert.ok(Math.abs(counts.reset / n - 0.4) < 0.01, `half of the rest: ${counts.reset}`);
  });

  it('a timeline does not change the answers that it leaves alone', () => {
    const timeline = [{ fromMs: 0, toMs: 1000, faults: { truncate: 0.2 } }];
    for (let index = 0; index < 100; index++) {
      const plain = planAnswer({ ...TINY, faults: { reset: 0.3 } }, index);
      const timed = planAnswer({ ...TINY, faults: { reset: 0.3 }, timeline }, index);
      if (timed.fault !== 'truncate') assert.equal(timed.fault, plain.fault);
      assert.deepEqual([timed.ttfbMs, timed.drawText()], [plain.ttfbMs, plain.drawText()]);
    }
  });

  it('every n-th over a socket', async (t) => {
    const simulator = await simulate(t, { ...TINY, every: { http503: 3 } });
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++) statuses.push((await receive(`${simulator.url}/sse`)).status);
    assert.deepEqual(statuses, [200, 200, 503, 200, 200, 503, 200, 200, 503]);
  });

  it('a request header over a socket, and a wrong one', async (t) => {
    const simulator = await simulate(t, { ...TINY, faults: { http503: 1 } });
    const ask = (fault?: string, id = 'x') =>
      receive(`${simulator.url}/sse`, { id, ...(fault === undefined ? {} : { fault }) });
    assert.equal((await ask()).status, 503);
    assert.equal((await ask('none')).status, 200);
    assert.equal((await ask('http429')).status, 429);
    const wrong = await ask('http418', 'wrong');
    assert.equal(wrong.status, 400);
    assert.match(JSON.parse(wrong.body.toString()).error.message, /^x-soak-fault is none of none, http503, /);
    assert.equal((await finishedRecord(simulator.url, 'wrong')).outcome, 'http_error');
  });

  it('a timeline over a socket', async (t) => {
    const timeline = [{ fromMs: 0, toMs: 60_000, faults: { http429: 1 } }];
    const simulator = await simulate(t, { ...TINY, timeline, retryAfterMs: 1200 });
    const got = await receive(`${simulator.url}/sse`);
    assert.deepEqual([got.status, got.headers['retry-after']], [429, '2']);
    simulator.change({ ...TINY, timeline: [{ ...timeline[0]!, fromMs: 30_000 }] });
    assert.equal((await receive(`${simulator.url}/sse`)).status, 200);
  });

  it('Retry-After only where it is wanted', async (t) => {
    const simulator = await simulate(t, { ...TINY, faults: { http503: 1 } });
    assert.equal((await receive(`${simulator.url}/sse`)).headers['retry-after'], undefined);
  });
});
