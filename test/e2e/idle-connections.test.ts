import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { start } from '../../support/process.ts';
import { ROOT } from '../../support/root.ts';
import { PATIENT, Scrape } from '../../support/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-idle-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const CONNECTIONS = 1000;
/** Generous: the machine has other work. */
const MAX_ANSWER_MS = 3000;
const CROWD = '127.0.0.2';

const HEAD = 'POST /api/v1/runs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n';
/** What a connection of the crowd sends. */
const KINDS: readonly [what: string, bytes: string][] = [
  ['send nothing', ''],
  ['do not end their headers', HEAD],
  ['do not end their bodies', `${HEAD}content-length: 100\r\n\r\n{`],
  ['stay open after a request', 'GET /api/v1/status HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'],
];

/** Answers of one path to one address, each on a new connection. */
async function ask(port: number, path: string, localAddress: string): Promise<string> {
  const at = performance.now();
  const answer = await new Promise<string>((done, fail) => {
    const sent = request({ host: '127.0.0.1', port, path, localAddress, agent: false, timeout: 20_000 });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', (error) => fail(new Error(`${path} from ${localAddress}`, { cause: error })));
    sent.on('response', (response) => {
      assert.equal(response.statusCode, 200, `${path} from ${localAddress}`);
      text(response).then(done, fail);
    });
    sent.end();
  });
  const tookMs = performance.now() - at;
  assert.ok(tookMs < MAX_ANSWER_MS, `${path} from ${localAddress} took ${tookMs} ms`);
  return answer;
}

for (const limit of [8192, 256])
  for (const [what, bytes] of KINDS)
    it(`1000 connections of one address that ${what}, with ${limit} descriptors: metrics and health answer`, {
      skip: process.platform !== 'linux' && 'needs prlimit, and all of 127.0.0.0/8',
    }, async () => {
      const config = join(folder, 'soakd.yaml');
      writeFileSync(
        config,
        `${PATIENT}serve: { start: many }
targets: [{ name: far, simulator: { chunks: 600, gap: 100ms } }]
scenarios: { many: { target: far, stages: [{ users: 100, for: 10m }] } }
`,
      );
      const port = await freePort();
      const program = start('prlimit', [
        `--nofile=${limit}:${limit}`,
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        join(ROOT, 'src/cli/main.ts'),
        ...['serve', '--config', config, '--port', String(port)],
        ...['--data', join(folder, `${limit}-${what.replaceAll(' ', '-')}`)],
      ]);
      const crowd: Socket[] = [];
      try {
        await program.line(/"msg":"listening"/);
        let opened = 0;
        let closed = 0;
        for (let i = 0; i < CONNECTIONS; i++) {
          const socket = connect({ host: '127.0.0.1', port, localAddress: CROWD });
          socket.on('connect', () => opened++);
          socket.on('close', () => closed++);
          socket.on('error', () => {});
          // Reads what soakd sends, so that its end is seen.
          socket.resume();
          socket.write(bytes);
          crowd.push(socket);
        }
        await poll('all connections', () => opened + closed >= CONNECTIONS || undefined);
        for (let n = 0; n < 5; n++)
          for (const address of ['127.0.0.1', CROWD]) {
            await ask(port, '/-/healthy', address);
            const scrape = new Scrape(await ask(port, '/metrics', address));
            assert.ok(scrape.sum('process_open_fds') < limit);
          }
        // A quarter of one connection for each eight descriptors, at most of 1000.
        const most = Math.ceil(Math.min(1000, limit / 8) / 4);
        await poll('connections closed early', () => CONNECTIONS - closed <= most || undefined);
        assert.equal(program.exit, undefined, program.output);
      } finally {
        for (const socket of crowd) socket.destroy();
        await program.stop();
      }
    });
