import assert from 'node:assert/strict';
import type net from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase } from '../../src/catalog/slots.ts';
import { buildAllowlist } from '../../src/core/allow.ts';
import { formatNamed } from '../../src/formats/list.ts';
import { headersFor } from '../../src/stream/request.ts';
import { HttpStream } from '../../src/stream/stream.ts';
import { Connector, dialOptions } from '../../src/transport/connector.ts';
import { NETWORK, type Network } from '../../src/transport/dial.ts';
import { poll } from '../../support/poll.ts';
import { collect } from '../../support/stream/collect.ts';
import { leavesNothingOpen } from '../transport/handles.ts';
import { deadNetwork } from '../transport/networks.ts';
import { throughEach } from '../transport/transports.ts';
import { chunked, EVENTS_HEAD, head, LAST_CHUNK, Peer } from './peer.ts';
import { Seen, type TargetOptions, targetAt, User } from './user.ts';

const DONE = 'data: [DONE]\n\n';
const ANSWER = Buffer.concat([
  Buffer.from(EVENTS_HEAD),
  chunked('data: a\n\n', DONE),
  Buffer.from(LAST_CHUNK),
]);

interface Case {
  readonly name: string;
  readonly phase: Phase;
  readonly options?: TargetOptions;
  readonly network?: Network;
  readonly serve?: (socket: net.Socket) => void;
  /** What has happened by the time it is cancelled. */
  readonly ready: (seen: Seen, peer: Peer) => boolean;
  readonly outcome?: 'complete' | 'inband_error' | 'http_error' | 'below_minimum';
}

const CASES: Case[] = [
  { name: 'before anything has happened', phase: 'connecting', ready: () => true },
  {
    name: 'while a name is looked up',
    phase: 'connecting',
    options: { host: 'slow.invalid' },
    network: { ...NETWORK, lookup: () => {} },
    ready: () => true,
  },
  { name: 'while it connects', phase: 'connecting', network: deadNetwork(), ready: () => true },
  {
    name: 'in the TLS handshake',
    phase: 'connecting',
    options: { tls: {} },
    ready: (_, peer) => peer.accepted === 1,
  },
  { name: 'while it waits', phase: 'waiting', ready: (_, peer) => peer.requests === 1 },
  {
    name: 'with the head there',
    phase: 'waiting',
    serve: (socket) => void socket.write(EVENTS_HEAD),
    ready: ({ responses }) => responses.length === 1,
  },
  {
    name: 'while it streams',
    phase: 'streaming',
    serve: (socket) => void socket.write(Buffer.concat([Buffer.from(EVENTS_HEAD), chunked('data: a\n\n')])),
    ready: ({ gaps }) => gaps.length === 1,
  },
  {
    name: 'while it lingers after a good end',
    phase: 'streaming',
    serve: (socket) =>
      void socket.write(Buffer.concat([Buffer.from(EVENTS_HEAD), chunked('data: a\n\n', DONE)])),
    ready: ({ stream }) => stream.decidedMs !== undefined,
    outcome: 'complete',
  },
  {
    name: 'while it lingers after too little',
    phase: 'streaming',
    options: { expect: { minChunks: 3 } },
    serve: (socket) =>
      void socket.write(Buffer.concat([Buffer.from(EVENTS_HEAD), chunked('data: a\n\n', DONE)])),
    ready: ({ stream }) => stream.decidedMs !== undefined,
    outcome: 'below_minimum',
  },
  {
    name: 'while it lingers after an error',
    phase: 'streaming',
    serve: (socket) =>
      void socket.write(Buffer.concat([Buffer.from(EVENTS_HEAD), chunked('event: error\ndata: x\n\n')])),
    ready: ({ stream }) => stream.decidedMs !== undefined,
    outcome: 'inband_error',
  },
  {
    name: 'while it lingers after a 500',
    phase: 'waiting',
    serve: (socket) => void socket.write(head('500 Oh', { 'content-length': '9' })),
    ready: ({ stream }) => stream.decidedMs !== undefined,
    outcome: 'http_error',
  },
];

leavesNothingOpen();

throughEach(() => {
  describe('cancel', () => {
    for (const { name, phase, options, network = NETWORK, serve = () => {}, ready, outcome } of CASES) {
      it(`${name}: ${outcome ?? 'cancelled'}`, async () => {
        await using peer = await Peer.listen(serve);
        await using user = new User(targetAt(peer.port, options), { network });
        const seen = user.start();
        await poll(name, () => (ready(seen, peer) ? true : undefined), { everyMs: 2 });
        assert.equal(seen.stream.phase, phase);
        assert.deepEqual(seen.outcomes, []);
        seen.stream.cancel('cancelled');
        // At once, and then never again.
        assert.deepEqual(seen.outcomes, [outcome ?? 'cancelled']);
        assert.equal(user.connection.mustDial, true);
        seen.stream.cancel('cancelled');
        seen.stream.sweep(user.clock() + 1e9);
        await peer.released();
        assert.deepEqual(seen.outcomes, [outcome ?? 'cancelled']);
        for (const socket of (network as ReturnType<typeof deadNetwork>).sockets ?? [])
          assert.ok(socket.destroyed);
      });
    }

    it('before a stream on a kept connection is written', async () => {
      await using peer = await Peer.listen((socket) => void socket.write(ANSWER));
      await using user = new User(targetAt(peer.port));
      await user.run();
      await sleep(5);
      const seen = user.start();
      seen.stream.cancel('cancelled');
      assert.deepEqual(seen.outcomes, ['cancelled']);
      await peer.released();
      assert.equal(peer.requests, 1);
      // The user goes on with another connection.
      assert.equal((await user.run()).outcome, 'complete');
      assert.equal(peer.accepted, 2);
    });

    it('after the end nothing happens, to the next stream of the connection neither', async () => {
      await using peer = await Peer.listen((socket, nth) => void (nth === 0 && socket.write(ANSWER)));
      await using user = new User(targetAt(peer.port));
      const first = await user.run();
      await sleep(5);
      const second = user.start();
      await poll('request', () => (peer.requests === 2 ? true : undefined), { everyMs: 2 });
      first.stream.cancel('cancelled');
      first.stream.sweep(user.clock() + 1e9);
      await sleep(20);
      assert.deepEqual([first.outcomes, second.outcomes, peer.open.length], [['complete'], [], 1]);
      second.stream.cancel('cancelled');
    });

    it('with another outcome and a reason', async () => {
      await using peer = await Peer.listen(() => {});
      await using user = new User(targetAt(peer.port));
      const seen = user.start();
      seen.stream.cancel('generator_lost', 'because');
      assert.deepEqual([seen.outcome, seen.stream.detail], ['generator_lost', 'because']);
    });

    for (const written of [false, true]) {
      it(`its connection is destroyed ${written ? 'while it waits' : 'while it connects'}: cancelled`, async () => {
        await using peer = await Peer.listen(() => {});
        await using user = new User(targetAt(peer.port));
        const seen = user.start();
        if (written) await poll('request', () => (peer.requests === 1 ? true : undefined), { everyMs: 2 });
        user.connection.destroy();
        await seen.over;
        assert.equal(seen.outcome, 'cancelled', seen.stream.detail);
        await peer.released();
      });
    }
  });

  describe('what is held', () => {
    it('a stream that is over is not held by its connection', async () => {
      await using peer = await Peer.listen((socket) => void socket.write(ANSWER));
      const target = targetAt(peer.port);
      const clock = (): number => performance.now();
      const connection = new Connector(
        dialOptions(target.route, buildAllowlist([]), NETWORK, clock),
      ).connect();
      const streams: WeakRef<HttpStream>[] = [];
      for (let i = 0; i < 3; i++) {
        await new Promise<void>((resolve) => {
          const seen = new Seen();
          seen.ended = () => resolve();
          const classifier = formatNamed(target.format).classifier(target)();
          const stream = new HttpStream(`test-${i}`, target, connection, seen, clock, classifier);
          seen.stream = stream;
          streams.push(new WeakRef(stream));
          stream.start(headersFor(target, stream.id), '{}');
        });
        await sleep(5);
      }
      assert.equal(connection.mustDial, false);
      await poll('collection of the streams', async () => {
        await collect();
        return streams.every((stream) => stream.deref() === undefined) ? true : undefined;
      });
      connection.destroy();
      await peer.released();
    });
  });
});
