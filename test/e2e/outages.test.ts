/** Outages of a server that really goes away, of known lengths. */

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Summary } from '../../src/schema/summary.ts';
import { serve } from '../../support/service.ts';

const USERS = 100;
/** How long it is gone, one time after another, s. */
const GONE_S = [2, 4, 30];
/** Between two of them. */
const UP_MS = 6000;

/** Streams of 400 ms: an event every 40 ms, then the end. */
function startServer(port: number): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let left = 10;
    const timer = setInterval(() => {
      response.write(left > 0 ? 'data: word\n\n' : 'data: [DONE]\n\n');
      if (left-- > 0) return;
      clearInterval(timer);
      response.end();
    }, 40);
    response.on('close', () => clearInterval(timer));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

async function stopServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

describe('outages of a target', () => {
  it('of 4 and 30 s are found with both ends within a second, and one of 2 s is none', async () => {
    let server = await startServer(0);
    const { port } = server.address() as AddressInfo;
    const service = await serve(`
targets:
  - { name: flapping, url: "http://127.0.0.1:${port}/", terminal: "[DONE]" }
scenarios:
  outages: { target: flapping, stages: [{ users: ${USERS}, for: 120s }] }
`);
    // How late this process is with what it takes the times of.
    const delay = monitorEventLoopDelay();
    delay.enable();
    try {
      await service.startRun('outages');
      const gone: { fromAt: number; toAt: number }[] = [];
      for (const seconds of GONE_S) {
        await sleep(UP_MS);
        await stopServer(server);
        const fromAt = Date.now();
        await sleep(seconds * 1000);
        server = await startServer(port);
        gone.push({ fromAt, toAt: Date.now() });
      }
      await sleep(UP_MS);
      await service.stopRun();
      const summary = (await service.finished(60_000)) as unknown as Summary;
      delay.disable();
      const lateMs = delay.max / 1e6;
      const { outages, outagesOmitted, targets } = summary;
      assert.equal(outages.length, 2, JSON.stringify(outages));
      assert.equal(outagesOmitted, 0);
      outages.forEach((outage, i) => {
        const truth = gone[i + 1]!;
        // Found to a second; the machine is shared, so a second may be a little longer.
        const nearMs = 1300 + 2 * lateMs;
        const off = [Date.parse(outage.from) - truth.fromAt, Date.parse(outage.to) - truth.toAt];
        for (const ms of off)
          assert.ok(Math.abs(ms) <= nearMs, `${JSON.stringify(outage)} is off by ${off} ms`);
        assert.ok(outage.servedAgainAt !== null && outage.outcomes.connect_error! >= 3);
      });
      const { downMs, upMs, ratio } = targets[0]!.availability;
      assert.ok(downMs >= 30_000 && downMs <= 38_000, `${downMs} ms down`);
      assert.ok(Math.abs(ratio! - upMs / (upMs + downMs)) < 1e-9);
      const scrape = await service.scrape();
      assert.equal(scrape.sum('soak_target_down_seconds_total'), downMs / 1000);
      const events = summary.run.events.filter((e) => e.action === 'outage').map((e) => e.detail);
      assert.equal(events.length, 4, events.join('\n'));
      const lines = service.program.output
        .split('\n')
        .filter((line) => /"msg":"target is (down|up again)"/.test(line));
      assert.equal(lines.length, 4, 'a line of the log for each end');
      const { firstAt, lastAt } = summary.failures.find((f) => f.outcome === 'connect_error')!;
      assert.ok(Math.abs(Date.parse(firstAt!) - gone[0]!.fromAt) <= 2300 + 2 * lateMs, `first at ${firstAt}`);
      assert.ok(Math.abs(Date.parse(lastAt!) - gone[2]!.toAt) <= 2300 + 2 * lateMs, `last at ${lastAt}`);
    } finally {
      await service.stop();
      await stopServer(server);
    }
  });
});
