import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, ListenOptions } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestProxy } from '../../support/proxy.ts';
import { makeAuthority, makeCertificate } from '../transport/certificate.ts';
import { namesNetwork } from '../transport/networks.ts';
import { probeUrl } from './probing.ts';

const ours = makeAuthority('ours');
const certificate = makeCertificate({ names: ['127.0.0.1', 'llm.invalid'], by: ours });
const client = makeCertificate({ names: ['client.invalid'], by: ours });

describe('a probe reaches what a run reaches', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soakd-probe-'));
  const at = (name: string): string => join(folder, name);
  const servers: Server[] = [];
  const seen: (string | undefined)[] = [];
  let tlsPort: number;
  let plainPort: number;

  const answer: Parameters<typeof createServer>[1] = ({ headers }, response) => {
    seen.push(headers.authorization);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: you are ${headers.authorization}\n\n`);
  };
  async function listen(server: Server, where: ListenOptions): Promise<number> {
    servers.push(server);
    await new Promise<void>((done) => server.listen(where, done));
    return (server.address() as AddressInfo).port;
  }

  before(async () => {
    const local = { port: 0, host: '127.0.0.1' };
    const mutual = { ...certificate, requestCert: true, rejectUnauthorized: true, ca: ours.cert };
    tlsPort = await listen(createHttps(mutual, answer), local);
    plainPort = await listen(createServer(answer), local);
    await listen(createServer(answer), { path: at('app.sock') });
    writeFileSync(at('ca.pem'), ours.cert);
    writeFileSync(at('client.pem'), client.cert);
    writeFileSync(at('client.key'), client.key);
  });
  after(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true });
  });
  const tls = { ca: at('ca.pem'), cert: at('client.pem'), key: at('client.key') };

  it('a client certificate, and its want, which is explained', async () => {
    const url = `https://127.0.0.1:${tlsPort}/`;
    assert.equal((await probeUrl(url, tls)).report.outcome, 'complete');
    const { report } = await probeUrl(url, { ca: tls.ca });
    assert.equal(report.outcome, 'tls_error');
    assert.match(report.detail!, /--cert and --key/);
    const stranger = (await probeUrl(url)).report;
    assert.match(stranger.detail!, /--ca FILE \(tls\.ca\)/);
    const named = (await probeUrl(url, { ...tls, serverName: 'other.invalid' })).report;
    assert.match(named.detail!, /--server-name/);
  });

  it('a proxy: the tunnel is a step of its own', async () => {
    await using proxy = await TestProxy.listen({ names: { 'llm.invalid': '127.0.0.1' } });
    const url = `https://llm.invalid:${tlsPort}/`;
    const { report } = await probeUrl(url, { ...tls, proxy: proxy.url, allow: ['llm.invalid'] });
    assert.equal(report.outcome, 'complete', report.detail ?? '');
    assert.ok(report.timings.tunnelMs! > 0 && report.timings.tlsMs! > 0);
    assert.equal(report.timings.dnsMs, null);
    assert.match(report.configuration!, new RegExp(`proxy: "${proxy.url}/"\n`));
    assert.equal(proxy.tunnels, 1);
  });

  it('the proxy of the environment', async () => {
    await using proxy = await TestProxy.listen({ names: { 'llm.invalid': '127.0.0.1' } });
    const url = `http://llm.invalid:${plainPort}/`;
    const more = { env: { http_proxy: proxy.url }, network: namesNetwork(['127.0.0.1']) };
    assert.equal((await probeUrl(url, { allow: ['llm.invalid'] }, more)).report.outcome, 'complete');
    assert.equal(
      (await probeUrl(url, { allow: ['llm.invalid'], proxy: 'none' }, more)).report.outcome,
      'complete',
    );
    assert.equal(proxy.requests.length, 1);
  });

  it('a Unix socket', async () => {
    const { report } = await probeUrl('http://anything.invalid/', { unixSocket: at('app.sock') });
    assert.equal(report.outcome, 'complete', report.detail ?? '');
    assert.doesNotMatch(report.configuration!, /^allow/m);
  });

  it('credentials, which it does not show', async () => {
    for (const [flags, sent] of [
      [{ user: `me:$\{env:WORD}` }, `Basic ${Buffer.from('me:planted-word').toString('base64')}`],
      [{ user: 'me:planted-word' }, `Basic ${Buffer.from('me:planted-word').toString('base64')}`],
      [{ bearer: `$\{env:WORD}` }, 'Bearer planted-word'],
      [{ bearer: 'planted-word' }, 'Bearer planted-word'],
    ] as const) {
      const env = { WORD: 'planted-word' };
      const { report } = await probeUrl(`http://127.0.0.1:${plainPort}/`, flags, { env });
      assert.equal(report.outcome, 'complete', report.detail ?? '');
      assert.equal(seen.at(-1), sent);
      assert.match(report.firstChunks[0]!.text, /you are (Basic|Bearer) \[redacted\]/);
      const shown = JSON.stringify(report);
      assert.ok(!shown.includes('planted') && !shown.includes(sent.split(' ')[1]!), shown);
      assert.match(report.configuration!, /auth: \{ (bearer|basic)/);
    }
  });
});
