import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Run } from '../../src/core/run.ts';
import { draining, longestDrainMs } from '../../src/run/draining.ts';
import { RUN } from '../../support/http/stub.ts';

describe('a run that starts no more streams', () => {
  const planned = draining(RUN, 'completed', 300_000, 1000);

  it('is over when its longest stream must be', () => {
    assert.deepEqual(planned, { ...RUN, state: 'draining', why: 'completed', drainedByMs: 301_000 });
    const targets = [
      { totalMs: 20_000, lingerMs: 1000 },
      { totalMs: 5000, lingerMs: 9000 },
    ].map((timeouts) => ({ timeouts }));
    assert.equal(longestDrainMs(targets), 21_000);
  });

  it('is over earlier after a stop, and never later', () => {
    const stopped = draining(planned, 'interrupted', 8000, 2000);
    assert.deepEqual(stopped, { ...planned, why: 'interrupted', drainedByMs: 10_000 });
    assert.equal((draining(stopped, 'stopped', 8000, 9000) as { drainedByMs: number }).drainedByMs, 10_000);
    assert.equal((draining(stopped, 'stopped', 0, 9000) as { why: string }).why, 'interrupted');
  });

  it('stays as it is once it is finished', () => {
    const finished = { ...RUN, state: 'finished' } as unknown as Run;
    assert.equal(draining(finished, 'stopped', 0, 0), finished);
  });
});
