import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Summary } from '../../src/schema/summary.ts';
import { soakd } from '../../support/process.ts';
import { simulate } from '../../support/simulator.ts';

const USERS = 5000;

describe('thousands of starts at once', () => {
  it('are all begun, counted and ended, as the simulator saw them', async () => {
    // None ends before all have begun.
    const simulator = await simulate(['--preset=quick', '--ttfb=6s']);
    const program = soakd([
      ...['run', '--target', `${simulator.url}/`, '--terminal', '[DONE]', '--json'],
      // The machine may be slow; all of them must have begun by then.
      ...['--users', `${USERS}`, '--max-streams', `${USERS}`, '--for', '60s', '--max-measurement-lag', '10s'],
    ]);
    try {
      await program.ended(120_000);
      const { streams, endReason, thresholds, connectMs } = JSON.parse(
        program.stdout.lines.at(-1)!,
      ) as Summary;
      const { started, finished, active } = streams;
      assert.deepEqual([started, finished.complete, active, endReason], [USERS, USERS, 0, 'budget_spent']);
      assert.equal(connectMs.count, USERS);
      const success = thresholds.find(({ threshold }) => threshold === 'success-rate');
      assert.equal(success!.result, 'pass');
      const truth = await simulator.groundTruth();
      assert.deepEqual([truth.started, truth.finished.complete], [USERS, USERS]);
    } finally {
      await simulator.stop();
    }
  });
});
