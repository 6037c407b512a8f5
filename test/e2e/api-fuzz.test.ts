import assert from 'node:assert/strict';
import { it } from 'node:test';
import { apiFuzz } from '../../scripts/trials/api-fuzz.ts';
import { needs } from '../../support/needs.ts';

/** `npm run trials -- --only=fuzz` takes ten minutes. A full machine sends few requests in the time that this one has. */
it('every route answers made-up requests during a run as documented, and none with 5xx', {
  skip: needs('python-venv'),
}, async (t) => {
  const { problems, cases, runs, output } = await apiFuzz({ seed: 1, examples: 5, seconds: 30 });
  t.diagnostic(`${cases} requests, ${runs} runs`);
  assert.deepEqual(problems, [], output);
  assert.ok(cases > 10, `only ${cases} requests\n${output}`);
});
