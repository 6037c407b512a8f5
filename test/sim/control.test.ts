import assert from 'node:assert/strict';
import http from 'node:http';
import { networkInterfaces } from 'node:os';
import { describe, it, type TestContext } from 'node:test';
import { readSimulatorOptions } from '../../src/config/simulator.ts';
import type { SimulatorOptions } from '../../src/core/simulator.ts';
import { writtenOptions } from '../../src/core/simulator-text.ts';
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts';
import { startSimulatorThread } from '../../src/sim/thread.ts';
import { poll } from '../../support/poll.ts';
import { receive, TINY } from './client.ts';

interface Shown {
  readonly options: Record<string, unknown>;
  readonly elapsedMs: number;
  readonly details?: string[];
  readonly title?: string;
}

async function control(url: string, method: string, body?: unknown): Promise<[number, Shown]> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${url}/control`, { method, ...(text === undefined ? {} : { body: text }) });
  return [response.status, (await response.json()) as Shown];
}

async function changeable(t: TestContext, options: SimulatorOptions = TINY): Promise<Simulator> {
  const simulator = await startSimulator(options, { read: readSimulatorOptions });
  t.after(() => simulator.close());
  return simulator;
}

const QUICK = { preset: 'quick', ttfb: '1ms', gap: '1ms', chunks: 4 };

describe('control', () => {
  it('shows what is in force, in the language of the configuration', async (t) => {
    const simulator = await changeable(t);
    const [status, shown] = await control(simulator.url, 'GET');
    assert.equal(status, 200);
    assert.deepEqual(shown.options, JSON.parse(JSON.stringify(writtenOptions(TINY))));
    assert.deepEqual([shown.options.ttfb, shown.options.gap], ['2ms', { uniform: ['0ms', '2ms'] }]);
    assert.deepEqual(readSimulatorOptions(shown.options).gapMs, TINY.gapMs);
    assert.equal(simulator.groundTruth().started, 0, 'it is no stream');
  });

  it('PUT changes all of it for the streams that start afterwards, and time begins anew', async (t) => {
    const simulator = await changeable(t, { ...TINY, faults: { http429: 1 } });
    await new Promise((done) => setTimeout(done, 60));
    const [status, shown] = await control(simulator.url, 'PUT', { ...QUICK, faults: { http503: '100%' } });
    assert.equal(status, 200);
    assert.deepEqual(shown.options.faults, { http503: 1 });
    assert.ok(shown.elapsedMs < 60);
    assert.equal((await receive(`${simulator.url}/sse`)).status, 503);
    await control(simulator.url, 'PUT', QUICK);
    assert.equal((await receive(`${simulator.url}/sse`)).status, 200);
  });

  it('PATCH changes some of it, takes away what is null, and time goes on', async (t) => {
    const simulator = await changeable(t, { ...TINY, retryAfterMs: 3000, faults: { http503: 1 } });
    await new Promise((done) => setTimeout(done, 60));
    const [status, shown] = await control(simulator.url, 'PATCH', { capacity: 5, retryAfter: null });
    assert.equal(status, 200);
    assert.deepEqual(shown.options.capacity, { streams: 5, slowdown: 'seed', status: 503 });
    assert.deepEqual([shown.options.chunks, shown.options.faults], [{ uniform: [8, 20] }, { http503: 1 }]);
    assert.ok(shown.elapsedMs >= 60);
    assert.equal((await receive(`${simulator.url}/sse`)).headers['retry-after'], undefined);
  });

  it('leaves streams alone that are open', async (t) => {
    const simulator = await changeable(t, {
      ...TINY,
      gapMs: { kind: 'fixed', value: 10 },
      chunks: { kind: 'fixed', value: 20 },
    });
    const open = receive(`${simulator.url}/sse`);
    await poll('open stream', () => (simulator.groundTruth().chunks > 2 ? true : undefined), { everyMs: 2 });
    await control(simulator.url, 'PUT', { ...QUICK, chunks: 3, faults: { truncate: 1 } });
    const events = (await open).body.toString().split('\n\n').filter(Boolean);
    assert.deepEqual([events.length, events.at(-1)], [21, 'data: [DONE]']);
  });

  const wrong: [name: string, method: string, body: unknown, status: number, details: RegExp][] = [
    [
      'a wrong value',
      'PUT',
      { ...QUICK, chunks: 0, ttfb: 'soon' },
      422,
      /^ttfb: found "soon", expected a duration/,
    ],
    [
      'one wrong among right ones',
      'PATCH',
      { chunks: 3, faults: { truncat: 1 } },
      422,
      /did you mean "truncate"\?$/,
    ],
    ['shares above 100 %', 'PATCH', { faults: { truncate: 0.6, reset: 0.6 } }, 422, /^faults: found shares/],
    ['a list', 'PUT', [], 400, /not a JSON object/],
    ['no JSON', 'PUT', '{', 400, /not a JSON object/],
    ['too much', 'PUT', ' '.repeat(1_100_000), 400, /over 1 MiB/],
    ['another method', 'DELETE', undefined, 405, /^expected one of GET, PUT, PATCH/],
  ];
  for (const [name, method, body, status, details] of wrong) {
    it(`refuses ${name}, and nothing changes`, async (t) => {
      const simulator = await changeable(t);
      const [got, problem] = await control(simulator.url, method, body);
      assert.equal(got, status);
      assert.match(problem.details?.[0] ?? problem.title!, details);
      const [, shown] = await control(simulator.url, 'GET');
      assert.deepEqual(shown.options, JSON.parse(JSON.stringify(writtenOptions(TINY))));
    });
  }

  it('cannot change what has nobody to read it', async (t) => {
    const simulator = await startSimulator(TINY);
    t.after(() => simulator.close());
    const [status, problem] = await control(simulator.url, 'PUT', QUICK);
    assert.equal(status, 400);
    assert.match(problem.title!, /cannot be changed while it runs/);
  });

  it('is for clients of this machine alone, under a name that cannot be another’s', async (t) => {
    const simulator = await startSimulator(TINY, { host: '0.0.0.0', read: readSimulatorOptions });
    t.after(() => simulator.close());
    const from = (host: string, name: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const headers = { host: name };
        const request = http.get({ host, port: simulator.port, path: '/control', headers }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        });
        request.on('error', reject);
      });
    assert.equal(await from('127.0.0.1', `127.0.0.1:${simulator.port}`), 200);
    assert.equal(await from('127.0.0.1', 'localhost'), 200);
    assert.equal(await from('127.0.0.1', 'evil.example.com'), 403);
    const other = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal);
    // A connection to an address of this machine comes from that address.
    if (other !== undefined) assert.equal(await from(other.address, other.address), 403);
  });

  it('works for a simulator in a thread', async (t) => {
    const simulator = await startSimulatorThread(TINY, { read: readSimulatorOptions });
    t.after(() => simulator.close());
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        control(simulator.url, 'PUT', i % 2 === 0 ? { ...QUICK, chunks: i + 1 } : { chunks: -i }),
      ),
    );
    assert.deepEqual(
      all.map(([status]) => status),
      [200, 422, 200, 422, 200, 422],
    );
    for (const [i, [status, shown]] of all.entries()) {
      if (status === 422) assert.match(shown.details![0]!, new RegExp(`^chunks: found -${i} `));
    }
    await control(simulator.url, 'PUT', { ...QUICK, faults: { http503: 1 } });
    assert.equal((await receive(`${simulator.url}/sse`)).status, 503);
  });
});
