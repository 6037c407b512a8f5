import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { poll } from '../../support/poll.ts';
import { serve } from '../../support/service.ts';
import { simulate } from '../../support/simulator.ts';

const SCRAPES = 100;
const EVERY_MS = 300;

describe('every scrape of a run with faults', () => {
  it('started = Σ finished + Σ active, and agrees with open sockets and with the simulator', async () => {
    const simulator = await simulate([
      '--preset=quick',
      ...['http503=5%', 'inbandError=5%', 'truncate=5%', 'reset=5%', 'stall=3%'].map((f) => `--fault=${f}`),
    ]);
    const service = await serve(`
workers: 2
targets:
  - { name: simulator, url: "${simulator.url}/", terminal: "[DONE]", timeouts: { idle: 4s } }
scenarios:
  faults:
    target: simulator
    stages:
      - { shape: sine, users: { min: 20, max: 120 }, period: 10s, for: ${Math.ceil((SCRAPES * EVERY_MS) / 1000)}s }
`);
    try {
      assert.equal((await service.startRun('faults')).status, 201);
      // Snapshots are a second old at most.
      const truths: { atMs: number; started: number }[] = [];
      const started: number[] = [];
      let mostActive = 0;
      for (let i = 0; i < SCRAPES; i++) {
        truths.push({ atMs: performance.now(), started: (await simulator.groundTruth()).started });
        const scrape = await service.scrape();
        const after = (await simulator.groundTruth()).started;
        const sockets = openSockets(service.program.pid, simulator.port);

        const begun = scrape.sum('soak_streams_started_total');
        const active = scrape.sum('soak_streams_active');
        assert.equal(begun, scrape.sum('soak_streams_finished_total') + active, `scrape ${i}`);
        const unseen =
          scrape.sum('soak_streams_active', 'phase="connecting"') +
          scrape.sum('soak_streams_active', 'phase="waiting"');
        assert.ok(
          begun - unseen - refused(scrape) <= after,
          `scrape ${i}: ${begun} started, the simulator has ${after}`,
        );
        const secondsAgo = truths.filter((t) => t.atMs < performance.now() - 3000).at(-1);
        if (secondsAgo !== undefined)
          assert.ok(begun >= secondsAgo.started, `scrape ${i}: ${begun} < ${secondsAgo.started}`);
        // Each stream past connecting holds a socket; a user keeps one between its streams.
        if (sockets !== undefined) assert.ok(sockets <= 120, `${sockets} sockets for at most 120 users`);
        mostActive = Math.max(mostActive, active);
        started.push(begun);
        await sleep(EVERY_MS);
      }
      assert.ok(mostActive > 30, `at most ${mostActive} were active`);
      assert.deepEqual(
        started,
        started.toSorted((a, b) => a - b),
        'a counter fell',
      );

      const summary = await service.finished(60_000);
      const truth = await simulator.groundTruth();
      assert.equal(summary.streams.started, truth.started);
      assert.equal(summary.chunks, truth.chunks);
      for (const outcome of ['complete', 'http_error', 'inband_error', 'truncated', 'reset', 'stalled']) {
        assert.ok(truth.finished[outcome]! > 0, `no ${outcome} was tried`);
        assert.equal(summary.streams.finished[outcome], truth.finished[outcome], outcome);
      }
      await poll(
        'end of all sockets: nothing is held after the run',
        () => (openSockets(service.program.pid, simulator.port) ?? 0) === 0 || undefined,
      );
    } finally {
      await service.stop();
      await simulator.stop();
    }
  });
});

/** Streams that never came as far as the simulator. */
function refused(scrape: { sum(name: string, ...labels: string[]): number }): number {
  return scrape.sum('soak_streams_finished_total', 'outcome="connect_error"');
}

/** Established connections of a process to a port of loopback, as the kernel sees them; only on Linux. */
function openSockets(pid: number, port: number): number | undefined {
  let table: string;
  try {
    table = readFileSync('/proc/net/tcp', 'utf8');
  } catch {
    return undefined;
  }
  const own = new Set<string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      own.add(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      // It has just been closed.
    }
  }
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').filter((line) => {
    const [, , to, state, , , , , , inode] = line.trim().split(/\s+/);
    return to === remote && state === '01' && own.has(`socket:[${inode}]`);
  }).length;
}
