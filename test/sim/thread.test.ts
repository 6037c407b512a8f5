import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import { SoakError } from '../../src/core/errors.ts';
import { startSimulator } from '../../src/sim/simulator.ts';
import { startSimulatorThread } from '../../src/sim/thread.ts';
import { Simulators } from '../../src/simulators.ts';
import { poll } from '../../support/poll.ts';
import { finishedRecord, receive, TINY } from './client.ts';

function threads(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker')
    .length;
}

const cannotStart = (error: unknown): boolean =>
  error instanceof SoakError && error.code === 'CANNOT_START' && /EADDRINUSE/.test(error.message);

describe('simulators of a service', () => {
  it('one that needs more than its heap ends, is reported once, and the next run starts another', async () => {
    const failed: string[] = [];
    const heaps: (number | undefined)[] = [];
    const simulators = new Simulators(
      (target, error) => failed.push(`${target}: ${error}`),
      () => 800,
      (options, settings) => {
        heaps.push(settings?.heapMiB);
        const entry = new URL('./hungry-entry.ts', import.meta.url);
        return startSimulatorThread(options, { ...settings, heapMiB: 64, entry });
      },
    );
    const config = parseConfig(
      'targets: [{ name: app, simulator: {} }]\nscenarios: { s: { target: app, stages: [{ users: 1, for: 1s }] } }',
      { file: 'soakd.yaml' },
    );
    const app = config.targets[0]!;
    const url = await simulators.urlOf(app);
    assert.equal(await simulators.urlOf(app), url);
    assert.ok(simulators.heaps()[0]![1] > 1_000_000);
    const channel = new BroadcastChannel('hungry-simulator-threads');
    channel.postMessage('');
    await poll('its end', () => failed.length > 0 || undefined);
    channel.close();
    assert.deepEqual(simulators.heaps(), []);
    await assert.rejects(fetch(url));
    const other = await simulators.urlOf(app);
    assert.equal((await fetch(`${other}/ground-truth`)).status, 200);
    await simulators.close();
    assert.match(failed.join('\n'), /^app: the simulator's thread failed: .*memory limit.*$/);
    assert.deepEqual(heaps, [612, 612]);
  });
});

describe('simulator in a thread', () => {
  it('answers, and is gone after close', async () => {
    const before = threads();
    const simulator = await startSimulatorThread(TINY);
    const got = await receive(`${simulator.url}/sse`, { id: 'one' });
    assert.equal((await finishedRecord(simulator.url, 'one')).bytes, got.body.length);
    await simulator.close();
    // Over a connection of its own: one that is kept may not know yet that it is closed.
    const agent = new http.Agent();
    await assert.rejects(receive(`${simulator.url}/sse`, { agent }), { code: 'ECONNREFUSED' });
    await poll('end of the thread', () => (threads() <= before ? true : undefined));
  });

  it('closes with streams open', async () => {
    const simulator = await startSimulatorThread({ ...TINY, ttfbMs: { kind: 'fixed', value: 60_000 } });
    const open = receive(`${simulator.url}/sse`).then(
      (got) => got.broken,
      (error) => error.code,
    );
    await poll('open stream', async () => {
      const truth = (await (await fetch(`${simulator.url}/ground-truth`)).json()) as { active: number };
      return truth.active === 1 ? true : undefined;
    });
    await simulator.close();
    assert.equal(await open, 'ECONNRESET');
  });

  it('cannot start where the port is taken', async () => {
    const first = await startSimulator(TINY);
    await assert.rejects(startSimulatorThread(TINY, { port: first.port }), cannotStart);
    await assert.rejects(startSimulator(TINY, { port: first.port }), cannotStart);
    await first.close();
    const second = await startSimulatorThread(TINY, { port: first.port });
    assert.equal(second.port, first.port);
    await second.close();
  });
});
