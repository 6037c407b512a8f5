import assert from 'node:assert/strict';
import { it } from 'node:test';
import { healthyRuns } from '../../scripts/trials/healthy-runs.ts';

/** `npm run trials` does the same thirty times, and three times for ten minutes. */
it('real healthy one-minute runs report no drift', async () => {
  const runs = await healthyRuns({ runs: 3, seconds: 60, users: 50, atOnce: 3, seed: 1 });
  assert.deepEqual(
    runs.map(({ seed }) => seed),
    [1, 2, 3],
  );
  for (const { seed, drift } of runs)
    assert.deepEqual([drift.found.map(({ text }) => text), drift.evaluated], [[], 0], `seed ${seed}`);
});
