import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import { SoakError } from '../../src/core/errors.ts';
import { startSimulator } from '../../src/sim/simulator.ts';
import { startSimulatorThread } from '../../src/sim/thread.ts';
import { poll } from '../support/poll.ts';
import { finishedRecord, receive, TINY } from './client.ts';

function threads(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker')
    .length;
}

const cannotStart = (error: unknown): boolean =>
  error instanceof SoakError && error.code === 'CANNOT_START' && /EADDRINUSE/.test(error.message);

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
