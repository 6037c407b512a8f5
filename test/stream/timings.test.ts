/** On a clock that only the tests move: what is measured is exact, however slow the machine is. */
import assert from 'node:assert/strict';
import type net from 'node:net';
import { describe, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { makeCertificate } from '../transport/certificate.ts';
import { namesNetwork, trustingNetwork } from '../transport/networks.ts';
import { throughEach } from '../transport/transports.ts';
import { chunked, EVENTS_HEAD, LAST_CHUNK, Peer } from './peer.ts';
import { type Seen, type TargetOptions, targetAt, User } from './user.ts';

const FOREVER = { connectMs: 1e9, ttfbMs: 1e9, idleMs: 1e9, totalMs: 1e9, lingerMs: 1e9 };
const DONE = 'data: [DONE]\n\n';

interface Scene {
  /** Time passes. */
  skip(ms: number): void;
  /** Waits until the client has seen it. */
  until(what: string, seen: (seen: Seen) => boolean): Promise<void>;
  /** Writes, and waits until the client has read this much of the body in all. */
  send(bytes: string | Uint8Array, body: number): Promise<void>;
}

type Script = (socket: net.Socket, scene: Scene) => void | Promise<void>;

/** One stream for each script, over one connection, with the time going by as the scripts say. */
async function play(options: TargetOptions, ...scripts: Script[]): Promise<Seen[]> {
  const all: Seen[] = [];
  await using peer = await Peer.listen(async (socket, nth) => {
    const until: Scene['until'] = async (what, seen) => {
      await poll(what, () => (seen(all[nth]!) ? true : undefined), { everyMs: 2 });
    };
    await scripts[nth]!(socket, {
      skip: (ms) => {
        user.skippedMs += ms;
      },
      until,
      send: async (bytes, body) => {
        socket.write(bytes);
        await until(`${body} bytes`, (seen) => seen.bytes >= body);
      },
    });
  });
  await using user: User = new User(targetAt(peer.port, { timeouts: FOREVER, ...options }), { frozen: true });
  for (const _ of scripts) {
    const seen = user.start();
    all.push(seen);
    await seen.over;
    user.skippedMs += 7;
  }
  return all;
}

throughEach(() => {
  describe('timings', () => {
    it('connect is apart; headers and TTFB begin when the request is written', async () => {
      const certificate = makeCertificate({ names: ['name.invalid'] });
      let user: User;
      const names = namesNetwork(['127.0.0.1']);
      const network = trustingNetwork(certificate.cert, {
        ...names,
        lookup: (host, done) =>
          names.lookup(host, (error, found) => {
            user.skippedMs += 1000;
            done(error, found);
          }),
      });
      const all: Seen[] = [];
      await using peer = await Peer.listen(
        async (socket, nth) => {
          user.skippedMs += 30;
          socket.write(EVENTS_HEAD);
          await poll('head', () => (all[nth]!.responses.length > 0 ? true : undefined), { everyMs: 2 });
          user.skippedMs += 400;
          socket.write(Buffer.concat([chunked('data: a\n\n', DONE), Buffer.from(LAST_CHUNK)]));
        },
        {
          tls: certificate,
          onConnection: () => {
            user.skippedMs += 200;
          },
        },
      );
      const target = targetAt(peer.port, { host: 'name.invalid', tls: {}, timeouts: FOREVER });
      user = new User(target, { network, frozen: true });
      await using _ = user;
      for (const nth of [0, 1]) {
        const seen = user.start();
        all.push(seen);
        await seen.over;
        const { connects, responses, firstBytes, firstContents, gaps, stream } = seen;
        const { dnsMs, tcpMs, connectMs } = connects[0] ?? {};
        // The server notices the end of the handshake after the client, or before it.
        assert.deepEqual([dnsMs, tcpMs], nth === 0 ? [1000, 0] : [undefined, undefined]);
        assert.ok(nth === 1 || connectMs === 1000 || connectMs === 1200);
        const late = nth === 0 && connectMs === 1000 ? 200 : 0;
        assert.deepEqual(responses[0], { status: 200, headersMs: 30 + late, accepted: true });
        assert.deepEqual(firstBytes, [{ ms: 430 + late, accepted: true }]);
        assert.deepEqual(firstContents, [430 + late]);
        assert.deepEqual(gaps, [undefined]);
        assert.equal(seen.durationMs, nth === 0 ? 1630 : 430);
        assert.equal(stream.connectMs, connectMs);
      }
    });

    it('the first byte of the body may be a comment; TTFT is the first content', async () => {
      const role = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n';
      const text = 'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n';
      const [seen] = await play({ format: 'openai-chat' }, async (socket, { skip, send }) => {
        skip(10);
        socket.write(EVENTS_HEAD);
        await send(chunked(': processing\n\n'), 14);
        skip(20);
        await send(chunked(role), 14 + role.length);
        skip(40);
        await send(chunked(text), 14 + role.length + text.length);
        skip(80);
        socket.write(chunked(DONE));
        socket.write(LAST_CHUNK);
      });
      assert.equal(seen!.outcome, 'complete');
      assert.deepEqual([seen!.firstBytes[0]!.ms, seen!.firstContents[0]], [10, 70]);
      // Neither the role nor [DONE] has content.
      assert.deepEqual(seen!.gaps, [undefined]);
    });

    it('gaps go from content to content: 0 within a read, and comments and parts of events are none', async () => {
      const [seen] = await play({}, async (socket, { skip, send }) => {
        socket.write(EVENTS_HEAD);
        await send(chunked('data: a\n\ndata: b\n\n'), 18);
        skip(5);
        await send(chunked(': ping\n\n'), 26);
        skip(50);
        await send(chunked('data: c'), 33);
        skip(500);
        // Two chunks of HTTP in one read: their events have one time.
        await send(chunked('\n\nda', 'ta: d\n\n', DONE), 33 + 11 + 14);
        socket.write(LAST_CHUNK);
      });
      assert.deepEqual(seen!.gaps, [undefined, 0, 555, 0]);
      assert.equal(seen!.keepalives, 1);
    });

    it('a raw chunk is a read, and reads are counted', async () => {
      const [seen] = await play({ format: 'raw' }, async (socket, { skip, send }) => {
        await send(Buffer.concat([Buffer.from(EVENTS_HEAD), chunked('ab', 'cd')]), 4);
        skip(5);
        await send(chunked('e'), 5);
        socket.write(LAST_CHUNK);
      });
      assert.deepEqual([seen!.gaps, seen!.reads, seen!.characters], [[undefined, 5], 2, 5]);
    });

    it('the duration ends with the terminal event, not when it lingers or at the end of the body', async () => {
      const [first, second] = await play(
        {},
        async (socket, { skip, send }) => {
          skip(100);
          socket.write(EVENTS_HEAD);
          await send(chunked('data: a\n\n', DONE), 23);
          skip(5000);
          socket.write(LAST_CHUNK);
        },
        async (socket, { skip, send }) => {
          socket.write(EVENTS_HEAD);
          await send(chunked('data: a\n\n', DONE), 23);
          skip(5000);
          // A violation is found then, but the answer was over before.
          await send(chunked('data: a\n\n'), 32);
        },
      );
      assert.deepEqual([first!.outcome, first!.durationMs], ['complete', 100]);
      assert.deepEqual([second!.outcome, second!.durationMs], ['protocol_violation', 0]);
    });

    it('without a terminal event it ends with the body', async () => {
      const [seen] = await play({ format: 'raw' }, async (socket, { skip, send }) => {
        socket.write(EVENTS_HEAD);
        await send(chunked('a'), 1);
        skip(60);
        socket.write(LAST_CHUNK);
      });
      assert.equal(seen!.durationMs, 60);
    });

    it('it lingers for as long as is set, and no longer', async () => {
      const [seen] = await play(
        { timeouts: { ...FOREVER, lingerMs: 1000, idleMs: 10 } },
        async (socket, { skip, send, until }) => {
          socket.write(EVENTS_HEAD);
          await send(chunked('data: a\n\n', DONE), 23);
          skip(999);
          await send(chunked(': still here\n\n'), 37);
          await new Promise((resolve) => setTimeout(resolve, 40));
          await until('linger', ({ outcome }) => outcome === undefined);
          skip(1);
          await until('end', ({ outcome }) => outcome === 'complete');
        },
      );
      assert.equal(seen!.durationMs, 0);
    });

    it('a response that is not accepted is told as such', async () => {
      const [seen] = await play({}, async (socket, { skip }) => {
        skip(3);
        socket.write('HTTP/1.1 503 No\r\ncontent-length: 2\r\n\r\nno');
      });
      assert.deepEqual(seen!.responses, [{ status: 503, headersMs: 3, accepted: false }]);
      assert.deepEqual(seen!.firstBytes, [{ ms: 3, accepted: false }]);
      assert.deepEqual([seen!.gaps, seen!.firstContents], [[], []]);
      assert.equal(seen!.bytes, 2);
    });
  });

  describe('limits', () => {
    /** How far the stream is when no more comes. */
    type Where = 'no answer' | 'head' | 'body';
    const silent = (where: Where, lateMs: number): Script => {
      return async (socket, { skip, send, until }) => {
        skip(10);
        if (where !== 'no answer') socket.write(EVENTS_HEAD);
        if (where === 'head') await until('head', ({ responses }) => responses.length > 0);
        if (where === 'body') await send(chunked('data: a\n\n'), 9);
        skip(lateMs);
        await until('end', ({ outcome }) => outcome !== undefined);
      };
    };

    const CASES: [Where, limits: object, lateMs: number, outcome: string, ttfb: number][] = [
      ['no answer', { ttfbMs: 100 }, 100, 'ttfb_timeout', 110],
      ['head', { ttfbMs: 100, idleMs: 20 }, 90, 'ttfb_timeout', 100],
      ['body', { idleMs: 100 }, 100, 'stalled', 10],
      ['body', { totalMs: 100 }, 90, 'total_timeout', 10],
      // The first cause in time wins, however late it is looked at.
      ['no answer', { ttfbMs: 100, totalMs: 150 }, 5000, 'ttfb_timeout', 5010],
      ['no answer', { ttfbMs: 150, totalMs: 100 }, 5000, 'total_timeout', 5010],
      ['body', { idleMs: 100, totalMs: 150 }, 5000, 'stalled', 10],
      ['body', { idleMs: 150, totalMs: 100 }, 5000, 'total_timeout', 10],
      // At the same moment the more specific one.
      ['no answer', { ttfbMs: 100, totalMs: 100 }, 5000, 'ttfb_timeout', 5010],
      ['body', { idleMs: 100, totalMs: 110 }, 5000, 'stalled', 10],
    ];
    for (const [where, limits, lateMs, outcome, ttfb] of CASES) {
      it(`${JSON.stringify(limits)}, silent after ${10 + lateMs} ms (${where}): ${outcome}`, async () => {
        const [seen] = await play({ timeouts: { ...FOREVER, ...limits } }, silent(where, lateMs));
        assert.equal(seen!.outcome, outcome);
        // What timed out before its first byte is observed at the time it waited.
        assert.deepEqual(seen!.firstBytes, [{ ms: ttfb, accepted: true }]);
        assert.equal(seen!.stream.firstByteMs, where === 'body' ? 10 : undefined);
      });
    }

    it('any byte puts off the idle limit: comments, parts of events, and the framing', async () => {
      const [seen] = await play(
        { timeouts: { ...FOREVER, idleMs: 100 } },
        async (socket, { skip, send, until }) => {
          socket.write(EVENTS_HEAD);
          let body = 0;
          for (const bit of [': ping\n', 'data', ': a', '\n\n']) {
            body += bit.length;
            await send(chunked(bit), body);
            skip(99);
          }
          socket.write('3');
          await until('the framing', ({ stream }) => stream.lastByteMs === 396);
          skip(99);
          await until('no end', ({ outcome }) => outcome === undefined);
          skip(1);
          await until('end', ({ outcome }) => outcome === 'stalled');
        },
      );
      assert.equal(seen!.durationMs, 496);
      assert.equal(seen!.gaps.length, 1);
    });
  });
});
