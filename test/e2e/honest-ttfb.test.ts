import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { soakd } from '../../support/process.ts';

/** What the target does at the moment: waits this long before the first byte, and refuses this share. */
const now = { waitMs: 100, refuse: 0 };

describe('TTFB of a target that gets worse', () => {
  let n = 0;
  const server = createServer((_request, response) => {
    if ((n++ % 100) / 100 < now.refuse) {
      response.writeHead(503).end('busy');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    // From once to twice the wait, so that a limit cuts off a share of them.
    setTimeout(() => response.end('data: a\n\ndata: [DONE]\n\n'), now.waitMs * (1 + (n % 50) / 50));
  });
  let port = 0;
  before(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    port = (server.address() as { port: number }).port;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  async function run(): Promise<{
    p50: number;
    p95: number;
    count: number;
    finished: Record<string, number>;
  }> {
    const program = soakd([
      'run',
      '--target',
      `http://127.0.0.1:${port}/`,
      '--terminal',
      '[DONE]',
      '--rate',
      '60',
      '--users',
      '400',
      '--for',
      '4s',
      '--ttfb-timeout',
      '900ms',
      '--json',
      '--log-level',
      'error',
    ]);
    await program.ended(60_000);
    const { ttfbMs, streams } = JSON.parse(program.stdout.lines.at(-1)!);
    return { p50: ttfbMs.p50, p95: ttfbMs.p95, count: ttfbMs.count, finished: streams.finished };
  }

  it('p95 rises with it until a fifth and more times out: those that wait in vain count', async () => {
    let last = 0;
    for (const waitMs of [100, 200, 400, 560]) {
      now.waitMs = waitMs;
      const { p95, finished } = await run();
      assert.ok(p95 > last, `${p95} ms after ${last} ms at a wait from ${waitMs} ms`);
      last = p95;
      if (waitMs !== 560) continue;
      const share = finished.ttfb_timeout! / (finished.ttfb_timeout! + finished.complete!);
      // 39 % by the waits alone, and more on a full machine.
      assert.ok(share > 0.15 && share < 0.9, `${share} timed out`);
      assert.ok(p95 >= 900, 'at the time they waited, not less');
    }
  });

  it('fast 503s, half of all responses, do not lower p50', async () => {
    now.waitMs = 200;
    now.refuse = 0.5;
    const refusing = await run();
    assert.ok(refusing.finished.http_error! > 20);
    assert.equal(refusing.count, refusing.finished.complete);
    // The target itself makes it 300 ms; a full machine makes it longer and never shorter.
    assert.ok(refusing.p50 > 280, `${refusing.p50} ms`);
  });
});
