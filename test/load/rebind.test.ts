import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { it } from 'node:test';
import { streamLayout } from '../../src/catalog/slots.ts';
import { monotonicMs } from '../../src/core/clock.ts';
import { allocateLearned } from '../../src/load/learned.ts';
import type { WorkerEvent } from '../../src/load/messages.ts';
import type { Plan } from '../../src/load/plan.ts';
import { allocateRecord } from '../../src/load/recorder.ts';
import { Worker } from '../../src/load/worker.ts';
import { NETWORK, type Network } from '../../src/transport/dial.ts';
import { streamTarget } from '../../support/load/samples.ts';
import { poll } from '../../support/poll.ts';

const HOST = 'rebind.test';
const ELSEWHERE = '192.0.2.1';

it('a name that comes to point elsewhere in the middle of a run is refused before it is dialled', async () => {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', () =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok'),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };

  const dialled: string[] = [];
  let lookups = 0;
  const network: Network = {
    ...NETWORK,
    lookup: (_host, done) => {
      const address = ++lookups <= 3 ? '127.0.0.1' : ELSEWHERE;
      setImmediate(() => done(null, [{ address, family: 4 }]));
    },
    connect: (options) => {
      const { lookup, ...rest } = options;
      return NETWORK.connect({
        ...rest,
        // What the system would dial: noted, and kept on loopback whatever the guard says.
        lookup: (name, lookupOptions, answer) =>
          lookup!(name, lookupOptions, (error, address, family) => {
            const found = Array.isArray(address) ? address.map((a) => a.address) : [address];
            if (error === null) dialled.push(...found);
            if (error === null && found.some((a) => a !== '127.0.0.1'))
              answer(new Error('not on loopback'), '', 0);
            else answer(error, address, family);
          }),
      });
    },
  };
  const target = streamTarget('target', { port });
  const plan: Plan = {
    runId: 'run',
    scenario: {
      name: 'rebind',
      model: { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 20 } },
      targets: [{ name: 'target', weight: 1 }],
      stages: [{ shape: 'hold', level: 1, durationMs: 10_000 }],
      warmUpMs: 0,
      seed: 1,
    },
    targets: [
      {
        ...target,
        fresh: true,
        route: { ...target.route, origin: `http://${HOST}:${port}`, host: HOST },
      },
    ],
    counted: ['target'],
    timingLimits: {},
    allow: [HOST],
  };
  const layout = streamLayout(['target'], {});
  const record = allocateRecord(layout);
  const events: WorkerEvent[] = [];
  const worker = new Worker(
    { plan, segment: { index: 0, count: 1 }, record, learned: allocateLearned(plan.targets.length), life: 0 },
    (event) => events.push(event),
    network,
  );
  worker.handle({ type: 'start', atMs: monotonicMs() });
  try {
    const refused = await poll('refusal', () => events.find((e) => e.type === 'refused'), {
      timeoutMs: 15_000,
    });
    assert.match(refused.detail, new RegExp(`${HOST} points to ${ELSEWHERE}, outside the allowlist`));
    assert.equal(record.values[layout.slots[0]!.cell['finished:complete']], 3);
    assert.ok(record.values[layout.slots[0]!.cell['finished:connect_error']]! >= 1);
    assert.deepEqual([...new Set(dialled)], ['127.0.0.1']);
  } finally {
    worker.handle({ type: 'stop', graceMs: 0 });
    await poll('drained worker', () => events.find((e) => e.type === 'drained'));
    server.close();
  }
});
