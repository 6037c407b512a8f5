/**
 * Servers that misbehave, each over a real socket. Every case is run twice by the same user: the second stream
 * has to end like the first, over the same connection where that was left in order, else over a new one.
 */
import assert from 'node:assert/strict';
import type net from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../src/core/outcome.ts';
import { poll } from '../../support/poll.ts';
import { leavesNothingOpen } from '../transport/handles.ts';
import { throughEach } from '../transport/transports.ts';
import { type Answer, chunked, EVENTS_HEAD, flood, head, LAST_CHUNK, Peer, writeApart } from './peer.ts';
import { type Seen, type TargetOptions, targetAt, User } from './user.ts';

leavesNothingOpen();

const ONE = 'data: one\n\n';
const TWO = 'data: two\n\n';
const DONE = 'data: [DONE]\n\n';
const PING = ': ping\n\n';
const OPEN_HEAD = head('200 OK', { 'content-type': 'text/event-stream' });
const KEPT = { 'content-type': 'text/event-stream' };

interface Scene {
  readonly peer: Peer;
  /** What the client has seen of the present stream. */
  readonly seen: Seen;
  /** Waits until the client has got this many bytes of the body. */
  readonly got: (bytes: number) => Promise<void>;
}

interface Case {
  readonly name: string;
  readonly target?: TargetOptions;
  readonly serve: (socket: net.Socket, scene: Scene) => void | Promise<void>;
  readonly outcome: Outcome;
  readonly detail?: RegExp;
  /** Accepted timings; 1 where not said. */
  readonly headers?: 0 | 1;
  readonly ttfb?: 0 | 1;
  readonly ttft?: 0 | 1;
  /** Chunks counted; a number of gaps one less follows from it. Absent: not checked. */
  readonly chunks?: number;
  /** Whether the connection can be used again. */
  readonly kept?: boolean;
  readonly check?: (seen: Seen, peer: Peer) => void;
}

const NOTHING = { headers: 0, ttfb: 0, ttft: 0, chunks: 0 } as const;
const RAW: TargetOptions = { format: 'raw' };

/** What a case does with several writes: each is a read of its own. */
const apart =
  (...bits: (string | Uint8Array)[]) =>
  (socket: net.Socket) =>
    writeApart(socket, ...bits);

/** The whole answer in one write. */
const atOnce =
  (...bits: (string | Uint8Array)[]) =>
  (socket: net.Socket) => {
    socket.write(Buffer.concat(bits.map((bit) => Buffer.from(bit))));
  };

/** Does something again and again while the socket is open. */
async function every(ms: number, socket: net.Socket, act: () => void): Promise<void> {
  while (!socket.destroyed) {
    act();
    await sleep(ms);
  }
}

const BEFORE_THE_BODY: Case[] = [
  {
    name: '204 on raw',
    target: RAW,
    serve: atOnce(head('204 No Content', {})),
    outcome: 'wrong_content_type',
    detail: /^status 204, a response without a body$/,
    ...NOTHING,
    kept: true,
  },
  {
    name: '503 before the body',
    serve: atOnce(head('503 Service Unavailable', { 'retry-after': '7', 'content-length': '4' }), 'busy'),
    outcome: 'http_error',
    detail: /^status 503$/,
    ...NOTHING,
    kept: true,
    check: ({ stream, responses }) => {
      assert.equal(stream.retryAfter, '7');
      assert.deepEqual([responses[0]!.status, responses[0]!.accepted], [503, false]);
    },
  },
  {
    name: 'a 500 whose body never ends',
    target: { timeouts: { lingerMs: 100 } },
    serve: (socket) => {
      socket.write(head('500 Oh', { 'transfer-encoding': 'chunked' }));
      return every(20, socket, () => socket.write(chunked('more ')));
    },
    outcome: 'http_error',
    ...NOTHING,
  },
  {
    name: 'a 500 with a body that is too long to be worth its connection',
    serve: (socket) => {
      socket.write(head('500 Oh', { 'content-length': '10000000' }));
      return flood(socket, Buffer.alloc(65_536, 'x'), 10_000_000);
    },
    outcome: 'http_error',
    ...NOTHING,
    check: ({ bytes }) => assert.ok(bytes < 1_000_000, `read ${bytes} bytes`),
  },
  {
    name: 'a redirect to another host',
    serve: atOnce(head('302 Found', { location: 'http://elsewhere.invalid/', 'content-length': '0' })),
    outcome: 'http_error',
    detail: /^status 302 to http:\/\/elsewhere\.invalid\/, redirects are not followed$/,
    ...NOTHING,
    kept: true,
  },
  {
    name: 'HTML with status 200',
    serve: atOnce(
      head('200 OK', { 'content-type': 'Text/HTML; charset=utf-8', 'content-length': '6' }),
      '<html>',
    ),
    outcome: 'wrong_content_type',
    detail: /^content-type text\/html where text\/event-stream is needed$/,
    ...NOTHING,
    kept: true,
  },
  {
    name: 'no content type',
    serve: atOnce(head('200 OK', { 'content-length': '0' })),
    outcome: 'wrong_content_type',
    detail: /^no content-type /,
    ...NOTHING,
    kept: true,
  },
  {
    name: 'gzip, though none was asked for',
    serve: atOnce(
      head('200 OK', { ...KEPT, 'content-encoding': 'gzip', 'content-length': '4' }),
      Buffer.from([31, 139, 8, 0]),
    ),
    outcome: 'wrong_content_type',
    detail: /^content-encoding gzip/,
    ...NOTHING,
    kept: true,
  },
  {
    name: 'content-encoding identity',
    serve: atOnce(
      head('200 OK', { ...KEPT, 'content-encoding': 'Identity', 'content-length': '23' }),
      'data: a\n\n',
      DONE,
    ),
    outcome: 'complete',
    chunks: 2,
    kept: true,
  },
  {
    name: 'accepted, never answered',
    target: { timeouts: { ttfbMs: 120 } },
    serve: () => {},
    outcome: 'ttfb_timeout',
    headers: 0,
    ttft: 0,
    chunks: 0,
    check: ({ firstBytes, stream }) => {
      // It counts with the time it waited: a target that gets worse must not look better for it.
      assert.ok(firstBytes[0]!.ms >= 120, `${firstBytes[0]!.ms}`);
      assert.equal(stream.firstByteMs, undefined);
    },
  },
  {
    name: 'headers, but never a byte of the body',
    target: { timeouts: { ttfbMs: 120, idleMs: 50 } },
    serve: atOnce(EVENTS_HEAD),
    outcome: 'ttfb_timeout',
    ttft: 0,
    chunks: 0,
    check: ({ firstBytes }) => assert.ok(firstBytes[0]!.ms >= 120),
  },
  {
    name: 'early hints for ever',
    target: { timeouts: { ttfbMs: 120 } },
    serve: (socket) =>
      every(15, socket, () => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')),
    outcome: 'ttfb_timeout',
    headers: 0,
    ttft: 0,
    chunks: 0,
  },
  {
    name: 'no first byte until the total limit, which is the shorter one',
    target: { timeouts: { ttfbMs: 5000, totalMs: 120 } },
    serve: () => {},
    outcome: 'total_timeout',
    headers: 0,
    ttft: 0,
    chunks: 0,
    check: ({ firstBytes }) => assert.ok(firstBytes[0]!.ms > 50),
  },
  {
    name: 'FIN instead of an answer',
    serve: (socket) => void socket.end(),
    outcome: 'reset',
    ...NOTHING,
  },
  {
    name: 'RST instead of an answer',
    serve: (socket) => void socket.resetAndDestroy(),
    outcome: 'reset',
    ...NOTHING,
  },
  {
    name: 'FIN in the head',
    serve: (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-ty'),
    outcome: 'reset',
    ...NOTHING,
  },
];

const NOT_HTTP: Case[] = [
  { name: 'garbage', serve: atOnce('SSH-2.0-OpenSSH_9.6\r\n'), outcome: 'malformed', ...NOTHING },
  {
    name: 'random bytes',
    serve: atOnce(Buffer.from([0, 255, 1, 254, 128])),
    outcome: 'malformed',
    ...NOTHING,
  },
  {
    name: 'HTTP/0.9',
    serve: (socket) => void socket.end('<html>hello</html>'),
    outcome: 'malformed',
    ...NOTHING,
  },
  {
    name: 'garbage in a header',
    serve: atOnce('HTTP/1.1 200 OK\r\nbad header line\r\n\r\n'),
    outcome: 'malformed',
    ...NOTHING,
  },
  {
    name: 'a content-length that is no number',
    serve: atOnce('HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n'),
    outcome: 'malformed',
    ...NOTHING,
  },
  {
    name: 'both framings at once',
    serve: atOnce(
      head('200 OK', { ...KEPT, 'content-length': '5', 'transfer-encoding': 'chunked' }),
      LAST_CHUNK,
    ),
    outcome: 'malformed',
    ...NOTHING,
  },
  {
    name: 'a header block that is too large',
    serve: atOnce(head('200 OK', { ...KEPT, 'x-much': 'x'.repeat(100_000), 'content-length': '0' })),
    outcome: 'malformed',
    ...NOTHING,
  },
  {
    name: 'headers without end',
    serve: async (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      await flood(socket, `x-more: ${'y'.repeat(200)}\r\n`.repeat(100), 50_000_000);
    },
    outcome: 'malformed',
    ...NOTHING,
  },
  {
    name: 'an upgrade that nobody asked for',
    serve: atOnce('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
    outcome: 'malformed',
    ...NOTHING,
  },
  {
    name: 'a status that is none',
    serve: atOnce('HTTP/1.1 099 Hm\r\ncontent-length: 0\r\n\r\n'),
    outcome: 'malformed',
    detail: /^[^\n]+$/,
    ...NOTHING,
  },
  {
    name: 'garbage where a chunk should begin',
    serve: apart(EVENTS_HEAD, chunked(ONE), 'zzz\r\nnot a chunk'),
    outcome: 'malformed',
    chunks: 1,
  },
  {
    name: 'a chunk that is longer than it says',
    serve: atOnce(EVENTS_HEAD, chunked(ONE), '3\r\nlonger than three\r\n'),
    outcome: 'malformed',
    chunks: 1,
  },
];

const IN_THE_BODY: Case[] = [
  {
    name: 'an error event with status 200',
    serve: apart(EVENTS_HEAD, chunked(ONE), chunked('event: error\ndata: {}\n\n'), LAST_CHUNK),
    outcome: 'inband_error',
    chunks: 2,
    kept: true,
  },
  {
    name: 'an error event, and then nothing',
    target: { timeouts: { lingerMs: 80 } },
    serve: apart(EVENTS_HEAD, chunked('event: error\ndata: {}\n\n')),
    outcome: 'inband_error',
    ttft: 0,
    chunks: 1,
  },
  {
    name: 'an error whose name a terminal would obey',
    target: { format: 'openai-chat' },
    serve: atOnce(EVENTS_HEAD, chunked('data: {"error":{"type":"\\u001b[31m\\nred"}}\n\n'), LAST_CHUNK),
    outcome: 'inband_error',
    detail: /^error \?\[31m\?red$/,
    ttft: 0,
    chunks: 1,
    kept: true,
  },
  {
    name: 'a clean end without the terminal event',
    serve: apart(EVENTS_HEAD, chunked(ONE, TWO), LAST_CHUNK),
    outcome: 'truncated',
    chunks: 2,
    kept: true,
  },
  {
    name: 'too few chunks',
    target: { expect: { minChunks: 3 } },
    serve: atOnce(EVENTS_HEAD, chunked(ONE, DONE), LAST_CHUNK),
    outcome: 'below_minimum',
    detail: /^2 chunks of at least 3$/,
    chunks: 2,
    kept: true,
  },
  {
    name: 'RST in the middle of a chunk',
    serve: async (socket, { got }) => {
      socket.write(EVENTS_HEAD);
      socket.write(chunked(ONE));
      socket.write('40\r\ndata: tw');
      await got(ONE.length + 8);
      socket.resetAndDestroy();
    },
    outcome: 'reset',
    chunks: 1,
  },
  {
    name: 'FIN in the middle of a chunk',
    serve: (socket) =>
      void socket.end(Buffer.concat([Buffer.from(EVENTS_HEAD), chunked(ONE), Buffer.from('40\r\nd')])),
    outcome: 'reset',
    chunks: 1,
  },
  {
    name: 'FIN in the middle of a chunk of a connection that was to be closed',
    serve: (socket) => {
      socket.write(head('200 OK', { ...KEPT, 'transfer-encoding': 'chunked', connection: 'close' }));
      socket.write(chunked(ONE));
      socket.end('40\r\ndata: tw');
    },
    outcome: 'reset',
    chunks: 1,
  },
  {
    name: 'FIN between chunks',
    serve: (socket) => void socket.end(Buffer.concat([Buffer.from(EVENTS_HEAD), chunked(ONE)])),
    outcome: 'reset',
    chunks: 1,
  },
  {
    name: 'FIN short of the content-length',
    serve: (socket) => void socket.end(head('200 OK', { ...KEPT, 'content-length': '100' }) + ONE),
    outcome: 'reset',
    chunks: 1,
  },
  {
    name: 'FIN short of the content-length of a connection that was to be closed',
    serve: (socket) =>
      void socket.end(head('200 OK', { ...KEPT, 'content-length': '100', connection: 'close' }) + ONE),
    outcome: 'reset',
    chunks: 1,
  },
  {
    name: 'RST of a body that ends with its connection',
    serve: async (socket, { got }) => {
      socket.write(OPEN_HEAD + ONE);
      await got(ONE.length);
      socket.resetAndDestroy();
    },
    outcome: 'reset',
    chunks: 1,
  },
  {
    name: 'RST of a raw body that ends with its connection',
    target: RAW,
    serve: async (socket, { got }) => {
      socket.write(head('200 OK', {}) + ONE);
      await got(ONE.length);
      socket.resetAndDestroy();
    },
    outcome: 'reset',
    chunks: 1,
  },
  {
    name: 'silence midway',
    target: { timeouts: { idleMs: 120 } },
    serve: apart(EVENTS_HEAD, chunked(ONE)),
    outcome: 'stalled',
    chunks: 1,
  },
  {
    name: 'a trickle that never ends',
    target: { timeouts: { idleMs: 10_000, totalMs: 250 } },
    serve: (socket) => {
      socket.write(EVENTS_HEAD);
      return every(10, socket, () => socket.write(chunked(ONE)));
    },
    outcome: 'total_timeout',
    check: ({ gaps }) => assert.ok(gaps.length > 1),
  },
  {
    name: 'a trickle of one byte at a time',
    target: { timeouts: { totalMs: 250 } },
    serve: (socket) => {
      socket.write(EVENTS_HEAD);
      return every(5, socket, () => socket.write(chunked('d')));
    },
    outcome: 'total_timeout',
    ttft: 0,
    chunks: 0,
  },
  {
    name: 'a flood that never ends',
    target: { timeouts: { totalMs: 300 } },
    serve: (socket) => {
      socket.write(EVENTS_HEAD);
      return flood(socket, chunked(ONE.repeat(1000)));
    },
    outcome: 'total_timeout',
  },
  {
    name: 'keep-alive comments only, for ever',
    target: { timeouts: { idleMs: 5000, totalMs: 250 } },
    serve: (socket) => {
      socket.write(EVENTS_HEAD);
      return every(10, socket, () => socket.write(chunked(PING)));
    },
    outcome: 'total_timeout',
    ttft: 0,
    chunks: 0,
    check: ({ keepalives }) => assert.ok(keepalives > 1),
  },
  {
    name: 'keep-alive comments only, then the end',
    serve: apart(EVENTS_HEAD, chunked(PING), chunked(PING), LAST_CHUNK),
    outcome: 'truncated',
    ttft: 0,
    chunks: 0,
    kept: true,
    check: ({ keepalives }) => assert.equal(keepalives, 2),
  },
  {
    name: 'a single line of 100 MB',
    serve: async (socket) => {
      socket.write(OPEN_HEAD);
      socket.write('data: ');
      await flood(socket, Buffer.alloc(65_536, 'x'), 100_000_000);
    },
    outcome: 'malformed',
    detail: /longer than maxEvent \(1 MiB\)/,
    ttft: 0,
    chunks: 0,
    check: ({ bytes }) => assert.ok(bytes < 1_500_000, `read ${bytes} bytes`),
  },
  {
    name: 'data after the terminal event, in the same read',
    serve: atOnce(EVENTS_HEAD, chunked(ONE, DONE, TWO), LAST_CHUNK),
    outcome: 'protocol_violation',
    chunks: 3,
  },
  {
    name: 'data after the terminal event, later',
    serve: async (socket, { got }) => {
      socket.write(EVENTS_HEAD);
      socket.write(chunked(ONE + DONE));
      await got((ONE + DONE).length);
      socket.write(chunked(TWO));
    },
    outcome: 'protocol_violation',
    chunks: 3,
  },
  {
    name: 'data after the terminal event, without its blank line',
    serve: apart(EVENTS_HEAD, chunked(ONE + DONE), chunked('data: two'), LAST_CHUNK),
    outcome: 'protocol_violation',
    chunks: 3,
    kept: true,
  },
];

const GOOD_AFTER_ALL: Case[] = [
  {
    name: 'head, body and end in one read',
    serve: atOnce(EVENTS_HEAD, chunked(ONE, TWO, DONE), LAST_CHUNK),
    outcome: 'complete',
    chunks: 3,
    kept: true,
    check: ({ reads, gaps }) => {
      assert.equal(reads, 1);
      assert.deepEqual(gaps, [undefined, 0]);
    },
  },
  {
    name: 'every byte a read of its own',
    serve: async (socket) => {
      const bytes = Buffer.concat([Buffer.from(EVENTS_HEAD), chunked(ONE, DONE), Buffer.from(LAST_CHUNK)]);
      for (const byte of bytes) {
        socket.write(Uint8Array.of(byte));
        await new Promise(setImmediate);
      }
    },
    outcome: 'complete',
    chunks: 2,
    kept: true,
  },
  {
    name: 'comments after the terminal event',
    serve: apart(EVENTS_HEAD, chunked(ONE + DONE), chunked(PING), chunked(PING), LAST_CHUNK),
    outcome: 'complete',
    chunks: 2,
    kept: true,
    check: ({ keepalives }) => assert.equal(keepalives, 2),
  },
  {
    name: 'characters split over reads',
    serve: (socket) => {
      const event = Buffer.from('data: aß€😀\n\n');
      const bits = Array.from(event, (byte) => chunked(Uint8Array.of(byte)));
      return writeApart(socket, EVENTS_HEAD, ...bits, chunked(DONE), LAST_CHUNK);
    },
    outcome: 'complete',
    chunks: 2,
    kept: true,
    check: ({ characters }) => assert.equal(characters, 4),
  },
  {
    name: 'a body that ends with its connection, after the terminal event',
    serve: (socket) => void socket.end(OPEN_HEAD + ONE + DONE),
    outcome: 'complete',
    chunks: 2,
  },
  {
    name: 'a raw body that ends with its connection',
    target: RAW,
    serve: (socket) => void socket.end(`${head('200 OK', {})}some bytes`),
    outcome: 'complete',
    chunks: 1,
  },
  {
    name: 'HTTP/1.0',
    serve: (socket) =>
      void socket.end(`HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${ONE}${DONE}`),
    outcome: 'complete',
    chunks: 2,
  },
  {
    name: 'RST after the terminal event',
    serve: async (socket, { got }) => {
      socket.write(EVENTS_HEAD);
      socket.write(chunked(ONE + DONE));
      await got((ONE + DONE).length);
      socket.resetAndDestroy();
    },
    outcome: 'complete',
    chunks: 2,
  },
  {
    name: 'FIN after the terminal event, in the middle of a chunk',
    serve: (socket) =>
      void socket.end(Buffer.concat([Buffer.from(EVENTS_HEAD), chunked(ONE, DONE), Buffer.from('9')])),
    outcome: 'complete',
    chunks: 2,
  },
  {
    name: 'a socket that stays open after the terminal event',
    target: { timeouts: { lingerMs: 80, idleMs: 5000 } },
    serve: apart(EVENTS_HEAD, chunked(ONE + DONE)),
    outcome: 'complete',
    chunks: 2,
  },
  {
    name: '100 Continue',
    serve: atOnce('HTTP/1.1 100 Continue\r\n\r\n', EVENTS_HEAD, chunked(ONE, DONE), LAST_CHUNK),
    outcome: 'complete',
    chunks: 2,
    kept: true,
  },
  {
    name: '100 Continue in a read of its own, with a header, and another in bits',
    serve: apart(
      'HTTP/1.1 100 Continue\r\nserver: old\r\n\r\n',
      'HTT',
      'P/1.1 1',
      '00 \r\n\r',
      `\n${EVENTS_HEAD}`,
      chunked(ONE, DONE),
      LAST_CHUNK,
    ),
    outcome: 'complete',
    chunks: 2,
    kept: true,
  },
  {
    name: '103 Early Hints',
    serve: apart(
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n',
      EVENTS_HEAD,
      chunked(ONE, DONE),
      LAST_CHUNK,
    ),
    outcome: 'complete',
    chunks: 2,
    kept: true,
    check: ({ responses }) => assert.equal(responses[0]!.status, 200),
  },
  {
    name: 'chunk extensions and trailers',
    serve: atOnce(
      head('200 OK', { ...KEPT, 'transfer-encoding': 'chunked', trailer: 'x-sum' }),
      `b;name=value;other="quo;ted"\r\n${ONE}\r\n`,
      chunked(DONE),
      '0;last\r\nx-sum: 42\r\n\r\n',
    ),
    outcome: 'complete',
    chunks: 2,
    kept: true,
  },
  {
    name: 'headers with the names of object members',
    serve: atOnce(
      'HTTP/1.1 200 OK\r\n__proto__: x\r\n__proto__: y\r\nconstructor: z\r\ntoString: z\r\n',
      'content-type: text/event-stream\r\ncontent-length: 23\r\n\r\n',
      'data: a\n\n',
      DONE,
    ),
    outcome: 'complete',
    chunks: 2,
    kept: true,
  },
  {
    name: 'more than the content-length',
    serve: atOnce(head('200 OK', { ...KEPT, 'content-length': '23' }), 'data: a\n\n', DONE, 'surplus'),
    outcome: 'complete',
    chunks: 2,
  },
  {
    name: 'connection: close',
    serve: atOnce(
      head('200 OK', { ...KEPT, 'content-length': '23', connection: 'close' }),
      'data: a\n\n',
      DONE,
    ),
    outcome: 'complete',
    chunks: 2,
  },
];

async function play({ name: _, target, serve, ...expected }: Case): Promise<void> {
  const { headers = 1, ttfb = 1, ttft = 1, chunks, kept = false } = expected;
  const all: Seen[] = [];
  const answer: Answer = async (socket, nth) => {
    const seen = all[nth]!;
    const got = async (bytes: number): Promise<void> => {
      await poll(`${bytes} bytes`, () => (seen.bytes >= bytes ? true : undefined), { everyMs: 2 });
    };
    await serve(socket, { peer, seen, got });
  };
  await using peer = await Peer.listen(answer);
  await using user = new User(targetAt(peer.port, target));
  for (let nth = 1; nth <= 2; nth++) {
    const seen = user.start();
    all.push(seen);
    await seen.over;
    const { outcome, stream } = seen;
    assert.equal(outcome, expected.outcome, `stream ${nth}, ${stream.detail}`);
    if (expected.detail) assert.match(stream.detail ?? '', expected.detail);
    assert.equal(seen.responses.filter((r) => r.accepted).length, headers, 'headers');
    assert.equal(seen.firstBytes.filter((b) => b.accepted).length, ttfb, 'TTFB');
    assert.equal(seen.firstContents.length, ttft, 'TTFT');
    if (chunks !== undefined) assert.equal(seen.chunkCount, chunks, 'chunks');
    assert.equal(seen.written_, 1);
    expected.check?.(seen, peer);
    // Whether the first dialled says nothing about the second, which may have found the connection.
    assert.equal(seen.connects.length, nth === 1 || !kept ? 1 : 0, 'connects');
    if (!kept) await peer.released();
  }
  assert.equal(peer.accepted, kept ? 1 : 2, 'connections');
  assert.equal(peer.requests, 2, 'requests');
}

const GROUPS: Readonly<Record<string, readonly Case[]>> = {
  'before the body': BEFORE_THE_BODY,
  'not HTTP': NOT_HTTP,
  'in the body': IN_THE_BODY,
  'good after all': GOOD_AFTER_ALL,
};

throughEach(() => {
  for (const [group, cases] of Object.entries(GROUPS)) {
    describe(`bad streams: ${group}`, () => {
      for (const one of cases) it(`${one.name}: ${one.outcome}`, () => play(one));
    });
  }
});
