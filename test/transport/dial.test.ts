import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type tls from 'node:tls';
import { addressGuard, buildAllowlist } from '../../src/core/allow.ts';
import type { Route } from '../../src/target/route.ts';
import {
  ADDRESS_NOT_ALLOWED,
  DialError,
  type DialOptions,
  type DialTimes,
  dial,
  NETWORK,
  type Network,
} from '../../src/transport/dial.ts';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { Peer } from '../stream/peer.ts';
import { targetAt, User } from '../stream/user.ts';
import { makeCertificate } from './certificate.ts';
import { deadNetwork, failingNetwork, namesNetwork, trustingNetwork } from './networks.ts';

const LOOPBACK = addressGuard(buildAllowlist([]), []);

interface Dialled {
  readonly error: DialError | null;
  readonly socket: net.Socket | null;
  readonly times: DialTimes;
}

type Asked = Partial<Omit<DialOptions, 'route'>> & Partial<Pick<Route, 'host' | 'port'>> & { tls?: boolean };

function dialled({ host = '127.0.0.1', port = 9, tls = false, ...options }: Asked): Promise<Dialled> {
  const { route } = targetAt(port, { host, tls: tls ? {} : undefined });
  return new Promise((resolve, reject) => {
    let calls = 0;
    dial(
      {
        route,
        guard: LOOPBACK,
        network: NETWORK,
        clock: () => performance.now(),
        ...options,
      },
      (error, socket, times) => {
        if (++calls > 1) reject(new Error('called twice'));
        // Anything that would call a second time does so by then.
        else setTimeout(() => resolve({ error, socket, times }), 20);
      },
    );
  });
}

/** Looks names up as a socket would, and notes what it would connect to; nothing is ever connected. */
function lookingNetwork(...addresses: (readonly string[])[]): Network & { readonly dialled: string[] } {
  const dialled: string[] = [];
  const connect = (options: net.TcpNetConnectOpts): net.Socket => {
    const socket = new net.Socket();
    const { host = '', lookup } = options;
    if (net.isIP(host) !== 0) dialled.push(host);
    lookup!(host, { all: true }, (error, found) => {
      if (error === null) dialled.push(...(found as LookupAddress[]).map(({ address }) => address));
      socket.destroy(error ?? Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    });
    return socket;
  };
  return {
    ...namesNetwork(...addresses),
    dialled,
    connect,
    secure: (options) => connect(options as net.TcpNetConnectOpts) as tls.TLSSocket,
  };
}

describe('the guard', () => {
  const FORBIDDEN = [
    '192.0.2.1',
    '10.0.0.1',
    '0.0.0.0',
    '169.254.169.254',
    '128.0.0.1',
    '2001:db8::1',
    '::',
    '::2',
    'fe80::1',
    'fe80::1%lo',
    '::ffff:192.0.2.1',
    '::ffff:c000:201',
    '64:ff9b::7f00:1',
  ];
  for (const host of FORBIDDEN) {
    it(`${host} is refused and not connected to`, async () => {
      for (const tls of [false, true]) {
        const network = lookingNetwork([]);
        const { error, socket } = await dialled({ host, tls, network });
        assert.ok(error instanceof DialError);
        assert.deepEqual([error.outcome, error.reason, socket], ['connect_error', ADDRESS_NOT_ALLOWED, null]);
        assert.deepEqual(network.dialled, []);
      }
    });
  }

  it('what a name points to is refused and not connected to', async () => {
    for (const tls of [false, true]) {
      for (const address of FORBIDDEN) {
        const network = lookingNetwork([address]);
        const { error } = await dialled({ host: 'name.invalid', tls, network });
        assert.deepEqual([error?.outcome, error?.reason], ['connect_error', ADDRESS_NOT_ALLOWED]);
        assert.equal(error?.message, `name.invalid points to ${address}, outside the allowlist`);
        assert.deepEqual(network.dialled, []);
      }
    }
  });

  it('of a mixed answer only the allowed addresses are dialled', async () => {
    for (const answer of [
      ['192.0.2.1', '127.0.0.1', '2001:db8::1'],
      ['2001:db8::1', '127.0.0.2', '127.0.0.3', '192.0.2.1'],
      ['::ffff:192.0.2.1', '::ffff:127.0.0.1'],
    ]) {
      const network = lookingNetwork(answer);
      const { error } = await dialled({ host: 'name.invalid', network });
      assert.equal(error?.reason, 'ECONNREFUSED');
      assert.deepEqual(
        network.dialled,
        answer.filter((address) => LOOPBACK(address)),
      );
    }
  });

  it('the same with real sockets', async () => {
    const attempts: string[] = [];
    const network = namesNetwork(['127.0.0.1', '127.0.0.2', '127.0.0.3']);
    const port = await freePort();
    const { error } = await dialled({
      host: 'name.invalid',
      port,
      // Addresses that do no harm are forbidden here: all of them are this machine's.
      guard: (address) => address !== '127.0.0.1',
      network: {
        ...network,
        connect: (options) =>
          net.connect(options).on('connectionAttempt', (address) => attempts.push(address)),
      },
    });
    assert.equal(error?.reason, 'ECONNREFUSED');
    assert.deepEqual(attempts, ['127.0.0.2', '127.0.0.3']);
  });

  it('an allowed address written as IPv6 is dialled', async () => {
    const server = net.createServer((socket) => socket.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const host of ['::ffff:127.0.0.1', '::ffff:7f00:1']) {
      const { error, socket } = await dialled({ host, port });
      assert.equal(error, null);
      socket!.destroy();
    }
    server.close();
    await once(server, 'close');
  });

  it('a name that points elsewhere later is refused by the next stream that dials', async () => {
    await using peer = await Peer.listen(
      (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx'),
    );
    const network = namesNetwork(['127.0.0.1'], ['127.0.0.9'], ['127.0.0.1']);
    const target = targetAt(peer.port, {
      host: 'rebound.invalid',
      format: 'raw',
      fresh: true,
    });
    await using user = new User(target, { network, guard: (address) => address === '127.0.0.1' });
    assert.equal((await user.run()).outcome, 'complete');
    const { outcome, stream } = await user.run();
    assert.equal(outcome, 'connect_error');
    assert.equal(
      stream.detail,
      'ADDRESS_NOT_ALLOWED: rebound.invalid points to 127.0.0.9, outside the allowlist',
    );
    assert.equal((await user.run()).outcome, 'complete');
    assert.equal(network.lookups.length, 3);
  });

  it('a pinned address, and one of an allowed range', () => {
    const guard = addressGuard(buildAllowlist(['192.0.2.0/24']), ['203.0.113.7']);
    assert.deepEqual(['192.0.2.200', '::ffff:192.0.2.200', '203.0.113.7', '203.0.113.8'].map(guard), [
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('failures', () => {
  it('DNS', async () => {
    for (const [code, outcome] of [
      ['ENOTFOUND', 'connect_error'],
      ['EAI_AGAIN', 'connect_error'],
      ['EAI_MEMORY', 'generator_lost'],
    ] as const) {
      const network = namesNetwork(Object.assign(new Error(`getaddrinfo ${code}`), { code }));
      const { error, times } = await dialled({ host: 'name.invalid', network });
      assert.deepEqual([error?.outcome, error?.reason], [outcome, code]);
      assert.ok(times.dnsMs !== undefined && times.tcpMs === undefined);
    }
  });

  it('of several errors, the last one, and an own fault before all', async () => {
    for (const [codes, reason] of [
      [['ECONNREFUSED'], 'ECONNREFUSED'],
      [['ECONNREFUSED', 'EHOSTUNREACH'], 'EHOSTUNREACH'],
      [['EMFILE', 'EHOSTUNREACH'], 'EMFILE'],
    ] as const) {
      const { error } = await dialled({ network: failingNetwork(...codes) });
      assert.equal(error?.reason, reason);
    }
  });

  it('a socket that is destroyed before it connects', async () => {
    const network = deadNetwork();
    const result = dialled({ network });
    network.sockets[0]!.destroy();
    const { error } = await result;
    assert.deepEqual([error?.outcome, error?.reason], ['connect_error', 'CLOSED']);
  });
});

describe('times', () => {
  /** A clock of which a look-up takes 1000 ms, and on loopback the rest next to nothing. */
  function slowNames(network: Network): { network: Network; clock: () => number } {
    let skipped = 0;
    return {
      network: {
        ...network,
        lookup: (host, done) =>
          network.lookup(host, (error, found) => {
            skipped += 1000;
            done(error, found);
          }),
      },
      clock: () => performance.now() + skipped,
    };
  }

  it('of an address: no look-up', async () => {
    await using peer = await Peer.listen(() => {});
    const { times, socket } = await dialled({ port: peer.port });
    assert.deepEqual(Object.keys(times).sort(), ['connectMs', 'tcpMs']);
    assert.ok(times.tcpMs! > 0 && times.connectMs >= times.tcpMs!);
    socket!.destroy();
  });

  it('of a name', async () => {
    await using peer = await Peer.listen(() => {});
    const { times, socket } = await dialled({
      host: 'name.invalid',
      port: peer.port,
      ...slowNames(namesNetwork(['127.0.0.1'])),
    });
    assert.deepEqual(Object.keys(times).sort(), ['connectMs', 'dnsMs', 'tcpMs']);
    assert.ok(times.dnsMs! >= 1000 && times.tcpMs! >= 0);
    assert.ok(times.connectMs >= times.dnsMs! + times.tcpMs!);
    socket!.destroy();
  });

  it('of TLS', async () => {
    const certificate = makeCertificate({ names: ['name.invalid'] });
    await using peer = await Peer.listen(() => {}, { tls: certificate });
    const { times, socket } = await dialled({
      host: 'name.invalid',
      port: peer.port,
      tls: true,
      ...slowNames(trustingNetwork(certificate.cert, namesNetwork(['127.0.0.1']))),
    });
    assert.ok(times.dnsMs! >= 1000 && times.tcpMs! >= 0 && times.tlsMs! > 0);
    assert.ok(times.connectMs >= times.dnsMs! + times.tcpMs! + times.tlsMs! - 1e-6);
    socket!.destroy();
  });

  it('the socket is usable and has no delay', async () => {
    await using peer = await Peer.listen(() => {});
    const { socket } = await dialled({ port: peer.port });
    socket!.write('GET / HTTP/1.1\r\n\r\n');
    await poll('request', () => (peer.requests === 1 ? true : undefined), { everyMs: 5 });
    socket!.destroy();
    await peer.released();
  });
});
