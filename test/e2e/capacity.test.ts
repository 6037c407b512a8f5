import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findKnee, kneeSimulator, writeScenario } from '../../scripts/trials/knees.ts';
import { type Running, soakd } from '../support/process.ts';
import { type Simulated, simulate } from '../support/simulator.ts';
import { schemaFaults } from '../support/summary-schema.ts';

/** Makes a program late, not its target: it is stopped for most of the time. */
function starve(program: Running): () => void {
  const timer = setInterval(() => {
    program.kill('SIGSTOP');
    setTimeout(() => program.kill('SIGCONT'), 250);
  }, 400);
  return () => {
    clearInterval(timer);
    program.kill('SIGCONT');
  };
}

describe('soakd capacity', { concurrency: true }, () => {
  let folder: string;
  let simulator: Simulated;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'soakd-capacity-'));
    simulator = await simulate(kneeSimulator(1000));
  });
  after(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true });
  });

  for (const { knee, from } of [
    { knee: 12, from: 10 },
    { knee: 30, from: 20 },
    { knee: 70, from: 40 },
  ])
    it(`finds a knee at ${knee} users within 5 %, or one user, in at most 12 steps`, async () => {
      const { code, summary, text } = await findKnee({ folder, knee, from, forS: 3, holdS: 4 });
      const { capacity, levels, run } = summary;
      assert.equal(code, 0, text);
      assert.ok(Math.abs(capacity.users - knee) <= Math.max(1, 0.05 * knee), text);
      assert.ok(capacity.low <= capacity.users && capacity.users < capacity.high, text);
      assert.ok(capacity.steps.length <= 12, text);
      assert.deepEqual([capacity.limitedBy, capacity.target, capacity.confirmed], ['ttfb-p95', 'sim', true], text);
      assert.deepEqual(await schemaFaults(summary), []);
      // One run, with a level for each load.
      const held = levels.filter((l) => l.shape === 'hold').map((l) => l.users!.to);
      const loads = capacity.steps.map((s) => s.load);
      assert.deepEqual(held, loads.filter((l, i) => l !== loads[i - 1]), text);
      const shown = soakd(['runs', 'show', run.id, '--data', join(folder, `data-${knee}`)]);
      assert.equal((await shown.ended()).code, 0, shown.output);
      assert.match(shown.stdout.text, new RegExp(`CAPACITY: ${capacity.users} users? \\(`));
    });

  it('ends with the load that is proven where the generator is the limit', async () => {
    const config = writeScenario(folder, { name: 'starved', url: simulator.url, from: 4, maxLag: '25ms' });
    const flags = ['--for', '2s', '--hold', '2s', '--precision', '50%', '--data', 'none', '--json'];
    const program = soakd(['capacity', '--config', config, ...flags]);
    await program.line(/ holds$/m, 30_000);
    const stop = starve(program);
    const { code } = await program.ended(150_000);
    stop();
    const { capacity } = JSON.parse(program.stdout.lines.at(-1)!);
    assert.equal(capacity.limitedBy, 'generator', program.output);
    assert.equal(capacity.users, 4, program.output);
    assert.equal(code, 5, program.output);
    assert.match(program.stderr.text, /at least 4 users: the generator was the limit/);
  });

  it('ends as "at least" where every threshold holds at the largest load allowed', async () => {
    const config = writeScenario(folder, { name: 'least', url: simulator.url, from: 4 });
    const flags = ['--for', '1s', '--hold', '1s', '--max-users', '5', '--data', 'none'];
    const program = soakd(['capacity', '--config', config, ...flags]);
    assert.equal((await program.ended(60_000)).code, 0, program.output);
    assert.match(program.stdout.text, /^at least 5 users: every threshold holds .* \(maxUsers\)\. 3 steps, /);
  });

  it('ends on a signal with what is proven', async () => {
    const config = writeScenario(folder, { name: 'signal', url: simulator.url, from: 4 });
    const program = soakd(['capacity', '--config', config, '--for', '1s', '--data', 'none', '--json']);
    await program.line(/ holds$/m, 30_000);
    program.kill('SIGINT');
    assert.equal((await program.ended(60_000)).code, 130, program.output);
    const { capacity } = JSON.parse(program.stdout.lines.at(-1)!);
    assert.ok(capacity.users >= 4, program.output);
    assert.equal(capacity.ended, 'interrupted');
  });

  it('searches over the rate in the open model', async () => {
    const config = writeScenario(folder, { name: 'open', url: simulator.url, from: 8, isOpen: true });
    const flags = ['--for', '1s', '--hold', '1s', '--max-rate', '16', '--data', 'none', '--json'];
    const program = soakd(['capacity', '--config', config, ...flags]);
    assert.equal((await program.ended(60_000)).code, 0, program.output);
    const { capacity } = JSON.parse(program.stdout.lines.at(-1)!);
    assert.deepEqual([capacity.rate, capacity.limitedBy, 'users' in capacity], [16, 'maxRate', false]);
  });

  it('exits with 1 where not even one user holds', async () => {
    const config = writeScenario(folder, { name: 'none', url: simulator.url, from: 1, limit: '10ms' });
    const program = soakd(['capacity', '--config', config, '--for', '1s', '--data', 'none']);
    assert.equal((await program.ended(60_000)).code, 1, program.output);
    assert.match(program.stdout.text, /^not even the smallest load holds: TTFB p95 > 10ms on sim at 1 user\./);
  });

  const mistakes: readonly [flags: readonly string[], message: RegExp][] = [
    [['--only', 'ttfb-p59'], /--only: found "ttfb-p59", expected a threshold of scenario s, one of .*ttfb-p95/],
    [['--max-users', '999999'], /--max-users: found 999999, expected at most \d+ \(limits\.maxUsers\)/],
    [['--max-rate', '10'], /found --max-rate for scenario s, which has the closed model, expected --max-users/],
    [['--from', '9', '--max-users', '8'], /--from: found 9, expected at most 8/],
    [['--max-steps', '1'], /found "1", expected a whole number from 2 to 50/],
    [['--precision', '90%'], /found "90%", expected a share from 1% to 50%/],
    [['--max-time', '5s'], /--max-time: found 5s, expected at least the time of one step/],
  ];
  for (const [flags, message] of mistakes)
    it(`refuses ${flags.join(' ')}`, async () => {
      const config = writeScenario(folder, { name: 'mistake', url: simulator.url, from: 4 });
      const program = soakd(['capacity', '--config', config, '--data', 'none', ...flags]);
      assert.equal((await program.ended()).code, 2, program.output);
      assert.match(program.stderr.text, message);
    });
});
