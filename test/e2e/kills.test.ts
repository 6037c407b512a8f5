import assert from 'node:assert/strict';
import { it } from 'node:test';
import { kills } from '../../scripts/trials/kills.ts';

/**
 * Two kills in the open model, with a warm-up, changed users and a changed configuration; two kills in the closed model
 * with a pause; a run that is not resumed. `npm run trials` does fifty.
 */
const SEEDS = [36, 35, 3];

it('a run that is killed loses at most its last second, and continues or is closed with its gap', async (t) => {
  const runs = await Promise.all(SEEDS.map(async (seed) => (await kills({ runs: 1, atOnce: 1, seed }))[0]!));
  for (const { seed, ages, problems } of runs) {
    t.diagnostic(`seed ${seed}: the last record was ${ages.join(' and ')} ms old`);
    assert.deepEqual(problems, [], `seed ${seed}`);
    assert.ok(ages.length > 0, `seed ${seed} has no kill in the run`);
  }
});
