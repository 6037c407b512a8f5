import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findKnee, kneeSimulator, writeScenario } from '../../scripts/trials/knees.ts';
import { type Running, soakd } from '../../support/process.ts';
import { type Simulated, simulate } from '../../support/simulator.ts';
import { schemaFaults } from '../../support/summary-schema.ts';

/** Makes a program late, not its target: it is stopped for most of the time. */
function starve(program: Running): () => void {
  const timer = setInterval(() => {
    program.kill('SIGSTOP');
    setTimeout(() => program.kill('SIGCONT'), 400);
  }, 500);
  return () => {
    clearInterval(timer);
    program.kill('SIGCONT');
  };
}

const KNEES = [
  { knee: 12, from: 7 },
  { knee: 30, from: 16 },
  { knee: 70, from: 36 },
];

describe('soakd capacity', () => {
  let folder: string;
  /** Without a knee. */
  let simulator: Simulated;
  const knees: Simulated[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'soakd-capacity-'));
    simulator = await simulate(kneeSimulator(1000));
    // One after another: processes that start together on a busy machine take their time.
    for (const { knee } of KNEES) knees.push(await simulate(kneeSimulator(knee)));
  });
  after(async () => {
    await Promise.all([simulator, ...knees].map((s) => s.stop()));
    rmSync(folder, { recursive: true });
  });

  describe('on simulators with different knees', { concurrency: true }, () => {
    for (const [i, { knee, from }] of KNEES.entries())
      it(`finds a knee at ${knee} users within 5 %, or one user, in at most 12 steps`, async () => {
        const { code, summary, text } = await findKnee({
          folder,
          url: knees[i]!.url,
          knee,
          from,
          forS: 2,
          holdS: 3,
        });
        const { capacity, levels, run } = summary;
        assert.equal(code, 0, text);
        assert.ok(Math.abs(capacity.users - knee) <= Math.max(1, 0.05 * knee), text);
        assert.ok(capacity.low <= capacity.users && capacity.users < capacity.high, text);
        assert.ok(capacity.steps.length <= 12, text);
        const { limitedBy, target, confirmed } = capacity;
        assert.deepEqual([limitedBy, target, confirmed], ['ttfb-p95', 'sim', true], text);
        assert.deepEqual(await schemaFaults(summary), []);
        // One run, with a level for each load.
        const held = levels.filter((l) => l.shape === 'hold').map((l) => l.users!.to);
        const loads = capacity.steps.map((s) => s.load);
        assert.deepEqual(
          held,
          loads.filter((l, i) => l !== loads[i - 1]),
          text,
        );
        const shown = soakd(['runs', 'show', run.id, '--data', join(folder, `data-${knee}`)]);
        assert.equal((await shown.ended()).code, 0, shown.output);
        assert.match(shown.stdout.text, new RegExp(`CAPACITY: ${capacity.users} users \\(`));
      });
  });

  it('ends with the load that is proven where the generator is the limit', async () => {
    const config = writeScenario(folder, {
      name: 'starved',
      url: simulator.url,
      from: 16,
      limit: '200ms',
      maxLag: '25ms',
    });
    const flags = ['--for', '1s', '--hold', '1s', '--precision', '50%', '--data', 'none', '--json'];
    const program = soakd(['capacity', '--config', config, ...flags]);
    await program.line(/ holds$/m, 120_000);
    const stop = starve(program);
    const { code } = await program.ended(150_000);
    stop();
    const { capacity } = JSON.parse(program.stdout.lines.at(-1)!);
    assert.equal(capacity.limitedBy, 'generator', program.output);
    assert.ok(capacity.users >= 16, program.output);
    assert.equal(code, 5, program.output);
    assert.match(program.stderr.text, /at least \d+ users: .*the generator was the limit/);
  });

  it('ends on a signal with what is proven', async () => {
    const config = writeScenario(folder, { name: 'signal', url: simulator.url, from: 4 });
    const program = soakd(['capacity', '--config', config, '--for', '1s', '--data', 'none', '--json']);
    await program.line(/ holds$/m, 120_000);
    program.kill('SIGINT');
    assert.equal((await program.ended(60_000)).code, 130, program.output);
    const { capacity } = JSON.parse(program.stdout.lines.at(-1)!);
    assert.ok(capacity.users >= 4, program.output);
    assert.equal(capacity.ended, 'interrupted');
  });

  it('refuses a threshold that decides nothing, and lists those that do', async () => {
    const config = writeScenario(folder, { name: 'mistake', url: simulator.url, from: 4 });
    const program = soakd(['capacity', '--config', config, '--data', 'none', '--only', 'ttfb-p59']);
    assert.equal((await program.ended()).code, 2, program.output);
    assert.match(
      program.stderr.text,
      /--only: found "ttfb-p59", expected a threshold of scenario s, one of .*ttfb-p95/,
    );
  });
});
