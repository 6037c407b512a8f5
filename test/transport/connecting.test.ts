import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Network } from '../../src/transport/dial.ts';
import { freePort } from '../../support/ports.ts';
import { chunked, EVENTS_HEAD, head, LAST_CHUNK, Peer } from '../stream/peer.ts';
import { type Seen, type TargetOptions, targetAt, User } from '../stream/user.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { leavesNothingOpen } from './handles.ts';
import { deadNetwork, failingNetwork, namesNetwork, trustingNetwork } from './networks.ts';
import { throughEach } from './transports.ts';

leavesNothingOpen();

const ANSWER = Buffer.concat([
  Buffer.from(EVENTS_HEAD),
  chunked('data: one\n\n', 'data: [DONE]\n\n'),
  Buffer.from(LAST_CHUNK),
]);

/** One stream that is never written. */
async function unconnected(port: number, network: Network, options: TargetOptions = {}): Promise<Seen> {
  await using user = new User(targetAt(port, options), { network });
  const seen = await user.run();
  assert.deepEqual([seen.written_, seen.connects.length, seen.firstBytes.length], [0, 0, 0]);
  assert.equal(seen.stream.phase, 'connecting');
  // The next one dials again, whatever became of the connection.
  assert.equal((await user.run()).outcome, seen.outcome);
  return seen;
}

throughEach(() => {
  describe('no connection', () => {
    it('refused: connect_error', async () => {
      const { outcome, stream } = await unconnected(await freePort(), failingNetwork('ECONNREFUSED'));
      assert.equal(outcome, 'connect_error');
      assert.match(stream.detail!, /^ECONNREFUSED: /);
    });

    it('refused, for real', async () => {
      await using user = new User(targetAt(await freePort()));
      const { outcome, stream } = await user.run();
      assert.equal(outcome, 'connect_error');
      assert.match(stream.detail!, /^ECONNREFUSED: connect ECONNREFUSED 127\.0\.0\.1:/);
    });

    it('never connected: connect_error, and the socket is closed', async () => {
      const network = deadNetwork();
      const { outcome, stream } = await unconnected(9, network, { timeouts: { connectMs: 60 } });
      assert.equal(outcome, 'connect_error');
      assert.equal(stream.detail, 'connect timeout');
      assert.deepEqual(
        network.sockets.map((socket) => socket.destroyed),
        [true, true],
      );
    });

    it('never connected until the total limit: total_timeout', async () => {
      const { outcome, stream } = await unconnected(9, deadNetwork(), {
        timeouts: { connectMs: 5000, totalMs: 60 },
      });
      assert.equal(outcome, 'total_timeout');
      assert.equal(stream.detail, undefined);
    });

    it('a name that is never looked up to the end: connect_error', async () => {
      const network = { ...deadNetwork(), connect: namesNetwork([]).connect, lookup: () => {} };
      const { outcome } = await unconnected(9, network, {
        host: 'slow.invalid',
        timeouts: { connectMs: 60 },
      });
      assert.equal(outcome, 'connect_error');
    });

    it('a name that does not exist: connect_error', async () => {
      const error = Object.assign(new Error('getaddrinfo ENOTFOUND no.invalid'), { code: 'ENOTFOUND' });
      const { outcome, stream } = await unconnected(9, namesNetwork(error), { host: 'no.invalid' });
      assert.equal(outcome, 'connect_error');
      assert.equal(stream.detail, 'ENOTFOUND: getaddrinfo ENOTFOUND no.invalid');
    });

    const CODES: [string[], Outcome][] = [
      [['EMFILE'], 'generator_lost'],
      [['ENFILE'], 'generator_lost'],
      [['EADDRNOTAVAIL'], 'generator_lost'],
      [['ENOBUFS'], 'generator_lost'],
      [['ECONNREFUSED', 'EMFILE', 'ECONNREFUSED'], 'generator_lost'],
      [['EHOSTUNREACH'], 'connect_error'],
      [['ENETUNREACH', 'ECONNREFUSED'], 'connect_error'],
      [['ETIMEDOUT'], 'connect_error'],
    ];
    for (const [codes, outcome] of CODES) {
      it(`${codes.join(', ')}: ${outcome}`, async () => {
        assert.equal((await unconnected(9, failingNetwork(...codes))).outcome, outcome);
      });
    }

    it('a request that cannot be sent: generator_lost, and nothing is dialled', async () => {
      const network = deadNetwork();
      const { outcome } = await unconnected(9, network, { headers: ['bad name', 'x'] });
      assert.equal(outcome, 'generator_lost');
      assert.deepEqual(network.sockets, []);
    });

    it('a full listen queue: connect_error', { skip: process.platform !== 'linux' }, async () => {
      // A server whose thread is blocked: the kernel completes two connections, and then drops what comes.
      const blocked = new Worker(
        `const { parentPort } = require('node:worker_threads');
       const server = require('node:net').createServer();
       server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
         parentPort.postMessage(server.address().port);
         setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000));
       });`,
        { eval: true },
      );
      const [port] = (await once(blocked, 'message')) as [number];
      const target = targetAt(port, { timeouts: { connectMs: 300, ttfbMs: 300 } });
      const users = Array.from({ length: 6 }, () => new User(target));
      try {
        const outcomes = (await Promise.all(users.map((user) => user.run()))).map(({ outcome }) => outcome);
        assert.ok(outcomes.includes('connect_error'), `${outcomes}`);
        assert.ok(outcomes.every((outcome) => outcome === 'connect_error' || outcome === 'ttfb_timeout'));
      } finally {
        for (const user of users) await user[Symbol.asyncDispose]();
        await blocked.terminate();
      }
    });
  });

  describe('a connection that is closed at once', () => {
    for (const how of ['destroy', 'resetAndDestroy'] as const) {
      // Where the RST is there before the connect was noticed, it is the connect that the system calls failed.
      const expected = how === 'destroy' ? ['reset'] : ['reset', 'connect_error'];
      it(`${how}: ${expected.join(' or ')}`, async () => {
        await using peer = await Peer.listen(() => {}, { onConnection: (socket) => void socket[how]() });
        await using user = new User(targetAt(peer.port));
        for (let i = 0; i < 5; i++) {
          const { outcome, connects, firstBytes, stream } = await user.run();
          assert.ok(expected.includes(outcome!), `${outcome}, ${stream.detail}`);
          assert.equal(connects.length, outcome === 'reset' ? 1 : 0);
          assert.deepEqual(firstBytes, []);
        }
        await peer.released();
      });
    }
  });

  describe('TLS', () => {
    interface TlsCase {
      readonly name: string;
      readonly certificate: Certificate;
      readonly host?: string;
      readonly trusted: boolean;
      readonly outcome: Outcome;
      readonly detail?: RegExp;
    }
    const good = makeCertificate({ names: ['good.invalid', '127.0.0.1'] });
    const CASES: TlsCase[] = [
      { name: 'a good certificate', certificate: good, trusted: true, outcome: 'complete' },
      {
        name: 'a good one of a name',
        certificate: good,
        host: 'good.invalid',
        trusted: true,
        outcome: 'complete',
      },
      {
        name: 'self-signed',
        certificate: good,
        trusted: false,
        outcome: 'tls_error',
        detail: /^DEPTH_ZERO_SELF_SIGNED_CERT: /,
      },
      {
        name: 'expired',
        certificate: makeCertificate({ names: ['127.0.0.1'], notAfter: new Date(Date.now() - 1000) }),
        trusted: true,
        outcome: 'tls_error',
        detail: /^CERT_HAS_EXPIRED: /,
      },
      {
        name: 'of another name',
        certificate: makeCertificate({ names: Array.from({ length: 50 }, (_, i) => `other${i}.invalid`) }),
        host: 'good.invalid',
        trusted: true,
        outcome: 'tls_error',
        detail: /^ERR_TLS_CERT_ALTNAME_INVALID: .{0,180}$/s,
      },
    ];
    for (const { name, certificate, host, trusted, outcome, detail } of CASES) {
      it(`${name}: ${outcome}`, async () => {
        await using peer = await Peer.listen((socket) => void socket.write(ANSWER), { tls: certificate });
        const names = namesNetwork(['127.0.0.1']);
        const network = trusted ? trustingNetwork(certificate.cert, names) : names;
        await using user = new User(targetAt(peer.port, { tls: {}, ...(host ? { host } : {}) }), {
          network,
        });
        const seen = await user.run();
        assert.equal(seen.outcome, outcome, seen.stream.detail);
        if (detail) assert.match(seen.stream.detail!, detail);
        if (outcome === 'complete') {
          const { dnsMs, tcpMs, tlsMs, connectMs } = seen.connects[0]!;
          assert.equal(dnsMs === undefined, host === undefined);
          assert.ok(tlsMs! > 0 && tcpMs! >= 0);
          assert.ok(Math.abs((dnsMs ?? 0) + tcpMs! + tlsMs! - connectMs) < 1e-6 + connectMs * 0.5);
          assert.equal((await user.run()).outcome, outcome);
          assert.equal(peer.accepted, 1);
        } else {
          assert.deepEqual([seen.connects.length, seen.written_], [0, 0]);
          await peer.released();
        }
      });
    }

    it('a server that does not speak it: tls_error', async () => {
      await using peer = await Peer.listen(() => {}, {
        onConnection: (socket) => void socket.write('HTTP/1.1 400 no TLS here\r\n\r\n'),
      });
      await using user = new User(targetAt(peer.port, { tls: {} }));
      assert.equal((await user.run()).outcome, 'tls_error');
      await peer.released();
    });

    it('a server that hangs up in the handshake: tls_error', async () => {
      for (const how of ['end', 'resetAndDestroy'] as const) {
        await using peer = await Peer.listen(() => {}, {
          onConnection: (socket) => void socket.once('data', () => socket[how]()),
        });
        await using user = new User(targetAt(peer.port, { tls: {} }));
        assert.equal((await user.run()).outcome, 'tls_error');
      }
    });

    it('a handshake that never ends: connect_error, and the socket is closed', async () => {
      await using peer = await Peer.listen(() => {});
      await using user = new User(targetAt(peer.port, { tls: {}, timeouts: { connectMs: 100 } }));
      const seen = await user.run();
      assert.deepEqual([seen.outcome, seen.stream.detail], ['connect_error', 'connect timeout']);
      await peer.released();
    });

    it('a connection that breaks in the body: reset', async () => {
      await using peer = await Peer.listen(
        async (socket) => {
          socket.write(`${head('200 OK', { 'content-type': 'text/event-stream' })}data: one\n\n`, () =>
            socket.destroy(),
          );
        },
        // Without its length the body ends with the connection, and only TLS 1.3's close_notify could tell.
        { tls: good },
      );
      await using user = new User(targetAt(peer.port, { tls: {} }), {
        network: trustingNetwork(good.cert),
      });
      const { outcome } = await user.run();
      assert.ok(outcome === 'reset' || outcome === 'truncated', outcome);
    });
  });

  describe('connections from stream to stream', () => {
    it('reuse: one connection, and only the first stream tells of a connect', async () => {
      await using peer = await Peer.listen((socket) => void socket.write(ANSWER));
      await using user = new User(targetAt(peer.port));
      assert.equal(user.connection.mustDial, true);
      for (let i = 0; i < 4; i++) {
        const { outcome, connects } = await user.run();
        assert.deepEqual([outcome, connects.length], ['complete', i === 0 ? 1 : 0]);
        assert.equal(user.connection.mustDial, false);
      }
      assert.equal(peer.accepted, 1);
      assert.match(
        peer.heads[0]!,
        /^POST \/stream HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\nconnection: keep-alive/,
      );
      user.connection.destroy();
      await peer.released();
    });

    it('fresh: a connection for each', async () => {
      await using peer = await Peer.listen((socket) => void socket.write(ANSWER));
      await using user = new User(targetAt(peer.port, { fresh: true }));
      for (let i = 0; i < 3; i++) {
        const { outcome, connects } = await user.run();
        assert.deepEqual([outcome, connects.length], ['complete', 1]);
        await new Promise(setImmediate);
        assert.equal(user.connection.mustDial, true);
      }
      assert.equal(peer.accepted, 3);
      assert.match(peer.heads[0]!, /connection: close/);
      await peer.released();
    });

    /** What happens to a kept connection between two streams. */
    const BETWEEN: Readonly<Record<string, (peer: Peer) => void>> = {
      FIN: (peer) => void peer.open[0]!.end(),
      RST: (peer) => void peer.open[0]!.resetAndDestroy(),
      'stray garbage': (peer) => void peer.open[0]!.write('garbage'),
      'a stray response': (peer) => void peer.open[0]!.write(ANSWER),
      'a stray 100 Continue and garbage': (peer) =>
        void peer.open[0]!.write('HTTP/1.1 100 Continue\r\n\r\ngarbage'),
    };
    for (const [what, happens] of Object.entries(BETWEEN)) {
      for (const when of ['long before', 'just before'] as const) {
        it(`${what} on a kept connection, ${when} the next stream: it dials again`, async () => {
          await using peer = await Peer.listen((socket) => void socket.write(ANSWER));
          await using user = new User(targetAt(peer.port));
          for (let i = 0; i < 5; i++) {
            assert.equal((await user.run()).outcome, 'complete');
            // Streams start from timers. So the event loop will look at the connection once before it writes.
            await sleep(5);
            happens(peer);
            if (when === 'long before') await peer.released();
            const seen = user.start();
            await seen.over;
            assert.deepEqual([seen.outcome, seen.connects.length], ['complete', 1], seen.stream.detail);
            user.connection.destroy();
            await peer.released();
          }
          assert.equal(peer.accepted, 10);
        });
      }
    }

    it('cancelled before a broken kept connection is dialled again: ends at once', async () => {
      await using peer = await Peer.listen((socket) => void socket.write(ANSWER));
      await using user = new User(targetAt(peer.port));
      await user.run();
      peer.open[0]!.resetAndDestroy();
      const seen = user.start();
      seen.stream.cancel('cancelled');
      assert.equal(seen.outcome, 'cancelled');
      await peer.released();
      assert.equal(peer.requests, 1);
    });

    it('a server that dies and comes back', async () => {
      const first = await Peer.listen((socket) => void socket.write(ANSWER));
      const { port } = first;
      await using user = new User(targetAt(port));
      assert.equal((await user.run()).outcome, 'complete');
      await first[Symbol.asyncDispose]();
      await sleep(5);
      const down = await user.run();
      assert.equal(down.outcome, 'connect_error', down.stream.detail);
      await using second = await Peer.listen((socket) => void socket.write(ANSWER), { port });
      assert.equal((await user.run()).outcome, 'complete');
      assert.equal(second.requests, 1);
    });

    it('a stream started in the call that tells of the end of the one before', async () => {
      await using peer = await Peer.listen(
        (socket, nth) => void (nth === 1 ? socket.destroy() : socket.write(ANSWER)),
      );
      await using user = new User(targetAt(peer.port));
      const outcomes: (Outcome | undefined)[] = [];
      await new Promise<void>((resolve) => {
        const next = (): void => {
          const seen = user.start();
          const { ended } = seen;
          seen.ended = (stream, outcome) => {
            ended.call(seen, stream, outcome);
            outcomes.push(outcome);
            if (outcomes.length < 4) next();
            else resolve();
          };
        };
        next();
      });
      assert.deepEqual(outcomes, ['complete', 'reset', 'complete', 'complete']);
    });
  });
});
