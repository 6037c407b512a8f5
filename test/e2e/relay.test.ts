import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertHealthy } from '../../support/healthy.ts';
import { freePort } from '../../support/ports.ts';
import { type Running, soakd } from '../../support/process.ts';
import { type Simulated, simulate } from '../../support/simulator.ts';

const [LATENCY_MS, JITTER_MS] = [80, 20];

/** The same scenario against any URL. */
async function soak(url: string) {
  const program = soakd([
    'run',
    '--target',
    url,
    '--terminal',
    '[DONE]',
    '--users',
    '20',
    '--for',
    '8s',
    '--max-measurement-lag',
    '10s',
    '--json',
  ]);
  const exit = await program.ended(60_000);
  const summary = JSON.parse(program.stdout.lines.at(-1)!);
  assertHealthy(summary, exit.code);
  return summary;
}

describe('the same scenario direct and through a relay', () => {
  let simulator: Simulated;
  let relay: Running;
  let relayUrl: string;
  before(async () => {
    simulator = await simulate(['--preset=quick']);
    const port = await freePort();
    relay = soakd([
      'relay',
      '--to',
      `127.0.0.1:${simulator.port}`,
      '--port',
      String(port),
      '--latency',
      `${LATENCY_MS}ms`,
      '--jitter',
      `${JITTER_MS}ms`,
    ]);
    await relay.line(/round trip/);
    relayUrl = `http://127.0.0.1:${port}/`;
  });
  after(async () => {
    await relay.stop();
    await simulator.stop();
  });

  it('headers and TTFB shift by what the relay says it added, gaps spread, nothing else changes', async (t) => {
    const direct = await soak(`${simulator.url}/`);
    const far = await soak(relayUrl);
    await relay.stop();
    const log = JSON.parse(relay.stdout.lines.at(-1)!);
    const truth = (url: string, shown: unknown) => t.diagnostic(`${url}: ${JSON.stringify(shown)}`);

    // The relay's own log is the truth: both halves of the round trip, and nothing on connect.
    const addedMs = log.up.added.meanMs + log.down.added.meanMs;
    assert.ok(addedMs >= LATENCY_MS - JITTER_MS, `${addedMs} ms`);
    assert.ok(log.up.added.minMs >= (LATENCY_MS - JITTER_MS) / 2);
    assert.ok(log.down.added.minMs >= (LATENCY_MS - JITTER_MS) / 2);
    assert.equal(log.addedConnectMs, 0);

    const shift = (timing: string): number => far[timing].mean - direct[timing].mean;
    truth('added', { addedMs, up: log.up.added, down: log.down.added });
    truth('shift', { connect: shift('connectMs'), headers: shift('headersMs'), ttfb: shift('ttfbMs') });
    // Half of it is far more than a busy machine blurs, and far less than what was added.
    const tolerance = addedMs / 2;
    for (const timing of ['headersMs', 'ttfbMs', 'ttftMs']) {
      assert.ok(
        Math.abs(shift(timing) - addedMs) < tolerance,
        `${timing}: ${shift(timing)} of ${addedMs} ms`,
      );
    }
    assert.ok(Math.abs(shift('connectMs')) < tolerance, `connect: ${shift('connectMs')} ms`);

    // A chunk is late by as much as the next one, in the mean; each by its own jitter.
    truth('gaps', { direct: direct.gapMs, far: far.gapMs });
    const ratio = far.gapMs.mean / direct.gapMs.mean;
    assert.ok(ratio > 0.8 && ratio < 1.25, `mean gap ${direct.gapMs.mean} → ${far.gapMs.mean} ms`);
    const spread = ({ gapMs }: typeof far) => gapMs.p95 - gapMs.p50;
    assert.ok(spread(far) > spread(direct), `p95 − p50 ${spread(direct)} → ${spread(far)} ms`);

    for (const summary of [direct, far]) {
      const { started, finished, active, dropped } = summary.streams;
      assert.equal(finished.complete, started, JSON.stringify(finished));
      assert.deepEqual([active, dropped], [0, 0]);
    }
    const perStream = (summary: typeof far) => summary.chunks / summary.streams.started;
    truth('chunks a stream', { direct: perStream(direct), far: perStream(far) });
    const chunks = perStream(far) / perStream(direct);
    assert.ok(chunks > 0.9 && chunks < 1.1, `${perStream(direct)} → ${perStream(far)} chunks a stream`);

    // Nothing was lost, doubled or cut on the way.
    const { chunks: sentChunks, started } = await simulator.groundTruth();
    assert.equal(direct.streams.started + far.streams.started, started);
    assert.equal(direct.chunks + far.chunks, sentChunks);
    assert.equal(
      log.connections['reset-by-client'] + log.connections['reset-by-target'] + log.connections.dropped,
      0,
    );
  });
});
