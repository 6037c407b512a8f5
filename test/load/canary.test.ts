import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { StreamView, streamLayout } from '../../src/catalog/slots.ts';
import { monotonicMs } from '../../src/core/clock.ts';
import type { SnapshotView } from '../../src/core/snapshot.ts';
import { TRANSPORTS, type Transport } from '../../src/core/target.ts';
import { Canary } from '../../src/load/canary/canary.ts';
import { startCanaryServer } from '../../src/load/canary/server.ts';
import { STAMP_BYTES, STAMPS_HEAD } from '../../src/load/canary/stamp.ts';
import { Engine } from '../../src/load/engine.ts';
import { NETWORK } from '../../src/transport/dial.ts';
import { closed, planOf, streamTarget } from '../../support/load/samples.ts';
import { poll } from '../../support/poll.ts';

const LAYOUT = streamLayout(['silent', 'other'], {});
const ENTRY = new URL('./sluggish-entry.ts', import.meta.url);
const USERS = 3;

/** A canary of one transport, and the lags that it told of; it is stopped after the test. */
function canaryAt(port: number, transport: Transport, clock = () => performance.now()) {
  const lags: number[] = [];
  const recorder = { measurementLag: (_: Transport, ms: number) => void lags.push(ms) };
  const canary = new Canary({ port, transports: new Set([transport]), recorder, network: NETWORK, clock });
  after(() => canary.stop());
  return { canary, lags };
}

/** A server that answers as the canary's does, but for when it writes stamps; it is closed after the test. */
async function stamping(write: (send: (stampMs: number) => void, end: () => void) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(STAMPS_HEAD);
      const chunk = Buffer.alloc(STAMP_BYTES);
      write(
        (stampMs) => {
          chunk.writeDoubleLE(stampMs);
          socket.write(Buffer.concat([Buffer.from('8\r\n'), chunk, Buffer.from('\r\n')]));
        },
        () => socket.destroy(),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.close();
  });
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

describe('the canary', () => {
  for (const transport of TRANSPORTS) {
    it(`tells what lies between a stamp and its read, through ${transport}`, async () => {
      // As though it had been written 70 ms before it was seen.
      const server = await stamping((send) => {
        for (let i = 0; i < 5; i++) send(monotonicMs() - 70);
      });
      const { canary, lags } = canaryAt(portOf(server), transport);
      canary.start();
      await poll('five stamps', () => (lags.length === 5 ? true : undefined), { everyMs: 5 });
      assert.ok(
        lags.every((ms) => ms >= 70 && ms < 5000),
        `${lags}`,
      );
    });

    it(`hears the real server, through ${transport}`, async () => {
      const server = (await startCanaryServer())!;
      after(() => server.close());
      const { canary, lags } = canaryAt(server.port, transport);
      canary.start();
      await poll('stamps', () => (lags.length >= 20 ? true : undefined), { everyMs: 5 });
      assert.ok(
        lags.every((ms) => ms >= 0 && ms < 60_000),
        `${lags}`,
      );
    });
  }

  it('takes silence for lag', async () => {
    const server = await stamping((send) => send(monotonicMs()));
    let skippedMs = 0;
    const { canary, lags } = canaryAt(portOf(server), 'lean', () => performance.now() + skippedMs);
    canary.start();
    await poll('the one stamp', () => (lags.length === 1 ? true : undefined), { everyMs: 5 });
    skippedMs = 1500;
    canary.listen();
    canary.sweep();
    assert.equal(lags.length, 2);
    assert.ok(lags[1]! >= 1500);
    canary.stop();
    canary.listen();
    canary.sweep();
    assert.equal(lags.length, 2, 'one that was stopped is not silent');
  });

  it('begins again where its stream ends', async () => {
    let connections = 0;
    const server = await stamping((send, end) => {
      send(monotonicMs());
      if (++connections === 1) setImmediate(end);
    });
    const { canary, lags } = canaryAt(portOf(server), 'lean');
    canary.start();
    await poll('a stamp of the second stream', () =>
      connections === 2 && lags.length >= 2 ? true : undefined,
    );
  });

  it('tells nothing where there is no server', async () => {
    const server = await stamping(() => {});
    const port = portOf(server);
    server.close();
    await once(server, 'close');
    const { canary, lags } = canaryAt(port, 'lean');
    canary.start();
    for (let i = 0; i < 5; i++) {
      await new Promise((done) => setTimeout(done, 10));
      canary.listen();
      canary.sweep();
    }
    canary.stop();
    assert.deepEqual(lags, []);
  });
});

describe('the canary of an engine', () => {
  let silent: Server;
  before(async () => {
    silent = createServer((socket) => socket.on('error', () => {}).resume());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });
  after(() => {
    silent.close();
  });

  it('watches the transports in use, sees a blocked loop, and is counted nowhere else', async () => {
    const channel = new BroadcastChannel('sluggish-engine-threads');
    const port = portOf(silent);
    const scenario = closed({
      targets: [{ name: 'silent', weight: 1 }],
      stages: [{ shape: 'hold', level: USERS, durationMs: 60_000 }],
    });
    const targets = [
      streamTarget('silent', { port, transport: 'lean' }),
      streamTarget('other', { port, transport: 'undici' }),
    ];
    const plan = { ...planOf(scenario, targets), counted: ['silent', 'other'] };
    const engine = await Engine.open(
      plan,
      1,
      LAYOUT,
      { failures() {}, refused() {}, lost() {}, frozen() {} },
      { entry: ENTRY },
    );
    try {
      engine.start(monotonicMs());
      const view = (): SnapshotView<typeof LAYOUT> => new StreamView(LAYOUT, engine.values());
      const lag = (transport: Transport) => view().shared(`measurementLag:${transport}`);
      await poll('samples', () => (lag('lean').count >= 20 ? true : undefined), { everyMs: 10 });
      channel.postMessage(500);
      await poll('the late ones', () => {
        const { count } = lag('lean');
        const late = count - lag('lean').cumulative([300])[0]!;
        // About 20 stamps were written in the 200 ms of it that are left then.
        return late >= 5 ? true : undefined;
      });
      assert.equal(lag('undici').count, 0, 'no stream of this run is carried by it');
      assert.equal(view().total('started'), USERS);
      assert.equal((await engine.list({ stalledOnly: false, limit: 100 })).length, USERS);
      engine.stop(0);
      await engine.drained;
      const { count } = lag('lean');
      await new Promise((done) => setTimeout(done, 100));
      assert.equal(lag('lean').count, count, 'it ends with its thread');
      assert.equal(view().total('finished:cancelled'), USERS);
    } finally {
      channel.close();
      await engine.close();
    }
  });
});
