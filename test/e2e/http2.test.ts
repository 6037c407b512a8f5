import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertHealthy } from '../../support/healthy.ts';
import { type Served, serve } from '../../support/service.ts';
import { makeAuthority, makeCertificate } from '../transport/certificate.ts';
import { events, Http2Peer } from '../transport/http2-peer.ts';

/** Of the streams of the flaky server, what becomes of each by its number. */
const FATES = ['complete', 'complete', 'reset', 'goaway', 'truncated'] as const;

describe('HTTP/2, a run against a server of its own', () => {
  const ours = makeAuthority('an authority of our own');
  const certificate = makeCertificate({ names: ['127.0.0.1'], by: ours });
  const fates: Record<string, number> = {};
  let folder: string;
  let good: Http2Peer;
  let flaky: Http2Peer;
  let service: Served;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soakd-http2-'));
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, ours.cert);
    good = await Http2Peer.listen(
      async (stream) => {
        events(stream);
        for (let i = 0; i < 5 && !stream.closed; i++) {
          stream.write('data: part\n\n');
          await sleep(20);
        }
        if (!stream.closed) stream.end('data: [DONE]\n\n');
      },
      certificate,
      { settings: { maxConcurrentStreams: 25 } },
    );
    flaky = await Http2Peer.listen(async (stream, nth) => {
      const fate = FATES[nth % FATES.length]!;
      const { session } = stream;
      events(stream);
      stream.write('data: part\n\n');
      await sleep(10);
      if (stream.closed) return;
      if (fate === 'reset') stream.destroy(new Error('on purpose'));
      else stream.end(fate === 'truncated' ? '' : 'data: [DONE]\n\n');
      fates[fate] = (fates[fate] ?? 0) + 1;
      // GOAWAY: what the session carries goes on, what comes after it is refused.
      if (fate === 'goaway') session?.close();
    }, certificate);
    const target = (name: string, peer: Http2Peer): string =>
      `  - { name: ${name}, url: "https://127.0.0.1:${peer.port}/", terminal: "[DONE]", tls: { ca: "${ca}" }, http2: { streamsPerConnection: 50 } }`;
    service = await serve(
      `targets:\n${target('good', good)}\n${target('flaky', flaky)}\n` +
        'scenarios:\n' +
        '  good: { target: good, stages: [{ users: 100, for: 2s }] }\n' +
        '  flaky: { target: flaky, thinkTime: 50ms, stages: [{ users: 20, for: 2s }] }\n',
    );
  });
  after(async () => {
    await service?.stop();
    await good?.[Symbol.asyncDispose]();
    await flaky?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('all streams are complete, on a few connections, no more on each than the server allows', async () => {
    await service.startRun('good');
    const summary = await service.finished(60_000);
    assertHealthy(summary as never);
    const { streams } = summary;
    assert.equal(streams.finished.complete, streams.started);
    // Each user more than one, on an eighth as many connections.
    assert.ok(streams.started >= 200, `${streams.started}`);
    assert.equal(good.together, 25);
    assert.ok(good.sessions <= 12, `${good.sessions} connections`);
  });

  it('what the server did to each stream is what the run says of it, and nothing was sent twice', async () => {
    await service.startRun('flaky');
    const { streams } = await service.finished(60_000);
    const refused = streams.started - flaky.streams;
    const { goaway = 0, complete = 0, reset = 0, truncated = 0 } = fates;
    assert.ok(refused >= 0 && goaway >= 5 && reset >= 5 && truncated >= 5, JSON.stringify(fates));
    const { finished } = streams;
    assert.deepEqual(
      { complete: finished.complete, reset: finished.reset, truncated: finished.truncated },
      { complete: complete + goaway, reset: reset + refused, truncated },
    );
    assert.equal(complete + goaway + reset + refused + truncated, streams.started);
    await flaky.released();
  });
});
