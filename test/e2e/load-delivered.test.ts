import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { soakd } from '../../support/process.ts';
import { type Simulated, simulate } from '../../support/simulator.ts';

describe('load delivered', () => {
  let simulator: Simulated;
  before(async () => {
    // Streams of seconds: one user makes few of the starts that are due.
    simulator = await simulate([]);
  });
  after(() => simulator.stop());

  it('one user at four starts a second is inconclusive, and the summary says why', async () => {
    const args = ['--terminal', '[DONE]', '--users', '1', '--rate', '4', '--for', '6s'];
    const program = soakd([
      ...['run', '--target', `${simulator.url}/`, ...args, '--max-measurement-lag', '10s', '--json'],
    ]);
    await program.ended(120_000);
    const { verdict, inconclusiveBecause, loadDelivered, streams } = JSON.parse(program.stdout.lines.at(-1)!);
    assert.equal(verdict, 'inconclusive', program.output);
    assert.ok(inconclusiveBecause.includes('load-delivered'));
    assert.equal(loadDelivered.required, 0.95);
    const [target] = loadDelivered.perTarget;
    assert.equal(target.due, streams.started + streams.dropped);
    assert.equal(target.started, streams.started);
    assert.ok(loadDelivered.ratio < 0.5, `${loadDelivered.ratio}`);
  });
});
