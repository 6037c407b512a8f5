import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildAllowlist } from '../../src/core/allow.ts';
import { seededRandom } from '../../src/core/random.ts';
import { formatNamed } from '../../src/formats/list.ts';
import type { ReadyTarget } from '../../src/target/ready-target.ts';
import { Connector, dialOptions } from '../../src/transport/connector.ts';
import { NETWORK } from '../../src/transport/dial.ts';
import { poll } from '../../support/poll.ts';
import { FIELD_CASES } from '../formats/field-cases.ts';
import { Peer } from '../stream/peer.ts';
import { type TargetOptions, targetAt, User } from '../stream/user.ts';
import { makeAuthority, makeCertificate } from './certificate.ts';
import { leavesNothingOpen } from './handles.ts';
import {
  data,
  type FrameAnswer,
  FramePeer,
  field,
  goaway,
  headers,
  reset,
  SETTINGS,
} from './http2-frames.ts';
import { events, type Http2Answer, Http2Peer } from './http2-peer.ts';

leavesNothingOpen();

const ours = makeAuthority('an authority of our own');
const certificate = makeCertificate({ names: ['127.0.0.1'], by: ours });

function targetOf(
  port: number,
  { streams = 100, ...more }: TargetOptions & { streams?: number } = {},
): ReadyTarget {
  return targetAt(port, {
    tls: { ca: ours.cert },
    http2: { streamsPerConnection: streams },
    ...more,
  });
}

function listen(answer: Http2Answer, options: http2.SecureServerOptions = {}): Promise<Http2Peer> {
  return Http2Peer.listen(answer, certificate, options);
}

/** Users of one thread: they share their sessions. */
class Users {
  readonly users: readonly User[];

  constructor(target: ReadyTarget, count: number) {
    const dial = dialOptions(target.route, buildAllowlist([]), NETWORK, () => performance.now());
    const connector = new Connector(dial);
    this.users = Array.from({ length: count }, () => new User(target, { connector }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const user of this.users) await user[Symbol.asyncDispose]();
  }
}

const complete: Http2Answer = (stream) => {
  events(stream);
  stream.end('data: one\n\ndata: two\n\ndata: [DONE]\n\n');
};

describe('many streams on one connection', () => {
  it('fifty at once share it, and what each sees is its own', async () => {
    await using peer = await listen(async (stream, nth) => {
      events(stream);
      for (let i = 0; i < 3; i++) {
        stream.write(`data: ${nth}\n\n`);
        await sleep(20);
      }
      stream.end('data: [DONE]\n\n');
    });
    await using users = new Users(targetOf(peer.port), 50);
    const seen = users.users.map((user) => user.start());
    await Promise.all(seen.map((s) => s.over));
    for (const s of seen) {
      assert.equal(s.outcome, 'complete', s.stream.detail);
      assert.equal(s.gaps.length, 3);
      assert.equal(s.written_, 1);
      assert.equal(s.firstBytes.length, 1);
      assert.equal(s.stream.status, 200);
    }
    assert.equal(peer.sessions, 1);
    assert.equal(peer.together, 50);
    // Only the stream that caused the dial says how long it took.
    assert.deepEqual([...new Set(seen.map((s) => s.connects.length))].sort(), [0, 1]);
    assert.equal(seen.filter((s) => s.connects.length === 1).length, 1);
    assert.ok(seen.find((s) => s.connects.length === 1)!.connects[0]!.tlsMs! > 0);
  });

  it('it is kept from stream to stream, and closed when the last user goes', async () => {
    await using peer = await listen(complete);
    {
      await using users = new Users(targetOf(peer.port), 2);
      for (const user of [...users.users, ...users.users]) {
        const seen = await user.run();
        assert.equal(seen.outcome, 'complete', seen.stream.detail);
      }
      assert.equal(peer.sessions, 1);
      assert.equal(users.users[0]!.connection.mustDial, false);
    }
    await peer.released();
  });

  it('more than a connection is to carry go to another', async () => {
    await using peer = await listen(async (stream) => {
      await sleep(100);
      complete(stream, 0, {});
    });
    await using users = new Users(targetOf(peer.port, { streams: 10 }), 35);
    const seen = users.users.map((user) => user.start());
    await Promise.all(seen.map((s) => s.over));
    assert.deepEqual([...new Set(seen.map((s) => s.outcome))], ['complete']);
    assert.equal(peer.sessions, 4);
    assert.equal(peer.together, 10);
  });

  for (const allowed of [1, 7]) {
    it(`a server that allows ${allowed} gets more connections, and nobody waits for another's end`, async () => {
      const { promise: enough, resolve } = Promise.withResolvers<void>();
      await using peer = await listen(
        async (stream, nth) => {
          events(stream);
          stream.write('data: one\n\n');
          if (nth === 19) resolve();
          await enough;
          stream.end('data: [DONE]\n\n');
        },
        { settings: { maxConcurrentStreams: allowed } },
      );
      await using users = new Users(targetOf(peer.port), 20);
      const seen = users.users.map((user) => user.start());
      await Promise.all(seen.map((s) => s.over));
      assert.deepEqual([...new Set(seen.map((s) => s.outcome))], ['complete']);
      assert.equal(peer.together, allowed);
      assert.equal(peer.sessions, Math.ceil(20 / allowed));
      assert.ok(seen.every((s) => s.written_ === 1));
    });
  }

  it('a fresh connection each, where that is asked for', async () => {
    await using peer = await listen(complete);
    await using users = new Users(targetOf(peer.port, { fresh: true }), 3);
    for (const user of [...users.users, ...users.users]) {
      const seen = await user.run();
      assert.equal(seen.outcome, 'complete', seen.stream.detail);
      assert.equal(seen.connects.length, 1);
    }
    assert.equal(peer.sessions, 6);
    await peer.released();
  });
});

describe('what is sent', () => {
  it('path, method, headers and body arrive; the stream has its id', async () => {
    let got: http2.IncomingHttpHeaders = {};
    let body = '';
    await using peer = await listen(async (stream, _nth, headers) => {
      got = headers;
      for await (const part of stream) body += part;
      complete(stream, 0, {});
    });
    await using user = new User(
      targetOf(peer.port, {
        path: '/v1/chat?x=1',
        headers: ['content-type', 'application/json', 'x-mine', 'a'],
        body: { pieces: ['{"prompt":"', '"}'], json: true },
      }),
    );
    const seen = user.start('hé');
    await seen.over;
    assert.equal(seen.outcome, 'complete', seen.stream.detail);
    assert.equal(got[':path'], '/v1/chat?x=1');
    assert.equal(got[':method'], 'POST');
    assert.equal(got[':authority'], `127.0.0.1:${peer.port}`);
    assert.equal(got['x-mine'], 'a');
    assert.equal(got['content-type'], 'application/json');
    assert.equal(got['x-soak-stream-id'], 'test-0');
    assert.equal(body, '{"prompt":"hé"}');
  });
});

describe('outcomes are those of HTTP/1.1', () => {
  const cases: readonly (readonly [string, Http2Answer, string, RegExp | undefined, TargetOptions?])[] = [
    ['a good end', complete, 'complete', undefined],
    [
      'an informational answer first',
      (s) => {
        s.additionalHeaders({ ':status': 103 });
        complete(s, 0, {});
      },
      'complete',
      undefined,
    ],
    [
      'trailers after the end',
      (s) => {
        s.respond({ ':status': 200, 'content-type': 'text/event-stream' }, { waitForTrailers: true });
        s.on('wantTrailers', () => s.sendTrailers({ 'x-sum': '1' }));
        s.end('data: one\n\ndata: [DONE]\n\n');
      },
      'complete',
      undefined,
    ],
    [
      'an end without the terminal',
      (s) => {
        events(s);
        s.end('data: one\n\n');
      },
      'truncated',
      undefined,
    ],
    [
      'an empty body',
      (s) => {
        s.respond({ ':status': 200, 'content-type': 'text/event-stream' }, { endStream: true });
      },
      'truncated',
      undefined,
    ],
    [
      'a status of 503',
      (s) => {
        s.respond({ ':status': 503, 'retry-after': '3' });
        s.end('busy');
      },
      'http_error',
      /^status 503$/,
    ],
    [
      'another content-type',
      (s) => {
        s.respond({ ':status': 200, 'content-type': 'text/html' });
        s.end('x');
      },
      'wrong_content_type',
      /text\/html/,
    ],
    [
      'a reset before the head',
      (s) => s.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
      'reset',
      /^RST_STREAM: INTERNAL_ERROR: /,
    ],
    [
      'a refusal',
      (s) => s.close(http2.constants.NGHTTP2_REFUSED_STREAM),
      'reset',
      /^RST_STREAM: REFUSED_STREAM: /,
    ],
    [
      'fewer bytes than content-length says',
      async (s) => {
        events(s, { 'content-length': '100' });
        s.end('data: one\n\n');
      },
      'malformed',
      /./,
    ],
    ['the connection cut before the head', (s) => s.session!.destroy(), 'reset', /./],
    [
      'the connection cut in the middle',
      async (s) => {
        events(s);
        s.write('data: one\n\n');
        await sleep(30);
        s.session!.destroy();
      },
      'reset',
      /./,
    ],
    ['no answer', () => {}, 'ttfb_timeout', undefined, { timeouts: { ttfbMs: 150 } }],
    [
      'silence in the middle',
      (s) => {
        events(s);
        s.write('data: one\n\n');
      },
      'stalled',
      undefined,
      { timeouts: { idleMs: 150 } },
    ],
  ];
  for (const [what, answer, outcome, detail, more] of cases) {
    for (const method of ['GET', 'POST']) {
      it(`${what}, ${method}: ${outcome}`, async () => {
        await using peer = await listen(answer);
        const { body, ...noBody } = targetOf(peer.port, { method, ...more });
        await using user = new User(
          method === 'GET' ? noBody : { ...noBody, ...(body === undefined ? {} : { body }) },
        );
        const seen = await user.run();
        assert.equal(seen.outcome, outcome, `${seen.outcome}: ${seen.stream.detail}`);
        if (detail !== undefined) assert.match(seen.stream.detail ?? '', detail);
        assert.deepEqual(seen.faults, []);
        assert.equal(peer.streams, 1, 'nothing is sent again');
        assert.equal(seen.written_, 1);
        // Whatever happened to the connection, the next stream has one.
        await using next = await listen(complete);
        await using after = new User(targetOf(next.port));
        assert.equal((await after.run()).outcome, 'complete');
      });
    }
  }
});

describe('frame by frame', () => {
  const { CANCEL, INTERNAL, NONE, PROTOCOL, CALM } = {
    CANCEL: 8,
    INTERNAL: 2,
    NONE: 0,
    PROTOCOL: 1,
    CALM: 11,
  };
  const begun = (id: number): Buffer => Buffer.concat([headers(id), data(id, 'data: one\n\n')]);
  const cases: readonly (readonly [string, FrameAnswer, string, RegExp | undefined, TargetOptions?])[] = [
    [
      'a good end',
      (s, id) => s.write(Buffer.concat([begun(id), data(id, 'data: [DONE]\n\n', true)])),
      'complete',
      undefined,
    ],
    [
      'CANCEL in the middle',
      (s, id) => s.write(Buffer.concat([begun(id), reset(id, CANCEL)])),
      'reset',
      /^RST_STREAM: CANCEL: /,
    ],
    [
      'NO_ERROR in the middle',
      (s, id) => s.write(Buffer.concat([begun(id), reset(id, NONE)])),
      'reset',
      /^RST_STREAM: NO_ERROR: /,
    ],
    [
      'INTERNAL_ERROR in the middle',
      (s, id) => s.write(Buffer.concat([begun(id), reset(id, INTERNAL)])),
      'reset',
      /^RST_STREAM: INTERNAL_ERROR: /,
    ],
    [
      'CANCEL in the middle of a body that needs no terminal',
      (s, id) => s.write(Buffer.concat([begun(id), reset(id, CANCEL)])),
      'reset',
      /^RST_STREAM: CANCEL: /,
      { format: 'raw', contentTypes: [] },
    ],
    [
      'NO_ERROR in the middle of a body that needs no terminal',
      (s, id) => s.write(Buffer.concat([begun(id), reset(id, NONE)])),
      'reset',
      /^RST_STREAM: NO_ERROR: /,
      { format: 'raw', contentTypes: [] },
    ],
    ['CANCEL before the head', (s, id) => s.write(reset(id, CANCEL)), 'reset', /^RST_STREAM: CANCEL: /],
    [
      'NO_ERROR before the head',
      (s, id) => s.write(reset(id, NONE)),
      'reset',
      /^(RST_STREAM: NO_ERROR|CLOSED): /,
    ],
    [
      'PROTOCOL_ERROR in the middle',
      (s, id) => s.write(Buffer.concat([begun(id), reset(id, PROTOCOL)])),
      'reset',
      /^RST_STREAM: PROTOCOL_ERROR: /,
    ],
    [
      'an end, and a reset of what nobody reads any more',
      (s, id) => s.write(Buffer.concat([begun(id), data(id, 'data: [DONE]\n\n', true), reset(id, NONE)])),
      'complete',
      undefined,
    ],
    [
      'a reset after the terminal',
      (s, id) => s.write(Buffer.concat([begun(id), data(id, 'data: [DONE]\n\n'), reset(id, NONE)])),
      'complete',
      undefined,
    ],
    [
      'GOAWAY over a stream that was not answered',
      (s, id) => s.write(goaway(id - 1, NONE)),
      'reset',
      /^GOAWAY: NO_ERROR: /,
    ],
    [
      'GOAWAY over it with an error',
      (s, id) => s.write(goaway(id - 1, CALM)),
      'reset',
      /^GOAWAY: ENHANCE_YOUR_CALM: /,
    ],
    [
      'GOAWAY that lets it go on',
      (s, id) => s.write(Buffer.concat([begun(id), goaway(id, NONE), data(id, 'data: [DONE]\n\n', true)])),
      'complete',
      undefined,
    ],
    [
      'an end, GOAWAY and the end of the connection at once',
      (s, id) => s.end(Buffer.concat([begun(id), data(id, 'data: [DONE]\n\n', true), goaway(id, NONE)])),
      'complete',
      undefined,
    ],
    [
      'GOAWAY, and the connection is closed under it',
      (s, id) => s.end(Buffer.concat([begun(id), goaway(id, NONE)])),
      'reset',
      /./,
    ],
    [
      'a head that no status begins',
      (s, id) => s.write(headers(id, field('content-type', 'text/event-stream'))),
      'malformed',
      /./,
    ],
    [
      'a head with a field of HTTP/1.1',
      (s, id) => s.write(headers(id, Buffer.concat([Buffer.of(0x88), field('connection', 'close')]))),
      'malformed',
      /./,
    ],
    [
      'a head with capitals',
      (s, id) => s.write(headers(id, Buffer.concat([Buffer.of(0x88), field('X-Mine', 'a')]))),
      'malformed',
      /./,
    ],
    ['a body before the head', (s, id) => s.write(data(id, 'x')), 'malformed', /./],
    [
      'data of a stream that was never asked for',
      (s, id) => s.write(Buffer.concat([begun(id), data(id + 2, 'x')])),
      'malformed',
      /./,
    ],
    ['no HTTP/2 at all', (s) => s.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), 'malformed', /./],
    ['the end of the connection', (s) => s.end(), 'reset', /./],
  ];
  for (const [what, answer, outcome, detail, more] of cases) {
    for (const method of ['GET', 'POST']) {
      it(`${what}, ${method}: ${outcome}`, async () => {
        await using peer = await FramePeer.listen(answer, certificate);
        await using user = new User(targetOf(peer.port, { method, ...more }));
        const seen = await user.run();
        assert.equal(seen.outcome, outcome, `${seen.outcome}: ${seen.stream.detail}`);
        if (detail !== undefined) assert.match(seen.stream.detail ?? '', detail);
        assert.deepEqual(seen.faults, []);
        assert.equal(peer.streams, 1, 'nothing is sent again');
        assert.equal(peer.sessions, 1);
      });
    }
  }

  it('after GOAWAY the next stream has a new connection, and those on the old one go on', async () => {
    const late = Promise.withResolvers<void>();
    await using peer = await FramePeer.listen(async (socket, id, nth) => {
      if (nth === 0) {
        socket.write(begun(id));
        await late.promise;
        socket.write(data(id, 'data: [DONE]\n\n', true));
        return;
      }
      if (nth === 1) socket.write(goaway(id - 2, NONE));
      else socket.write(Buffer.concat([begun(id), data(id, 'data: [DONE]\n\n', true)]));
    }, certificate);
    await using users = new Users(targetOf(peer.port), 3);
    const [first, second, third] = users.users as [User, User, User];
    const slow = first.start();
    await poll('first chunk', () => (slow.gaps.length > 0 ? true : undefined), { everyMs: 2 });
    const refused = await second.run();
    assert.equal(refused.outcome, 'reset', refused.stream.detail);
    const next = await third.run();
    assert.equal(next.outcome, 'complete', next.stream.detail);
    assert.equal(next.connects.length, 1);
    assert.equal((await second.run()).outcome, 'complete');
    late.resolve();
    await slow.over;
    assert.equal(slow.outcome, 'complete', slow.stream.detail);
    assert.equal(peer.sessions, 2);
  });

  it('who was not sent yet when the connection goes, goes to another', async () => {
    await using peer = await FramePeer.listen(
      (socket, id, nth) => {
        if (nth === 0) socket.destroy();
        else socket.write(Buffer.concat([SETTINGS, begun(id), data(id, 'data: [DONE]\n\n', true)]));
      },
      certificate,
      // Before the settings come only one stream is sent.
      false,
    );
    await using users = new Users(targetOf(peer.port), 3);
    const seen = users.users.map((user) => user.start());
    await Promise.all(seen.map((s) => s.over));
    // Nobody can tell a server that goes before it has said anything from one that refused the handshake.
    assert.match(seen[0]!.outcome ?? '', /^(reset|tls_error)$/);
    for (const s of seen.slice(1)) assert.equal(s.outcome, 'complete', s.stream.detail);
    assert.equal(peer.sessions, 2);
  });

  it('what this side ends is cancelled there, and its neighbours go on', async () => {
    await using peer = await FramePeer.listen((socket, id) => socket.write(begun(id)), certificate);
    await using users = new Users(targetOf(peer.port), 2);
    const [one, other] = users.users.map((user) => user.start());
    await poll('chunks', () => (one!.gaps.length > 0 && other!.gaps.length > 0 ? true : undefined), {
      everyMs: 2,
    });
    one!.stream.cancel('cancelled');
    await one!.over;
    assert.equal(one!.outcome, 'cancelled');
    await poll('reset', () => (peer.resets.length > 0 ? true : undefined), { everyMs: 2 });
    assert.deepEqual(peer.resets, [{ id: 1, code: CANCEL }]);
    assert.equal(other!.outcome, undefined);
    assert.equal(peer.sessions, 1);
    other!.stream.cancel('cancelled');
  });
});

describe('what a neighbour does', () => {
  it('does not hide that a stream is silent', async () => {
    await using peer = await listen((stream, nth) => {
      events(stream);
      stream.write('data: one\n\n');
      if (nth === 0) return;
      const timer = setInterval(() => stream.write('data: more\n\n'), 5);
      stream.once('close', () => clearInterval(timer));
    });
    const target = targetOf(peer.port, { timeouts: { idleMs: 200 } });
    await using users = new Users(target, 2);
    const [silent, busy] = users.users.map((user) => user.start());
    await silent!.over;
    assert.equal(silent!.outcome, 'stalled');
    assert.equal(busy!.outcome, undefined);
    busy!.stream.cancel('cancelled');
    await busy!.over;
    assert.equal(peer.sessions, 1);
  });
});

describe('who speaks no HTTP/2', () => {
  for (const [what, options, says] of [
    [
      'asks for another protocol',
      { ALPNProtocols: ['http/1.1'] },
      /ALERT.*NO_APPLICATION_PROTOCOL|no application protocol/i,
    ],
    [
      'knows nothing of ALPN',
      {},
      /^NO_HTTP2: the server speaks no HTTP\/2 here; leave out --http2 \(http2\)$/,
    ],
  ] as const) {
    it(`a server that ${what}: tls_error`, async () => {
      await using peer = await Peer.listen((socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n'), {
        tls: { ...certificate, ...options },
      });
      await using user = new User(targetOf(peer.port));
      const seen = await user.run();
      assert.equal(seen.outcome, 'tls_error', seen.stream.detail);
      assert.match(seen.stream.detail ?? '', says);
      assert.equal(peer.requests, 0);
    });
  }

  it('a port where nobody listens is a connect_error of each stream', async () => {
    const port = await (async () => {
      await using gone = await listen(complete);
      return gone.port;
    })();
    await using users = new Users(targetOf(port), 5);
    const seen = users.users.map((user) => user.start());
    await Promise.all(seen.map((s) => s.over));
    assert.deepEqual([...new Set(seen.map((s) => s.outcome))], ['connect_error']);
    assert.match(seen[4]!.stream.detail ?? '', /^ECONNREFUSED/);
  });

  it('an authority that is not trusted is a tls_error', async () => {
    await using peer = await listen(complete);
    await using user = new User(targetOf(peer.port, { tls: { ca: makeAuthority('another').cert } }));
    const seen = await user.run();
    assert.equal(seen.outcome, 'tls_error', seen.stream.detail);
  });
});

describe('streams of the field', () => {
  for (const one of FIELD_CASES) {
    it(`${one.format}, ${one.name}: ${one.outcome}`, async () => {
      const { format, terminal, error } = one;
      await using peer = await listen((stream) => {
        stream.respond({
          ':status': 200,
          'content-type': formatNamed(format).contentTypes[0] ?? 'text/plain',
        });
        stream.end(one.body);
      });
      const { terminal: _, ...target } = targetOf(peer.port, {
        format,
        contentTypes: formatNamed(format).contentTypes,
      });
      const given = {
        ...(terminal === undefined ? {} : { terminal }),
        ...(error === undefined ? {} : { error }),
      };
      await using users = new Users({ ...target, ...given }, 1);
      const { outcome, stream } = await users.users[0]!.run();
      assert.equal(outcome, one.outcome, stream.detail);
      if (one.characters !== undefined) assert.equal(stream.counters.characters, one.characters);
    });
  }
});

describe('flow control', () => {
  it('a server that sends more than the windows is read to its end, in little memory', async () => {
    const part = `data: ${'x'.repeat(16_000)}\n\n`;
    const parts = 2000;
    await using peer = await listen(async (stream) => {
      events(stream);
      for (let i = 0; i < parts; i++) {
        if (!stream.write(part)) await new Promise((next) => stream.once('drain', next));
      }
      stream.end('data: [DONE]\n\n');
    });
    await using users = new Users(targetOf(peer.port), 2);
    const seen = users.users.map((user) => user.start());
    await Promise.all(seen.map((s) => s.over));
    for (const s of seen) {
      assert.equal(s.outcome, 'complete', s.stream.detail);
      assert.equal(s.bytes, part.length * parts + 'data: [DONE]\n\n'.length);
    }
  });
});

describe('a dial', () => {
  it('that takes too long is the connect timeout of each, and is given up', async () => {
    const accepted: import('node:net').Socket[] = [];
    await using peer = await Peer.listen(() => {}, { onConnection: (socket) => accepted.push(socket) });
    await using users = new Users(targetOf(peer.port, { timeouts: { connectMs: 150 } }), 4);
    const seen = users.users.map((user) => user.start());
    await Promise.all(seen.map((s) => s.over));
    assert.deepEqual(
      [...new Set(seen.map((s) => `${s.outcome}: ${s.stream.detail}`))],
      ['connect_error: connect timeout'],
    );
    await peer.released();
    assert.equal(peer.accepted, 1);
  });
});

describe('answers with bytes changed at random', () => {
  const seed = Number(process.env.SOAKD_FUZZ_SEED ?? 1);
  const answers = Number(process.env.SOAKD_FUZZ_ANSWERS ?? 200);
  const random = seededRandom(seed);

  it(`each of ${answers} ends its stream, none by a fault of soakd's own (seed ${seed})`, async () => {
    await using peer = await FramePeer.listen((socket, id) => {
      const bytes = Buffer.concat([
        headers(id),
        data(id, 'data: one\n\n'),
        data(id, 'data: two\n\n'),
        data(id, 'data: [DONE]\n\n', true),
      ]);
      for (let i = Math.floor(random() * 3); i > 0; i--)
        bytes[Math.floor(random() * bytes.length)] = random() * 256;
      socket.write(random() < 0.2 ? bytes.subarray(0, random() * bytes.length) : bytes);
    }, certificate);
    const seen: Record<string, number> = {};
    const few = { ttfbMs: 250, idleMs: 250, connectMs: 5000, lingerMs: 250 };
    await using users = new Users(targetOf(peer.port, { streams: 4, timeouts: few }), 20);
    let left = answers;
    await Promise.all(
      users.users.map(async (user) => {
        while (left-- > 0) {
          const { outcome, stream, faults } = await user.run();
          assert.deepEqual(faults, []);
          assert.notEqual(outcome, 'generator_lost', stream.detail);
          seen[outcome!] = (seen[outcome!] ?? 0) + 1;
        }
      }),
    );
    // Else the changes were not such that anything was told apart.
    for (const outcome of ['complete', 'malformed', 'reset'])
      assert.ok(seen[outcome]! > 0, JSON.stringify(seen));
  });
});
