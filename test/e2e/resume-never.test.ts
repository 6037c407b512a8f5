import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { poll } from '../../support/poll.ts';
import { Restartable } from '../../support/restartable.ts';

let soakd: Restartable;
before(async () => {
  soakd = await Restartable.create(`
targets: [{ name: sim, simulator: { preset: quick } }]
scenarios: { soak: { target: sim, stages: [{ users: 1, for: 10m }] } }
`);
});
after(() => soakd.stop());

it('a run that --resume never closes logs that it was closed, and nothing that did not happen', async () => {
  await soakd.start();
  await soakd.send('POST', '/api/v1/runs', { scenario: 'soak' });
  // A state of the run is in the history after a second or two.
  await sleep(2500);
  const run = (await soakd.status()).run!.id;
  await soakd.kill();
  // One resume, so that the run has a gap.
  await soakd.start();
  await poll('the resumed run', async () => (await soakd.status()).run?.id);
  await sleep(2000);
  await soakd.kill();
  await soakd.start('--resume', 'never');
  const { stderr } = soakd.program;
  await soakd.program.line(/"msg":"closed an unfinished run"/, 10_000);
  const lines = stderr.text
    .trim()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as { readonly msg: string; readonly run?: string; readonly detail?: string },
    )
    .filter((line) => line.run === run);
  assert.deepEqual(
    lines.map(({ msg, detail }) => `${msg}: ${detail}`),
    ['closed an unfinished run: --resume never turns resumes off'],
  );
});
