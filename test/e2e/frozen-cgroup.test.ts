/** soakd in a container that is paused: its cgroup is frozen, and its target is not blamed. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Freezer, needsFreezer } from '../../support/freezer.ts';
import { blamesNoTarget, type FrozenSummary } from '../../support/frozen.ts';
import { serve } from '../../support/service.ts';

/** Longer than each limit of a phase. */
const FROZEN_MS = 8000;
const USERS = 20;
const CHUNKS = 24;
const EVERY_MS = 250;

it('a frozen cgroup fails no stream, and is an event with its length', {
  skip: needsFreezer(),
}, async (t) => {
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let i = 0; i < CHUNKS && !response.closed; i++) {
      response.write('data: part\n\n');
      await sleep(EVERY_MS);
    }
    response.end('data: [DONE]\n\n');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const target = (transport: string): string =>
    `  - { name: ${transport}, url: "http://127.0.0.1:${port}/", transport: ${transport}, terminal: "[DONE]", timeouts: { connect: 5s, ttfb: 5s, idle: 5s, total: 12s, stall: 4s } }`;
  const service = await serve(
    `targets:\n${target('undici')}\n${target('lean')}\nscenarios:\n` +
      `  held: { targets: [undici, lean], stages: [{ users: ${USERS}, for: 14s }] }\n`,
  );
  const freezer = new Freezer();
  // In this order: what has ended need not be moved.
  t.after(async () => {
    await service.stop();
    freezer.close();
  });
  freezer.add(service.program.pid);
  const response = await service.startRun('held');
  assert.equal(response.status, 201, await response.text());
  await sleep(3000);
  await freezer.freezeFor(FROZEN_MS);

  const summary = (await service.finished(60_000)) as FrozenSummary;
  blamesNoTarget(summary);
  assert.ok(summary.measurementQuality.causes.freeze >= 1, JSON.stringify(summary.measurementQuality));
});
