import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { NETWORK } from '../../src/transport/dial.ts';
import { chunked, EVENTS_HEAD, LAST_CHUNK, Peer } from '../stream/peer.ts';
import { targetAt, User } from '../stream/user.ts';
import { makeAuthority, makeCertificate } from './certificate.ts';
import { leavesNothingOpen } from './handles.ts';
import { throughEach } from './transports.ts';

leavesNothingOpen();

const ANSWER = Buffer.concat([
  Buffer.from(EVENTS_HEAD),
  chunked('data: one\n\n', 'data: [DONE]\n\n'),
  Buffer.from(LAST_CHUNK),
]);

throughEach(() => {
  describe('a Unix socket', () => {
    const folder = mkdtempSync(join(tmpdir(), 'soakd-socket-'));
    after(() => rmSync(folder, { recursive: true, force: true }));

    it('is connected to whatever the URL calls its host, which stands in the Host header', async () => {
      const path = join(folder, 'plain.sock');
      await using peer = await Peer.listen((socket) => void socket.write(ANSWER), { path });
      // Nothing judges the host: the guard would refuse everything.
      const target = targetAt(80, {
        host: 'llm.invalid',
        origin: 'http://llm.invalid',
        socketPath: path,
      });
      await using user = new User(target, { guard: () => false });
      for (let i = 0; i < 3; i++) {
        const seen = await user.run();
        assert.equal(seen.outcome, 'complete', seen.stream.detail);
        assert.deepEqual(Object.keys(seen.connects[0] ?? {}), i === 0 ? ['connectMs', 'tcpMs'] : []);
      }
      assert.equal(peer.accepted, 1);
      assert.match(peer.heads[0]!, /^host: llm\.invalid$/m);
    });

    it('with TLS in it: the name is that of the URL', async () => {
      const ours = makeAuthority('ours');
      const path = join(folder, 'tls.sock');
      await using _peer = await Peer.listen((socket) => void socket.write(ANSWER), {
        path,
        tls: makeCertificate({ names: ['llm.invalid'], by: ours }),
      });
      for (const [host, outcome] of [
        ['llm.invalid', 'complete'],
        ['other.invalid', 'tls_error'],
      ] as const) {
        const target = targetAt(443, { host, socketPath: path, tls: { ca: ours.cert } });
        await using user = new User(target);
        const seen = await user.run();
        assert.equal(seen.outcome, outcome, seen.stream.detail);
      }
    });

    /** Root may enter everything: for so long it is somebody else. */
    async function asNobody<T>(work: () => Promise<T>): Promise<T> {
      if (process.getuid?.() !== 0) return work();
      chmodSync(folder, 0o755);
      process.seteuid!(65534);
      try {
        return await work();
      } finally {
        process.seteuid!(0);
      }
    }

    const cases: [what: string, make: (path: string) => void, code: RegExp][] = [
      ['that is not there', () => {}, /^ENOENT: /],
      ['that is a plain file', (path) => writeFileSync(path, ''), /^(ECONNREFUSED|ENOTSOCK): /],
      [
        'that may not be entered',
        (path) => {
          writeFileSync(path, '');
          chmodSync(path, 0o000);
        },
        /^EACCES: /,
      ],
    ];
    for (const [what, make, code] of cases) {
      it(`${what} is a connect_error`, async () => {
        const path = join(folder, `${what.replaceAll(' ', '-')}.sock`);
        make(path);
        await using user = new User(targetAt(80, { socketPath: path }));
        const { outcome, stream } = await (code.test('EACCES: ') ? asNobody(() => user.run()) : user.run());
        assert.equal(outcome, 'connect_error');
        assert.match(stream.detail!, code);
      });
    }

    it('whose queue is full is a connect_error: EAGAIN is no want of ours there', async () => {
      const network = {
        ...NETWORK,
        connect: (): ReturnType<typeof NETWORK.connect> => {
          const socket = NETWORK.connect({ path: join(folder, 'none') } as never);
          socket.destroy(Object.assign(new Error('connect EAGAIN'), { code: 'EAGAIN' }));
          return socket;
        },
      };
      for (const [socketPath, outcome] of [
        [join(folder, 'none'), 'connect_error'],
        [undefined, 'generator_lost'],
      ] as const) {
        const target = targetAt(80, socketPath === undefined ? {} : { socketPath });
        await using user = new User(target, { network });
        assert.equal((await user.run()).outcome, outcome);
      }
    });
  });
});
