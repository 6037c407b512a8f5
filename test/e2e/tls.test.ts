import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Served, type ServedSummary, serve } from '../../support/service.ts';
import { type Certificate, makeAuthority, makeCertificate } from '../transport/certificate.ts';

const HOUR_MS = 3_600_000;
const ours = makeAuthority('an authority of our own');
const names = ['127.0.0.1'];

/** What each target shows, and what soakd makes of it. */
const CASES: Readonly<
  Record<string, { certificate: Certificate; outcome: string; says: RegExp | undefined }>
> = {
  good: { certificate: makeCertificate({ names, by: ours }), outcome: 'complete', says: undefined },
  expired: {
    certificate: makeCertificate({ names, by: ours, notAfter: new Date(Date.now() - HOUR_MS) }),
    outcome: 'tls_error',
    says: /CERT_HAS_EXPIRED/,
  },
  'wrong-name': {
    certificate: makeCertificate({ names: ['other.invalid'], by: ours }),
    outcome: 'tls_error',
    says: /ERR_TLS_CERT_ALTNAME_INVALID/,
  },
  'self-signed': { certificate: makeCertificate({ names }), outcome: 'tls_error', says: /SELF_SIGNED/ },
  'unknown-authority': {
    certificate: makeCertificate({ names, by: makeAuthority('somebody else') }),
    outcome: 'tls_error',
    says: /UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/,
  },
};

describe('TLS with an authority of our own', () => {
  const servers: Server[] = [];
  let folder: string;
  let service: Served;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soakd-tls-'));
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, ours.cert);
    const targets: string[] = [];
    for (const [name, { certificate }] of Object.entries(CASES)) {
      const server = createServer(certificate, (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('data: a\n\ndata: [DONE]\n\n');
      });
      servers.push(server);
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const { port } = server.address() as { port: number };
      targets.push(
        `  - { name: ${name}, url: "https://127.0.0.1:${port}/", terminal: "[DONE]", tls: { ca: "${ca}" } }`,
      );
    }
    const scenarios = Object.keys(CASES).map(
      (n) => `  ${n}: { target: ${n}, thinkTime: 50ms, stages: [{ users: 2, for: 1s }] }`,
    );
    service = await serve(`targets:\n${targets.join('\n')}\nscenarios:\n${scenarios.join('\n')}\n`);
  });
  after(async () => {
    await service?.stop();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await rm(folder, { recursive: true, force: true });
  });

  for (const [name, { outcome, says }] of Object.entries(CASES)) {
    it(`${name}: ${outcome}`, async () => {
      await service.startRun(name);
      const summary: ServedSummary = await service.finished(60_000);
      const { started, finished } = summary.streams;
      assert.ok(started >= 2);
      assert.equal(finished[outcome], started, JSON.stringify(finished));
      const examples = (summary.failures as { examples: { detail: string }[] }[]).flatMap((g) => g.examples);
      if (says === undefined) assert.equal(examples.length, 0);
      else assert.match(examples[0]!.detail, says);
    });
  }
});
