import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { NETWORK } from '../../src/transport/dial.ts';
import { DnsClient } from '../../src/transport/dns-client.ts';
import { lookUp, lookupFor } from '../../src/transport/names.ts';
import { DnsServer } from '../../support/dns-server.ts';
import { chunked, EVENTS_HEAD, LAST_CHUNK, Peer } from '../stream/peer.ts';
import { targetAt, User } from '../stream/user.ts';
import { leavesNothingOpen } from './handles.ts';
import { throughEach } from './transports.ts';

leavesNothingOpen();

const ANSWER = Buffer.concat([
  Buffer.from(EVENTS_HEAD),
  chunked('data: one\n\n', 'data: [DONE]\n\n'),
  Buffer.from(LAST_CHUNK),
]);
const serve = (options = {}): Promise<Peer> => Peer.listen((socket) => void socket.write(ANSWER), options);

/** Nobody may ask the system here. */
const NO_SYSTEM = {
  ...NETWORK,
  lookup: (host: string): never => {
    throw new Error(`the system was asked for ${host}`);
  },
};

throughEach(() => {
  describe('addresses of the configuration', () => {
    it('are dialled under the name that stands in the URL', async () => {
      await using peer = await serve();
      const target = targetAt(peer.port, {
        host: 'llm.invalid',
        names: { fixed: { 'llm.invalid': ['127.0.0.1'] }, servers: [] },
      });
      await using user = new User(target, { network: NO_SYSTEM });
      const seen = await user.run();
      assert.equal(seen.outcome, 'complete', seen.stream.detail);
      assert.match(peer.heads[0]!, new RegExp(`^host: llm\\.invalid:${peer.port}$`, 'm'));
    });

    it('are judged as any: what the allowlist does not have is not dialled', async () => {
      const names = { fixed: { 'llm.invalid': ['192.0.2.1'] }, servers: [] };
      const target = targetAt(9, { host: 'llm.invalid', names });
      await using user = new User(target);
      const { outcome, stream } = await user.run();
      assert.equal(outcome, 'connect_error');
      assert.match(stream.detail!, /^ADDRESS_NOT_ALLOWED: llm\.invalid points to 192\.0\.2\.1/);
    });

    it('of several, one that answers is found, whatever the others are', async () => {
      await using peer = await serve({ host: '::1' });
      for (const fixed of [
        ['127.0.0.1', '::1'],
        ['::1', '127.0.0.1'],
        ['127.0.0.9', '127.0.0.8', '::1'],
      ]) {
        const names = { fixed: { 'llm.invalid': fixed }, servers: [] };
        const target = targetAt(peer.port, { host: 'llm.invalid', names });
        await using user = new User(target, { network: NO_SYSTEM });
        const seen = await user.run();
        assert.equal(seen.outcome, 'complete', seen.stream.detail);
      }
    });

    it('leave other names to the system', async () => {
      const asked: string[] = [];
      const lookup = lookupFor(
        { fixed: { 'a.invalid': ['127.0.0.1', '::1'] }, servers: [] },
        (host, done) => {
          asked.push(host);
          done(null, []);
        },
      );
      for (const name of ['a.invalid', 'b.invalid', 'constructor']) lookup(name, () => {});
      assert.deepEqual(asked, ['b.invalid', 'constructor']);
      assert.deepEqual(
        await lookUp('a.invalid', { fixed: { 'a.invalid': ['127.0.0.1', '::1'] }, servers: [] }),
        [
          { address: '127.0.0.1', family: 4 },
          { address: '::1', family: 6 },
        ],
      );
    });
  });

  describe('DNS servers of the configuration', () => {
    it('are asked in place of the system, and what they say is judged', async () => {
      await using dns = await DnsServer.listen({ 'llm.invalid': ['127.0.0.1'] });
      await using peer = await serve();
      const target = targetAt(peer.port, {
        host: 'llm.invalid',
        fresh: true,
        names: { fixed: {}, servers: [dns.address] },
      });
      const network = NO_SYSTEM;
      await using user = new User(target, { network });
      const first = await user.run();
      assert.equal(first.outcome, 'complete', first.stream.detail);
      assert.ok(first.connects[0]!.dnsMs! > 0);
      assert.deepEqual(dns.questions.sort(), ['llm.invalid/A', 'llm.invalid/AAAA']);
      dns.names['llm.invalid'] = ['192.0.2.1'];
      const client = new DnsClient([dns.address]);
      const found = await new Promise((resolve) =>
        client.lookup('llm.invalid', (_, found) => resolve(found)),
      );
      assert.deepEqual(found, [{ address: '192.0.2.1', family: 4 }]);
    });

    const ask = (client: DnsClient, name: string): Promise<string> =>
      new Promise((resolve) =>
        client.lookup(name, (error, found) =>
          resolve(
            error === null ? found.map((a) => a.address).join() : (error as NodeJS.ErrnoException).code!,
          ),
        ),
      );

    for (const [known, expected] of [
      [['127.0.0.1'], '127.0.0.1'],
      [['::1'], '::1'],
      [['127.0.0.1', '127.0.0.2', '::1'], '::1,127.0.0.1,127.0.0.2'],
      [[], 'ENODATA'],
      [3, 'ENOTFOUND'],
      [2, 'ESERVFAIL'],
    ] as const) {
      it(`that know ${JSON.stringify(known)} give ${expected}`, async () => {
        await using dns = await DnsServer.listen({ 'llm.invalid': known });
        assert.equal(await ask(new DnsClient([dns.address]), 'llm.invalid'), expected);
      });
    }

    it('are asked once by many at a time, and again when the answer is too old', async () => {
      await using dns = await DnsServer.listen({ 'llm.invalid': ['127.0.0.1'] });
      dns.ttl = 5;
      let now = 0;
      const client = new DnsClient([dns.address], () => now);
      const answers = await Promise.all(Array.from({ length: 1000 }, () => ask(client, 'llm.invalid')));
      assert.deepEqual([...new Set(answers)], ['127.0.0.1']);
      assert.equal(dns.questions.length, 2);
      dns.names['llm.invalid'] = ['127.0.0.2'];
      now = 4999;
      assert.equal(await ask(client, 'llm.invalid'), '127.0.0.1');
      now = 5000;
      assert.equal(await ask(client, 'llm.invalid'), '127.0.0.2');
      // A failure is kept for a second, so that a server that fails is not flooded.
      dns.names['llm.invalid'] = 2;
      now = 10_000;
      for (let i = 0; i < 20; i++) assert.equal(await ask(client, 'llm.invalid'), 'ESERVFAIL');
      const { length } = dns.questions;
      dns.names['llm.invalid'] = ['127.0.0.3'];
      now = 11_000;
      assert.equal(await ask(client, 'llm.invalid'), '127.0.0.3');
      assert.equal(dns.questions.length, length + 2);
    });

    it('keep no answer longer than a minute, or shorter than a second', async () => {
      await using dns = await DnsServer.listen({ 'llm.invalid': ['127.0.0.1'] });
      for (const [ttl, keptMs] of [
        [86_400, 60_000],
        [0, 1000],
      ] as const) {
        dns.ttl = ttl;
        dns.questions.length = 0;
        let now = 0;
        const client = new DnsClient([dns.address], () => now);
        for (const [atMs, questions] of [
          [0, 2],
          [keptMs - 1, 2],
          [keptMs, 4],
        ] as const) {
          now = atMs;
          await ask(client, 'llm.invalid');
          assert.equal(dns.questions.length, questions, `${atMs} ms, ttl ${ttl}`);
        }
      }
    });

    it('that are not there are an error of the stream that says which name', async () => {
      // UDP to a port that is closed: the system says so at once.
      const dns = await DnsServer.listen({});
      const { address } = dns;
      await dns[Symbol.asyncDispose]();
      const target = targetAt(9, { host: 'llm.invalid', names: { fixed: {}, servers: [address] } });
      await using user = new User(target, { network: NO_SYSTEM });
      const { outcome, stream } = await user.run();
      assert.equal(outcome, 'connect_error');
      assert.match(stream.detail!, /^(ECONNREFUSED|ETIMEOUT): query\w+ \w+ llm\.invalid/);
    });
  });

  describe('IPv6', () => {
    it('an address in the URL is dialled, and stands in brackets in the Host header', async () => {
      await using peer = await serve({ host: '::1' });
      const target = targetAt(peer.port, { host: '::1', origin: `http://[::1]:${peer.port}` });
      await using user = new User(target);
      assert.equal((await user.run()).outcome, 'complete');
      assert.match(peer.heads[0]!, new RegExp(`^host: \\[::1\\]:${peer.port}$`, 'm'));
    });

    it('a name with both kinds of address works where the server has only one of them', async () => {
      for (const host of ['127.0.0.1', '::1']) {
        await using peer = await serve({ host });
        const network = {
          ...NETWORK,
          lookup: lookupFor({ fixed: { localhost: ['::1', '127.0.0.1'] }, servers: [] }, NETWORK.lookup),
        };
        await using user = new User(targetAt(peer.port, { host: 'localhost', fresh: true }), { network });
        for (let i = 0; i < 3; i++) assert.equal((await user.run()).outcome, 'complete');
        assert.equal(peer.accepted, 3);
      }
    });

    it('that a machine has no IPv6 is not the fault of what is told', async () => {
      const server = net.createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      server.close();
      const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1'), {
        code: 'ECONNREFUSED',
        address: '127.0.0.1',
      });
      const unable = Object.assign(new Error('connect EADDRNOTAVAIL ::1'), {
        code: 'EADDRNOTAVAIL',
        address: '::1',
      });
      const exhausted = Object.assign(new Error('connect EADDRNOTAVAIL'), {
        code: 'EADDRNOTAVAIL',
        address: '127.0.0.1',
      });
      for (const [errors, outcome] of [
        [[unable, refused], 'connect_error'],
        [[refused, unable], 'connect_error'],
        [[unable], 'generator_lost'],
        [[unable, exhausted], 'generator_lost'],
      ] as const) {
        const network = {
          ...NETWORK,
          connect: () => {
            const socket = new net.Socket();
            process.nextTick(() => socket.destroy(new AggregateError(errors)));
            return socket;
          },
        };
        await using user = new User(targetAt(port), { network });
        const seen = await user.run();
        assert.equal(seen.outcome, outcome, seen.stream.detail);
      }
    });
  });
});
