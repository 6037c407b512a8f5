/** Two targets one after another, in a process that is killed, and moved on by the API. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Summary } from '../../src/schema/summary.ts';
import type { DetailedProgress } from '../../src/sink/progress.ts';
import { poll } from '../../support/poll.ts';
import { Restartable } from '../../support/restartable.ts';
import type { Scrape } from '../../support/service.ts';
import { schemaFaults } from '../../support/summary-schema.ts';

const ANSWER = '{ ttfb: 20ms, gap: 10ms, chunks: 20 }';

it('a sequence loads one target at a time, over a kill -9, a skip and a pause', async () => {
  const soak = await Restartable.create(`
targets:
  - { name: a, simulator: ${ANSWER} }
  - { name: b, simulator: ${ANSWER} }
scenarios:
  compare:
    targets: { sequence: [a, b], pause: 1h }
    warmUp: 500ms
    stages: [{ users: 4, for: 1h }, { users: 2, for: 1h }]
`);
  const desired = async (): Promise<number[]> => {
    const scrape: Scrape = await soak.scrape();
    return ['a', 'b'].map((name) => scrape.sum('soak_streams_desired', `target="${name}"`));
  };
  /** A scrape shows what the history has: a second or two later. */
  const desires = (a: number, b: number) =>
    poll(`${a} and ${b} desired`, async () => (await desired()).join() === `${a},${b}` || undefined);
  const until = (turn: string, ended: number): Promise<DetailedProgress> =>
    poll(
      `${ended} streams of ${turn}`,
      async () => {
        const { run } = (await soak.status()) as unknown as { run: { progress: DetailedProgress } | null };
        const target = run?.progress.targets.find(({ name }) => name === turn);
        return run?.progress.turn === turn && target!.finished.success >= ended ? run.progress : undefined;
      },
      { timeoutMs: 30_000 },
    );
  const change = async (command: string): Promise<void> => {
    const response = await soak.send('POST', `/api/v1/runs/current/${command}`);
    assert.ok(response.ok, `${command} ${response.status} ${await response.text()}`);
  };
  try {
    await soak.start();
    assert.equal((await soak.send('POST', '/api/v1/runs', { scenario: 'compare' })).status, 201);
    const first = await until('a', 16);
    assert.equal(first.targets[1]!.started, 0);
    await desires(4, 0);
    await soak.kill();
    await soak.start();
    const resumed = await until('a', first.targets[0]!.finished.success + 4);
    assert.equal(resumed.targets[1]!.started, 0);
    // Both stages of a, then the pause.
    for (let n = 0; n < 2; n++) await change('skip');
    await poll('no open stream of a', async () => {
      const scrape = await soak.scrape();
      return scrape.sum('soak_streams_active', 'target="a"') === 0 || undefined;
    });
    await desires(0, 0);
    await change('skip');
    await until('b', 24);
    await desires(0, 4);
    await change('pause');
    await desires(0, 0);
    await change('resume');
    for (let n = 0; n < 2; n++) await change('skip');
    const summary = (await soak.finished(30_000)) as unknown as Summary;

    assert.deepEqual(await schemaFaults(summary), []);
    assert.equal(summary.endReason, 'completed');
    assert.equal(summary.setup.sequence?.pauseMs, 3_600_000);
    assert.deepEqual(
      [...new Set(summary.levels.map((l) => `${l.target} ${l.users!.to}`))],
      // A skip goes through the second stage; the pause of b is that of the API, and that of the drain.
      ['a 4', 'a 2', 'a 0', 'b 4', 'b 0', 'b 2'],
    );
    assert.deepEqual(summary.levels.map(({ shape }) => shape).at(-1), 'pause');
    const sums = summary.levels.reduce((sum, l) => sum + l.streams.started, 0);
    assert.equal(sums, summary.streams.started);
    const warmUps = summary.run.events.filter(({ action }) => action === 'warm-up');
    assert.deepEqual(
      warmUps.map(({ detail }) => /of (\w+) over/.exec(detail)?.[1]),
      ['a', 'b'],
    );
    for (const { name, streams, successRatio, chunks, chunksPerSecond, availability } of summary.targets) {
      assert.ok(streams.results.success >= 4, `${name} ${streams.results.success}`);
      assert.equal(successRatio, 1);
      // Over its own turn, not over the run.
      const loadedMs = availability.upMs + availability.downMs + availability.unknownMs;
      assert.ok(loadedMs > 0 && loadedMs < summary.run.measuredMs, `${name} ${loadedMs}`);
      assert.ok(Math.abs((chunks * 1000) / loadedMs - chunksPerSecond) < 0.01, `${name} ${chunksPerSecond}`);
    }
    assert.deepEqual(summary.bottlenecks, []);
    assert.ok(summary.loadDelivered.perTarget.every(({ ratio }) => ratio !== null));
  } finally {
    await soak.stop();
  }
});
