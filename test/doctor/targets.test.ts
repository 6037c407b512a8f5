import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import type { Check } from '../../src/doctor/check.ts';
import { checkTargets } from '../../src/doctor/targets.ts';
import { NETWORK } from '../../src/transport/dial.ts';
import { freePort } from '../../support/ports.ts';
import { makeAuthority, makeCertificate } from '../transport/certificate.ts';

const authority = makeAuthority('doctor test');
const caFile = join(tmpdir(), `soakd-doctor-${process.pid}.pem`);

describe('what is found of targets', () => {
  let requests = 0;
  let connections = 0;
  const count = (): void => {
    requests++;
  };
  const plain = createServer(count).on('connection', () => connections++);
  const secure = createSecureServer(makeCertificate({ names: ['127.0.0.1'], by: authority }), count);
  // Takes connections and says nothing: a handshake of TLS never ends.
  const silent = net.createServer();
  before(async () => {
    await writeFile(caFile, authority.cert);
    for (const server of [plain, secure, silent]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
  });
  after(async () => {
    for (const server of [plain, secure, silent]) server.close();
    await rm(caFile, { force: true });
  });

  const portOf = (server: Server | net.Server) => (server.address() as AddressInfo).port;
  const lookedUp: string[] = [];
  /** @param later the allowlist at the time of the check, in place of the configuration's */
  async function check(target: string, allow = '[]', later?: string[]): Promise<Check> {
    const scenarios = 'scenarios: { s: { target: t, stages: [{ users: 1, for: 1s }] } }';
    const config = parseConfig(`allow: ${allow}\ntargets: [{ name: t, ${target} }]\n${scenarios}\n`, {
      file: 'test.yaml',
    });
    const [found] = await checkTargets(later === undefined ? config : { ...config, allow: later }, {
      lookup: async (host) => {
        lookedUp.push(host);
        if (host === 'moved.invalid') return [{ address: '192.0.2.1', family: 4 }];
        throw new Error(`getaddrinfo ENOTFOUND ${host}`);
      },
      readFile: () => authority.cert,
      resolveSecret: () => '',
      env: {},
      network: NETWORK,
      clock: () => performance.now(),
    });
    return found!;
  }

  it('connects to one that is there, and sends it no request', async () => {
    const found = await check(`url: "http://127.0.0.1:${portOf(plain)}/stream?key=secret"`);
    assert.equal(found.state, 'ok', found.found);
    assert.match(found.found, new RegExp(`^127\\.0\\.0\\.1:${portOf(plain)}: connected in .* \\(TCP .*\\)$`));
    assert.equal(found.name, 'target t');
    assert.deepEqual([connections, requests], [1, 0]);
  });

  it('shakes hands where the URL asks for TLS', async () => {
    const found = await check(`url: "https://127.0.0.1:${portOf(secure)}/", tls: { ca: "${caFile}" }`);
    assert.equal(found.state, 'ok', found.found);
    assert.match(found.found, /TCP .*, TLS /);
    assert.equal(requests, 0);
  });

  it('says that a certificate is not trusted', async () => {
    const found = await check(`url: "https://127.0.0.1:${portOf(secure)}/"`);
    assert.equal(found.state, 'fail');
    assert.match(found.found, /certificate|issuer/);
  });

  it('says that nobody listens', async () => {
    const port = await freePort();
    const found = await check(`url: "http://127.0.0.1:${port}/"`);
    assert.equal(found.state, 'fail');
    assert.match(found.found, /ECONNREFUSED/);
    assert.ok(found.advice.length > 0);
  });

  it('waits no longer than the connect timeout', async () => {
    const found = await check(`url: "https://127.0.0.1:${portOf(silent)}/", timeouts: { connect: 200ms }`);
    assert.equal(found.state, 'fail');
    assert.match(found.found, /: no connection within 200ms$/);
  });

  it('says that a name has no address', async () => {
    const found = await check('url: "http://gone.invalid/"', '[gone.invalid]');
    assert.equal(found.state, 'fail');
    assert.match(found.found, /gone\.invalid cannot be looked up/);
  });

  it('neither looks up nor dials what is not allowed', async () => {
    const found = await check('url: "http://other.invalid/"', '[other.invalid]', []);
    assert.equal(found.state, 'fail');
    assert.match(found.found, /other\.invalid is refused/);
    assert.match(found.advice.join('\n'), /add it to allow:/);
    assert.ok(!lookedUp.includes('other.invalid'));
    const moved = await check('url: "http://moved.invalid/"', '[10.0.0.0/8]');
    assert.equal(moved.state, 'fail');
    assert.match(moved.found, /points to 192\.0\.2\.1, outside the allowlist/);
  });

  it('has nothing to ask of the built-in simulator', async () => {
    const found = await check('simulator: { preset: quick }');
    assert.deepEqual([found.state, found.found], ['ok', 'the built-in simulator']);
  });
});
