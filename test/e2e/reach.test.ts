import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, ListenOptions } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DnsServer } from '../../support/dns-server.ts';
import { soakd } from '../../support/process.ts';
import { TestProxy } from '../../support/proxy.ts';
import { type Scrape, type Served, serve } from '../../support/service.ts';
import { makeAuthority, makeCertificate } from '../transport/certificate.ts';

const ours = makeAuthority('ours');
const certificate = makeCertificate({ names: ['127.0.0.1', 'llm.invalid'], by: ours });
const client = makeCertificate({ names: ['client.invalid'], by: ours });
const stranger = makeCertificate({ names: ['client.invalid'], by: ours });
const mutual = { ...certificate, requestCert: true, rejectUnauthorized: true, ca: ours.cert };
const coded = Buffer.from('me:planted-password').toString('base64');
const proxyCoded = Buffer.from('proxy-me:planted-proxy').toString('base64');

/** Requests by the last part of their path, which is the name of the target. */
const seen = new Map<
  string,
  { host: string | undefined; authorization: string | undefined; cookie: string | undefined }[]
>();
let connections = 0;

const answer: RequestListener = ({ url, headers: { host, authorization, cookie } }, response) => {
  const name = url!.slice(1);
  seen.set(name, [...(seen.get(name) ?? []), { host, authorization, cookie }]);
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'set-cookie': ['session=planted-cookie; Path=/', 'other=1; Max-Age=3600'],
  });
  response.end('data: a\n\ndata: [DONE]\n\n');
};

/** What each target is besides its name, and how its streams end. */
interface Case {
  readonly url: string;
  readonly keys?: string;
  readonly outcome: 'complete' | 'tls_error' | 'connect_error';
  readonly detail?: RegExp;
  readonly host?: string;
}

describe('targets as in production', () => {
  const servers: Server[] = [];
  let cases: Record<string, Case>;
  let folder: string;
  let proxy: TestProxy;
  let dns: DnsServer;
  let service: Served;
  let scrape: Scrape;

  async function listen(server: Server, where: ListenOptions): Promise<number> {
    servers.push(server);
    server.on('connection', () => connections++);
    await new Promise<void>((done) => server.listen(where, done));
    return (server.address() as AddressInfo).port;
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soakd-reach-'));
    for (const [name, text] of Object.entries({
      'ca.pem': ours.cert,
      'client.pem': client.cert,
      'client.key': client.key,
      'stranger.key': stranger.key,
      password: 'planted-password\n',
    }))
      await writeFile(join(folder, name), text);
    const at = (name: string): string => JSON.stringify(join(folder, name));
    const local = { host: '127.0.0.1', port: 0 };
    const plain = await listen(createHttp(answer), local);
    const tls = await listen(createHttps(certificate, answer), local);
    const mtls = await listen(createHttps(mutual, answer), local);
    const six = await listen(createHttp(answer), { host: '::1', port: 0 });
    await listen(createHttp(answer), { path: join(folder, 'app.sock') });
    proxy = await TestProxy.listen({
      authorization: `Basic ${proxyCoded}`,
      names: { 'llm.invalid': '127.0.0.1', 'by-environment.invalid': '127.0.0.1' },
    });
    dns = await DnsServer.listen({ 'dns.invalid': ['127.0.0.1'] });
    const auth = `auth: { basic: { user: proxy-me, password: "\${env:PROXY_PASSWORD}" } }`;
    const ca = `tls: { ca: ${at('ca.pem')} }`;
    cases = {
      mtls: {
        url: `https://127.0.0.1:${mtls}`,
        keys: `tls: { ca: ${at('ca.pem')}, cert: ${at('client.pem')}, key: ${at('client.key')} }`,
        outcome: 'complete',
      },
      'no-certificate': {
        url: `https://127.0.0.1:${mtls}`,
        keys: ca,
        outcome: 'tls_error',
        detail: /CERTIFICATE_REQUIRED|UNCONFIRMED|HANDSHAKE_FAILURE/,
      },
      'server-name': {
        url: `https://localhost:${tls}`,
        keys: `tls: { ca: ${at('ca.pem')}, serverName: llm.invalid }, resolve: { localhost: [127.0.0.1] }`,
        outcome: 'complete',
        host: `localhost:${tls}`,
      },
      'proxy-tls': {
        url: `https://llm.invalid:${tls}`,
        keys: `${ca}, proxy: { url: ${proxy.url}, ${auth} }`,
        outcome: 'complete',
        host: `llm.invalid:${tls}`,
      },
      'proxy-plain': {
        url: `http://llm.invalid:${plain}`,
        keys: `proxy: { url: ${proxy.url}, ${auth} }`,
        outcome: 'complete',
        host: `llm.invalid:${plain}`,
      },
      'proxy-refuses': {
        url: `https://llm.invalid:${tls}`,
        keys: `${ca}, proxy: ${proxy.url}`,
        outcome: 'connect_error',
        detail: /PROXY_REFUSED: the proxy answered CONNECT with status 407/,
      },
      'by-environment': { url: `http://by-environment.invalid:${plain}`, outcome: 'complete' },
      socket: {
        url: 'http://anything.invalid',
        keys: `socket: ${at('app.sock')}`,
        outcome: 'complete',
        host: 'anything.invalid',
      },
      six: { url: `http://[::1]:${six}`, outcome: 'complete', host: `[::1]:${six}` },
      resolved: {
        url: `http://resolved.invalid:${plain}`,
        keys: 'resolve: { resolved.invalid: [127.0.0.1] }',
        outcome: 'complete',
      },
      dns: {
        url: `http://dns.invalid:${plain}`,
        keys: `dns: { servers: ["${dns.address}"] }`,
        outcome: 'complete',
      },
      basic: {
        url: `http://127.0.0.1:${plain}`,
        keys: `auth: { basic: { user: me, password: "\${file:${join(folder, 'password')}}" } }`,
        outcome: 'complete',
      },
      bearer: {
        url: `http://127.0.0.1:${plain}`,
        keys: `connection: fresh, auth: { bearer: "\${env:API_KEY}" }`,
        outcome: 'complete',
      },
    };
    const targets = Object.entries(cases).map(
      ([name, { url, keys }]) =>
        `  - { name: ${name}, url: "${url}/${name}", terminal: "[DONE]"${keys === undefined ? '' : `, ${keys}`} }`,
    );
    const mismatched = `  - { name: mismatched, url: "https://127.0.0.1:${mtls}/mismatched", tls: { cert: ${at('client.pem')}, key: ${at('stranger.key')} } }`;
    const all = Object.keys(cases).map((name) => `{ name: ${name} }`);
    service = await serve(
      `targets:\n${[...targets, mismatched].join('\n')}
scenarios:
  all: { targets: [${all.join(', ')}], thinkTime: 5ms, budget: { streams: 200 }, stages: [{ users: 8, for: 1m }] }
  mismatched: { target: mismatched, stages: [{ users: 1, for: 1s }] }
allow: [.invalid]\n`,
      {
        PROXY_PASSWORD: 'planted-proxy',
        API_KEY: 'planted-key',
        http_proxy: proxy.url.replace('//', '//proxy-me:planted-proxy@'),
        // Not asked for: it would be a header of a request under CGI. Nothing listens there.
        HTTP_PROXY: 'http://127.0.0.1:9',
        no_proxy: 'other.invalid',
      },
    );
    assert.equal((await service.startRun('all')).status, 201);
    await service.finished(60_000);
    scrape = await service.scrape();
  });
  after(async () => {
    await service?.stop();
    await proxy?.[Symbol.asyncDispose]();
    await dns?.[Symbol.asyncDispose]();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await rm(folder, { recursive: true, force: true });
  });

  const NAMES = [
    'mtls',
    'no-certificate',
    'server-name',
    'proxy-tls',
    'proxy-plain',
    'proxy-refuses',
    'by-environment',
    'socket',
    'six',
    'resolved',
    'dns',
    'basic',
    'bearer',
  ];
  for (const name of NAMES) {
    it(name, async () => {
      const { outcome, detail, host } = cases[name]!;
      const label = `target="${name}"`;
      const started = scrape.sum('soak_streams_started_total', label);
      assert.ok(started > 0);
      assert.equal(scrape.sum('soak_streams_finished_total', label, `outcome="${outcome}"`), started);
      if (outcome === 'complete') assert.equal(seen.get(name)!.length, started);
      else assert.equal(seen.get(name), undefined);
      if (host !== undefined) assert.deepEqual([...new Set(seen.get(name)!.map((r) => r.host))], [host]);
      if (detail === undefined) return;
      const { failures } = (await (await fetch(`${service.url}/api/v1/failures?target=${name}`)).json()) as {
        failures: { detail: string }[];
      };
      assert.match(failures[0]!.detail, detail);
    });
  }

  it('was told all of them', () => assert.deepEqual(Object.keys(cases), NAMES));

  it('credentials go to whom they are for, and to nobody else', () => {
    const sent = (name: string) => [...new Set(seen.get(name)!.map((r) => r.authorization))];
    assert.deepEqual(sent('basic'), [`Basic ${coded}`]);
    assert.deepEqual(sent('bearer'), ['Bearer planted-key']);
    assert.deepEqual(sent('proxy-tls'), [undefined]);
    const tunnels = proxy.requests.filter((r) => r.method === 'CONNECT');
    assert.ok(tunnels.some((r) => r.headers['proxy-authorization'] === `Basic ${proxyCoded}`));
    assert.ok(tunnels.every((r) => r.headers.authorization === undefined));
    const plain = proxy.requests.filter((r) => r.method === 'GET');
    assert.deepEqual([...new Set(plain.map((r) => new URL(r.url).hostname))].sort(), [
      'by-environment.invalid',
      'llm.invalid',
    ]);
  });

  it('a cookie is kept by nobody, whatever is set', () => {
    const all = [...seen.values()].flat();
    // Of 200 streams, those that did not fail before they were sent.
    assert.ok(all.length > 100, `${all.length} requests`);
    assert.deepEqual([...new Set(all.map((r) => r.cookie))], [undefined]);
  });

  it('names are asked of the servers that the target has', () => {
    assert.deepEqual([...new Set(dns.questions)].sort(), ['dns.invalid/A', 'dns.invalid/AAAA']);
  });

  it('a key that does not fit is told, with its path, before anything is sent', async () => {
    const before = connections;
    const response = await service.startRun('mismatched');
    assert.equal(response.status, 503);
    const problem = (await response.json()) as { code: string; detail: string };
    assert.equal(problem.code, 'CANNOT_START');
    assert.ok(problem.detail.startsWith(join(folder, 'stranger.key')), problem.detail);
    assert.match(problem.detail, /the tls: key of mismatched, does not belong to the first certificate/);
    assert.equal(connections, before);
  });

  it('a certificate that was renewed is read by the next run', async () => {
    await writeFile(join(folder, 'stranger.key'), client.key);
    assert.equal((await service.startRun('mismatched')).status, 201);
    await service.finished(60_000);
    await writeFile(join(folder, 'stranger.key'), stranger.key);
    assert.equal((await service.startRun('mismatched')).status, 503);
  });

  it('shows no secret anywhere', async () => {
    const answers = await Promise.all(
      ['/metrics', '/', '/api/v1/status', '/api/v1/failures', '/api/v1/streams'].map(async (path) =>
        (await fetch(service.url + path)).text(),
      ),
    );
    const shown = [...answers, service.program.output].join('\n');
    assert.doesNotMatch(shown, /planted/);
    assert.ok(![coded, proxyCoded].some((secret) => shown.includes(secret)));
  });

  it('commands that take a URL have flags for it', async () => {
    const url = 'https://llm.invalid/flags';
    const args = ['probe', url, '--terminal', '[DONE]', '--format', 'sse'];
    const secure = join(folder, 'secure.sock');
    await listen(createHttps(mutual, answer), { path: secure });
    const tls = [
      '--ca',
      'ca.pem',
      '--cert',
      'client.pem',
      '--key',
      'client.key',
      '--unix-socket',
      'secure.sock',
    ];
    const program = soakd([...args, ...tls, '--user', `me:\${file:password}`], { cwd: folder });
    assert.equal((await program.ended(60_000)).code, 0, program.output);
    const [request] = seen.get('flags')!;
    assert.deepEqual([request!.host, request!.authorization], ['llm.invalid', `Basic ${coded}`]);
    assert.doesNotMatch(program.output, /planted/);
  });
});
