import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Capacity, SimulatorOptions } from '../../src/core/simulator.ts';
import { refuses, Slots, slowdownMs } from '../../src/sim/capacity.ts';
import { planAnswer } from '../../src/sim/plan.ts';
import { poll } from '../../support/poll.ts';
import { balances, finishedRecord, receive, simulate, TINY } from './client.ts';

const seed = (streams: number): Capacity => ({ streams, slowdown: 'seed', status: 503 });

describe('slowdown with load', () => {
  const cases: [capacity: Capacity, active: number, expectedMs: number][] = [
    // The table of the seed's report, whose server itself waits 1100 ms.
    [seed(0), 100, 170],
    [seed(0), 1000, 602],
    [seed(0), 1125, 662.5],
    [seed(0), 3000, 2309],
    [seed(0), 3250, 2603],
    [seed(1000), 1, 0],
    [seed(1000), 1000, 0],
    [seed(1000), 3000, 1707],
    [seed(5000), 4000, 0],
    [{ ...seed(100), slowdown: 2 }, 100, 0],
    [{ ...seed(100), slowdown: 2 }, 101, 2],
    [{ ...seed(100), slowdown: 2 }, 400, 600],
  ];
  for (const [capacity, active, expected] of cases) {
    it(`${capacity.slowdown} above ${capacity.streams}, at ${active} streams: ${expected} ms`, () => {
      assert.ok(Math.abs(slowdownMs(capacity, active) - expected) < 1e-9, `${slowdownMs(capacity, active)}`);
    });
  }

  it('gives the knee of the report: 1.27 s at 100 streams, 3.41 s at 3000', () => {
    const options: SimulatorOptions = { ...TINY, ttfbMs: { kind: 'fixed', value: 1100 }, capacity: seed(0) };
    const at = (active: number): number => planAnswer(options, 0, { elapsedMs: 0, active }).ttfbMs;
    assert.deepEqual([at(100), at(3000)], [1270, 3409]);
  });

  it('refuses above its maximum', () => {
    const capacity = { ...seed(10), max: 20 };
    assert.deepEqual(
      [refuses(capacity, 20), refuses(capacity, 21), refuses(seed(10), 1e6)],
      [false, true, false],
    );
  });
});

describe('slots', () => {
  /** Takes n slots; the names of those that were let in. */
  const queue = (limit: number) => {
    const slots = new Slots();
    slots.limit = limit;
    const inside: string[] = [];
    const take = (name: string) => slots.take(() => inside.push(name));
    return { slots, inside, take };
  };

  it('are given in the order of asking', () => {
    const { slots, inside, take } = queue(2);
    const [a, b] = ['a', 'b', 'c', 'd'].map(take);
    assert.deepEqual([inside, slots.waiting], [['a', 'b'], 2]);
    b!();
    assert.deepEqual(inside, ['a', 'b', 'c']);
    a!();
    assert.deepEqual([inside, slots.waiting], [['a', 'b', 'c', 'd'], 0]);
  });

  it('are not taken by those that left the queue', () => {
    const { slots, inside, take } = queue(1);
    const [a, b] = ['a', 'b', 'c'].map(take);
    b!();
    assert.equal(slots.waiting, 1);
    a!();
    assert.deepEqual(inside, ['a', 'c']);
  });

  it('become more and fewer while they are in use', () => {
    const { slots, inside, take } = queue(1);
    const [a, b, c] = ['a', 'b', 'c', 'd'].map(take);
    slots.limit = 3;
    assert.deepEqual(inside, ['a', 'b', 'c']);
    slots.limit = 1;
    a!();
    b!();
    assert.equal(slots.waiting, 1);
    c!();
    assert.deepEqual([inside, slots.waiting], [['a', 'b', 'c', 'd'], 0]);
  });
});

describe('a server with a capacity', () => {
  const SLOW: SimulatorOptions = {
    ...TINY,
    chunks: { kind: 'fixed', value: 30 },
    gapMs: { kind: 'fixed', value: 10 },
  };
  const quiet = (simulator: { groundTruth(): { active: number } }) =>
    poll('end of all', () => (simulator.groundTruth().active === 0 ? true : undefined));

  it('answers so many at a time, and keeps the others waiting', async (t) => {
    const simulator = await simulate(t, { ...SLOW, capacity: { ...seed(1000), slots: 4 } });
    const all = Array.from({ length: 12 }, (_, i) => receive(`${simulator.url}/sse`, { id: `s${i}` }));
    await poll(
      'a queue',
      async () => {
        const text = await (await fetch(`${simulator.url}/metrics`)).text();
        return text.includes('\nsimulator_streams_queued 8\n') ? true : undefined;
      },
      { everyMs: 5 },
    );
    for (const got of await Promise.all(all)) assert.deepEqual([got.status, got.broken], [200, undefined]);
    const waits = await Promise.all(
      all.map(async (_, i) => (await finishedRecord(simulator.url, `s${i}`)).ttfbMs!),
    );
    // Three rounds of 300 ms.
    assert.equal(waits.filter((ms) => ms > 250).length, 8, `${waits}`);
    assert.equal(waits.filter((ms) => ms > 550).length, 4, `${waits}`);
    assert.equal(simulator.groundTruth().finished.complete, 12);
  });

  it('gives back the slots of those that leave, inside and in the queue', async (t) => {
    const simulator = await simulate(t, {
      ...SLOW,
      faults: { noFirstByte: 1 },
      capacity: { ...seed(1000), slots: 1 },
    });
    const agents = Array.from({ length: 3 }, () => new AbortController());
    const gone = agents.map(({ signal }, i) =>
      fetch(`${simulator.url}/sse`, { signal, headers: { 'x-soak-stream-id': `s${i}` } })
        .then((response) => response.text())
        .catch(() => 'gone'),
    );
    await poll('3 streams', () => (simulator.groundTruth().active === 3 ? true : undefined));
    for (const agent of agents.toReversed()) agent.abort();
    assert.deepEqual(await Promise.all(gone), ['gone', 'gone', 'gone']);
    await quiet(simulator);
    const got = await receive(`${simulator.url}/sse`, { fault: 'none' });
    assert.equal(got.broken, undefined);
    assert.ok(balances(simulator.groundTruth()));
  });

  for (const status of [503, 429] as const) {
    it(`refuses with ${status} and Retry-After above its maximum`, async (t) => {
      const simulator = await simulate(t, { ...SLOW, capacity: { ...seed(2), max: 5, status } });
      const open = Array.from({ length: 5 }, () => receive(`${simulator.url}/sse`));
      await poll('5 streams', () => (simulator.groundTruth().active === 5 ? true : undefined), {
        everyMs: 2,
      });
      const refused = await receive(`${simulator.url}/sse`);
      assert.deepEqual([refused.status, refused.headers['retry-after']], [status, '1']);
      await Promise.all(open);
      await quiet(simulator);
      assert.equal((await receive(`${simulator.url}/sse`)).status, 200);
      const { finished } = simulator.groundTruth();
      assert.deepEqual([finished.complete, finished.http_error], [6, 1]);
    });
  }

  it('becomes slow above its knee', async (t) => {
    const simulator = await simulate(t, { ...SLOW, capacity: { ...seed(3), slowdown: 100 } });
    await Promise.all(Array.from({ length: 6 }, (_, i) => receive(`${simulator.url}/sse`, { id: `s${i}` })));
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) waits.push((await finishedRecord(simulator.url, `s${i}`)).ttfbMs!);
    const slow = waits.sort((a, b) => a - b).slice(3);
    for (const [i, ms] of slow.entries()) assert.ok(ms >= 100 * (i + 1) - 5, `${waits}`);
  });
});
