import assert from 'node:assert/strict';
import type net from 'node:net';
import { describe, it } from 'node:test';
import type { ProxyHop } from '../../src/target/route.ts';
import { NETWORK } from '../../src/transport/dial.ts';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { type ProxyOptions, TestProxy } from '../../support/proxy.ts';
import { chunked, EVENTS_HEAD, flood, LAST_CHUNK, Peer } from '../stream/peer.ts';
import { type Seen, type TargetOptions, targetAt, User } from '../stream/user.ts';
import { makeAuthority, makeCertificate } from './certificate.ts';
import { leavesNothingOpen } from './handles.ts';
import { namesNetwork } from './networks.ts';

leavesNothingOpen();

const ours = makeAuthority('ours');
const certificate = makeCertificate({ names: ['llm.invalid', '127.0.0.1'], by: ours });
const NAMES = { 'llm.invalid': '127.0.0.1' };
const ANSWER = Buffer.concat([
  Buffer.from(EVENTS_HEAD),
  chunked('data: one\n\n', 'data: [DONE]\n\n'),
  Buffer.from(LAST_CHUNK),
]);

const hop = (proxy: TestProxy, more: Partial<ProxyHop> = {}): ProxyHop => ({
  host: '127.0.0.1',
  port: proxy.port,
  ...more,
});

/** A TLS target that only its proxy can find. */
function behind(peer: Peer, proxy: ProxyHop, more: TargetOptions = {}): TargetOptions & { port: number } {
  return { port: peer.port, host: 'llm.invalid', tls: { ca: ours.cert }, proxy, ...more };
}

/** No name but that of a proxy may be looked up here. */
const NETWORK_OF_PROXY = {
  ...NETWORK,
  lookup: (host: string): never => {
    throw new Error(`${host} was looked up`);
  },
};

function userOf({ port, ...options }: TargetOptions & { port: number }, network = NETWORK_OF_PROXY): User {
  return new User(targetAt(port, options), { network });
}

const secure = (): Promise<Peer> => Peer.listen((socket) => void socket.write(ANSWER), { tls: certificate });

describe('TLS through a proxy', () => {
  it('goes through a tunnel of its own for each connection, and the target sees no proxy', async () => {
    await using peer = await secure();
    await using proxy = await TestProxy.listen({ names: NAMES });
    {
      await using user = userOf(behind(peer, hop(proxy)));
      for (let i = 0; i < 3; i++) {
        const seen = await user.run();
        assert.equal(seen.outcome, 'complete', seen.stream.detail);
        if (i > 0) continue;
        const { tcpMs, tunnelMs, tlsMs, connectMs, dnsMs } = seen.connects[0]!;
        assert.equal(dnsMs, undefined);
        assert.ok(tcpMs! > 0 && tunnelMs! > 0 && tlsMs! > 0);
        assert.ok(Math.abs(tcpMs! + tunnelMs! + tlsMs! - connectMs) < 5);
      }
      assert.deepEqual([proxy.tunnels, peer.accepted, proxy.open], [1, 1, 1]);
    }
    const [request] = proxy.requests;
    assert.deepEqual([request!.method, request!.url], ['CONNECT', `llm.invalid:${peer.port}`]);
    assert.equal(request!.headers.host, `llm.invalid:${peer.port}`);
    assert.doesNotMatch(peer.heads.join('\n'), /proxy/i);
    assert.match(peer.heads[0]!, /^POST \/stream HTTP/);
    // Closing the connection closes the whole way.
    await peer.released();
    await poll('closed tunnel', () => proxy.open === 0 || undefined);
  });

  it('to an IPv6 address', async () => {
    await using peer = await Peer.listen((socket) => void socket.write(ANSWER), {
      host: '::1',
      tls: makeCertificate({ names: ['::1'], by: ours }),
    });
    await using proxy = await TestProxy.listen();
    await using user = userOf(
      behind(peer, hop(proxy), { host: '::1', origin: `https://[::1]:${peer.port}` }),
    );
    const seen = await user.run();
    assert.equal(seen.outcome, 'complete', seen.stream.detail);
    assert.equal(proxy.requests[0]!.url, `[::1]:${peer.port}`);
  });

  it('the certificate is that of the target, and is judged by its name', async () => {
    await using peer = await secure();
    await using proxy = await TestProxy.listen({ names: { 'other.invalid': '127.0.0.1' } });
    await using user = userOf(behind(peer, hop(proxy), { host: 'other.invalid' }));
    const { outcome, stream } = await user.run();
    assert.equal(outcome, 'tls_error');
    assert.match(stream.detail!, /^ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  it('a client certificate is shown to the target', async () => {
    const tls = { ...certificate, requestCert: true, rejectUnauthorized: true, ca: ours.cert };
    await using peer = await Peer.listen((socket) => void socket.write(ANSWER), { tls });
    await using proxy = await TestProxy.listen({ names: NAMES });
    const client = makeCertificate({ names: ['client.invalid'], by: ours });
    for (const [shown, outcome] of [
      [client, 'complete'],
      [{}, 'tls_error'],
    ] as const) {
      await using user = userOf(behind(peer, hop(proxy), { tls: { ca: ours.cert, ...shown } }));
      const seen = await user.run();
      assert.equal(seen.outcome, outcome, seen.stream.detail);
    }
  });

  const authorization = `Basic ${Buffer.from('me:planted').toString('base64')}`;
  it('with the credentials that it wants', async () => {
    await using peer = await secure();
    await using proxy = await TestProxy.listen({ names: NAMES, authorization });
    await using user = userOf(behind(peer, hop(proxy, { authorization })));
    assert.equal((await user.run()).outcome, 'complete');
    assert.doesNotMatch(peer.heads[0]!, /authorization/i);
  });

  it('without them: 407, which is told', async () => {
    await using peer = await secure();
    await using proxy = await TestProxy.listen({ names: NAMES, authorization });
    await using user = userOf(behind(peer, hop(proxy)));
    const { outcome, stream, connects } = await user.run();
    assert.deepEqual(
      [outcome, stream.detail],
      ['connect_error', 'PROXY_REFUSED: the proxy answered CONNECT with status 407'],
    );
    assert.deepEqual([connects.length, peer.accepted], [0, 0]);
    await poll('closed connection to the proxy', () => proxy.open === 0 || undefined);
  });
});

describe('a proxy that does not do what is asked', () => {
  type Answers = (socket: net.Socket) => void;
  const says =
    (...bits: string[]): Answers =>
    (socket) =>
      void socket.write(bits.join(''));
  const cases: [what: string, connect: Answers, detail: RegExp][] = [
    ['refuses', says('HTTP/1.1 403 Forbidden\r\n\r\n<html>'), /^PROXY_REFUSED: .* status 403$/],
    [
      'answers 503',
      says('HTTP/1.0 503 planted words\r\nretry-after: 1\r\n\r\n'),
      /^PROXY_REFUSED: .* status 503$/,
    ],
    ['redirects', says('HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n'), /^PROXY_REFUSED: .* status 302$/],
    ['is none', says('220 smtp.invalid ESMTP\r\n'), /^PROXY_ANSWER: .*not HTTP$/],
    [
      'speaks in bytes',
      (socket) => void socket.write(Buffer.of(0, 1, 255, 254)),
      /^PROXY_ANSWER: .*not HTTP$/,
    ],
    ['has no status', says('HTTP/1.1 yes\r\n\r\n'), /^PROXY_ANSWER: .*without a status$/],
    [
      'answers without end',
      (socket) => void flood(socket, `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(1000)}`),
      /^PROXY_ANSWER: .*more than 16384 bytes$/,
    ],
    [
      'has a head that is too long',
      says(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`),
      /^PROXY_ANSWER: .*more than 16384/,
    ],
    ['goes on talking', says('HTTP/1.1 200 OK\r\n\r\nhello'), /^PROXY_ANSWER: .*more than its answer/],
    ['hangs up', (socket) => void socket.end(), /^PROXY_ANSWER: .*closed the connection before it answered/],
    [
      'hangs up halfway',
      (socket) => void socket.end('HTTP/1.1 200 O'),
      /^PROXY_ANSWER: .*closed the connection/,
    ],
    ['resets', (socket) => void socket.resetAndDestroy(), /^ECONNRESET: proxy 127\.0\.0\.1:\d+: /],
  ];
  for (const [what, connect, detail] of cases) {
    it(`${what}: connect_error`, async () => {
      await using peer = await secure();
      await using proxy = await TestProxy.listen({ names: NAMES, connect });
      await using user = userOf(behind(peer, hop(proxy)));
      const seen = await user.run();
      assert.equal(seen.outcome, 'connect_error', seen.stream.detail);
      assert.match(seen.stream.detail!, detail);
      assert.doesNotMatch(seen.stream.detail!, /planted|html/);
      assert.deepEqual([seen.connects.length, seen.written_, peer.accepted], [0, 0, 0]);
      await poll('closed connection to the proxy', () => proxy.open === 0 || undefined);
      // The next stream asks anew.
      assert.equal((await user.run()).outcome, 'connect_error');
      assert.equal(proxy.requests.length, 2);
    });
  }

  it('is slow, but answers in bits: the tunnel stands', async () => {
    await using peer = await secure();
    const options: ProxyOptions = {
      names: NAMES,
      connect: (socket) => {
        const onward = NETWORK.connect({ host: '127.0.0.1', port: peer.port });
        onward.on('error', () => socket.destroy());
        onward.on('close', () => socket.destroy());
        socket.on('close', () => onward.destroy());
        const bits = ['HTTP', '/1.1 2', '00 OK\r\n', 'a: b\r\n\r', '\n'];
        const next = (): void => {
          socket.write(bits.shift()!);
          if (bits.length > 0) setTimeout(next, 5);
          else socket.pipe(onward).pipe(socket);
        };
        onward.once('connect', next);
      },
    };
    await using proxy = await TestProxy.listen(options);
    await using user = userOf(behind(peer, hop(proxy)));
    const seen: Seen = await user.run();
    assert.equal(seen.outcome, 'complete', seen.stream.detail);
  });

  it('never answers: the connect timeout ends it, and nothing is held', async () => {
    await using peer = await secure();
    await using proxy = await TestProxy.listen({ names: NAMES, connect: () => {} });
    await using user = userOf(behind(peer, hop(proxy), { timeouts: { connectMs: 150 } }));
    const { outcome, stream } = await user.run();
    assert.deepEqual([outcome, stream.detail], ['connect_error', 'connect timeout']);
    await poll('closed connection to the proxy', () => proxy.open === 0 || undefined);
  });

  it('tunnels to somebody who never speaks: the same, in the TLS handshake', async () => {
    await using silent = await Peer.listen(() => {});
    await using proxy = await TestProxy.listen({ names: NAMES });
    await using user = userOf(behind(silent, hop(proxy), { timeouts: { connectMs: 150 } }));
    const { outcome, stream } = await user.run();
    assert.deepEqual([outcome, stream.detail], ['connect_error', 'connect timeout']);
    assert.equal(proxy.tunnels, 1);
    await silent.released();
    await poll('closed connection to the proxy', () => proxy.open === 0 || undefined);
  });

  it('is not there: connect_error, and whose fault it is', async () => {
    const port = await freePort();
    await using user = userOf({
      port: 9,
      host: 'llm.invalid',
      tls: {},
      proxy: { host: '127.0.0.1', port },
    });
    const { outcome, stream } = await user.run();
    assert.equal(outcome, 'connect_error');
    assert.match(stream.detail!, new RegExp(`^ECONNREFUSED: proxy 127\\.0\\.0\\.1:${port}: `));
  });
});

describe('the guard', () => {
  it('judges the proxy when it is dialled, by the addresses of its name', async () => {
    await using peer = await secure();
    await using proxy = await TestProxy.listen({ names: NAMES });
    const network = namesNetwork(['127.0.0.1'], ['192.0.2.1']);
    const options = behind(peer, { host: 'proxy.invalid', port: proxy.port }, { fresh: true });
    await using user = userOf(options, network as never);
    assert.equal((await user.run()).outcome, 'complete');
    const { outcome, stream } = await user.run();
    assert.equal(outcome, 'connect_error');
    assert.equal(
      stream.detail,
      'ADDRESS_NOT_ALLOWED: proxy.invalid points to 192.0.2.1, outside the allowlist',
    );
    assert.deepEqual(network.lookups, ['proxy.invalid', 'proxy.invalid']);
  });

  it('refuses one that is an address outside the allowlist', async () => {
    const target = targetAt(9, {
      tls: {},
      proxy: { host: '192.0.2.1', port: 3128 },
    });
    await using user = new User(target);
    assert.match((await user.run()).stream.detail!, /^ADDRESS_NOT_ALLOWED: 192\.0\.2\.1/);
  });
});

describe('plain HTTP through a proxy', () => {
  const plain = (
    peer: Peer,
    proxy: TestProxy,
    headers: readonly string[] = [],
  ): TargetOptions & { port: number } => ({
    port: peer.port,
    host: 'llm.invalid',
    path: `http://llm.invalid:${peer.port}/stream?a=b`,
    headers: ['content-type', 'application/json', ...headers],
    proxy: hop(proxy),
  });

  it('asks for the whole URL, and keeps its connection', async () => {
    await using peer = await Peer.listen((socket) => void socket.write(ANSWER));
    await using proxy = await TestProxy.listen({ names: NAMES });
    await using user = userOf(plain(peer, proxy));
    for (let i = 0; i < 3; i++) {
      const seen = await user.run();
      assert.equal(seen.outcome, 'complete', seen.stream.detail);
      assert.deepEqual(Object.keys(seen.connects[0] ?? {}), i === 0 ? ['connectMs', 'tcpMs'] : []);
    }
    assert.equal(proxy.open, 1);
    const [request] = proxy.requests;
    assert.deepEqual(
      [request!.method, request!.url, request!.headers.host],
      ['POST', `http://llm.invalid:${peer.port}/stream?a=b`, `llm.invalid:${peer.port}`],
    );
    assert.match(peer.heads[0]!, /^POST \/stream\?a=b HTTP/);
  });

  it('without the credentials that it wants it is a 407 as any status', async () => {
    const authorization = 'Basic bWU6cGxhbnRlZA==';
    await using peer = await Peer.listen((socket) => void socket.write(ANSWER));
    await using proxy = await TestProxy.listen({ names: NAMES, authorization });
    {
      await using user = userOf(plain(peer, proxy));
      const { outcome, stream } = await user.run();
      assert.deepEqual([outcome, stream.status, peer.accepted], ['http_error', 407, 0]);
    }
    await using user = userOf(plain(peer, proxy, ['proxy-authorization', authorization]));
    assert.equal((await user.run()).outcome, 'complete');
  });
});
