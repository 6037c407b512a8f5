/** soakd that was frozen (SIGSTOP, a paused VM) does not blame its targets. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { blamesNoTarget, type FrozenSummary } from '../../support/frozen.ts';
import { poll } from '../../support/poll.ts';
import { type Served, serve } from '../../support/service.ts';
import { makeAuthority, makeCertificate } from '../transport/certificate.ts';
import { events, Http2Peer } from '../transport/http2-peer.ts';

/** Longer than each limit of a phase. */
const FROZEN_MS = 8000;
/** The target continues this much later than soakd, as the machines of one host do. */
const LATER_MS = 1500;
const USERS = 10;
const CHUNKS = 24;
const EVERY_MS = 250;
const RATE = 20;

/** Whether the target is frozen, too. */
let stopped = false;
/** When streams began, ms. */
const begun: number[] = [];

/** Writes a stream; one of a target that is frozen with soakd waits meanwhile. */
async function write(
  stream: { write(text: string): unknown; end(text: string): unknown; readonly closed: boolean },
  stops: boolean,
): Promise<void> {
  for (let i = 0; i < CHUNKS && !stream.closed; i++) {
    while (stops && stopped) await sleep(50);
    stream.write('data: part\n\n');
    await sleep(EVERY_MS);
  }
  if (!stream.closed) stream.end('data: [DONE]\n\n');
}

/** Stops soakd for a while. */
async function freeze({ program }: Served): Promise<void> {
  stopped = true;
  program.kill('SIGSTOP');
  await sleep(FROZEN_MS);
  program.kill('SIGCONT');
  await sleep(LATER_MS);
  stopped = false;
}

async function carryOut(service: Served, scenario: string): Promise<FrozenSummary> {
  const response = await service.startRun(scenario);
  assert.equal(response.status, 201, await response.text());
  await sleep(3000);
  await freeze(service);
  return (await service.finished(60_000)) as FrozenSummary;
}

describe('soakd that is frozen for longer than its limits', () => {
  const ours = makeAuthority('an authority of our own');
  const server = createServer((request, response) => {
    if (request.url === '/short') {
      begun.push(performance.now());
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: part\n\ndata: [DONE]\n\n');
      return;
    }
    // The head waits, too: these streams are in the phase before it.
    void write(lateHead(response, request.url === '/stops-silent'), request.url !== '/');
  });
  let peer: Http2Peer;
  let folder: string;
  let service: Served;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soakd-frozen-'));
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, ours.cert);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    peer = await Http2Peer.listen(
      (stream, _nth, headers) => {
        events(stream);
        return write(stream, headers[':path'] !== '/');
      },
      makeCertificate({ names: ['127.0.0.1'], by: ours }),
    );
    const limits = 'terminal: "[DONE]", timeouts: { connect: 5s, ttfb: 5s, idle: 5s, total: 12s, stall: 4s }';
    const plain = (name: string, transport: string, path: string): string =>
      `  - { name: ${name}, url: "http://127.0.0.1:${port}${path}", transport: ${transport}, ${limits} }`;
    const http2 = (name: string, path: string): string =>
      `  - { name: ${name}, url: "https://127.0.0.1:${peer.port}${path}", tls: { ca: "${ca}" }, http2: { streamsPerConnection: 50 }, ${limits} }`;
    const all = [
      plain('undici', 'undici', '/'),
      plain('lean', 'lean', '/'),
      http2('http2', '/'),
      plain('undici-stops', 'undici', '/stops'),
      plain('lean-stops', 'lean', '/stops'),
      http2('http2-stops', '/stops'),
      plain('undici-silent', 'undici', '/stops-silent'),
      plain('lean-silent', 'lean', '/stops-silent'),
    ];
    const names = all.map((line) => /name: ([\w-]+)/.exec(line)![1]!);
    service = await serve(
      `targets:\n${all.join('\n')}\n${plain('short', 'lean', '/short')}\nscenarios:\n` +
        `  held: { targets: [${names.join(', ')}], stages: [{ users: ${USERS * names.length}, for: 14s }] }\n` +
        `  arrivals: { target: short, model: open, arrivals: constant, maxUsers: 100, stages: [{ rate: ${RATE}, for: 14s }] }\n` +
        `  thinking: { target: short, thinkTime: { uniform: [2s, 4s] }, stages: [{ users: 60, for: 14s }] }\n`,
    );
  });
  after(async () => {
    await service?.stop();
    await peer[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('fails no stream, marks the window and says for how long it was frozen', async () => {
    const summary = await carryOut(service, 'held');
    blamesNoTarget(summary);
    assert.ok(summary.measurementQuality.unreliable >= 1);
    assert.match(service.program.output, /"lengthMs":\d{4,5}.*"msg":"soakd was frozen/);
  });

  for (const scenario of ['arrivals', 'thinking'])
    it(`${scenario}: makes up for no start afterwards`, async () => {
      begun.length = 0;
      const response = await service.startRun(scenario);
      assert.equal(response.status, 201, await response.text());
      await poll('some streams', () => (begun.length > 2 * RATE ? true : undefined));
      await freeze(service);
      await service.finished(60_000);
      // The longest gap between two starts is the one in which soakd was frozen.
      const gaps = begun.slice(1).map((at, i) => at - begun[i]!);
      const first = begun[gaps.indexOf(Math.max(...gaps)) + 1]!;
      const within = begun.filter((at) => at >= first && at < first + 500).length;
      assert.ok(within <= 25, `${within} streams began within 0.5 s, planned were 10`);
    });
});

/** The response, whose head is sent with its first bytes; one that is `silent` has none while the target is frozen. */
function lateHead(response: ServerResponse, silent: boolean): Parameters<typeof write>[0] {
  let headed = false;
  const head = (): void => {
    if (headed) return;
    headed = true;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
  };
  if (!silent) head();
  return {
    write: (text) => {
      head();
      return response.write(text);
    },
    end: (text) => response.end(text),
    get closed() {
      return response.closed;
    },
  };
}
