import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { poll } from '../../support/poll.ts';
import { serve } from '../../support/service.ts';
import { simulate } from '../../support/simulator.ts';

const USERS = 100;
const OUTAGE_MS = 10_000;

describe('a target that is gone for 10 s', () => {
  it('right outcomes, bounded starts, recovery by itself', async () => {
    let simulator = await simulate(['--preset=quick']);
    const { port } = simulator;
    const service = await serve(`
targets:
  - { name: simulator, url: "${simulator.url}/", terminal: "[DONE]" }
scenarios:
  outage: { target: simulator, stages: [{ users: ${USERS}, for: 40s }] }
`);
    try {
      await service.startRun('outage');
      await poll(
        'some streams',
        async () =>
          (await service.scrape()).sum('soak_streams_finished_total', 'outcome="complete"') > 200 ||
          undefined,
        { timeoutMs: 60_000 },
      );
      await simulator.stop();
      await sleep(1500);
      const before = await service.scrape();
      assert.ok(before.sum('soak_streams_finished_total', 'outcome="reset"') > 0, 'open streams were reset');
      await sleep(OUTAGE_MS - 1500);
      const dead = await service.scrape();
      const failed = (scrape: typeof dead) =>
        scrape.sum('soak_streams_finished_total', 'outcome="connect_error"');
      const starts = dead.sum('soak_streams_started_total') - before.sum('soak_streams_started_total');
      assert.ok(failed(dead) > failed(before), 'it goes on trying');
      // 100 users that tried again at once would have made some hundred thousand starts.
      assert.ok(starts < USERS * 20, `${starts} starts in ${OUTAGE_MS - 1500} ms of outage`);
      assert.equal(dead.sum('soak_run_active'), 1, 'the run goes on');

      simulator = await simulate(['--preset=quick'], port);
      const back = (await service.scrape()).sum('soak_streams_finished_total', 'outcome="complete"');
      await poll(
        'recovery',
        async () => {
          const scrape = await service.scrape();
          return (
            (scrape.sum('soak_streams_finished_total', 'outcome="complete"') > back + USERS &&
              scrape.sum('soak_streams_active') > USERS * 0.8) ||
            undefined
          );
        },
        { timeoutMs: 60_000 },
      );
      const summary = await service.finished(60_000);
      const { complete, reset, connect_error, ...others } = summary.streams.finished;
      assert.ok(complete! > 500 && reset! > 0 && connect_error! > 0);
      assert.deepEqual(
        Object.values(others).filter((n) => n > 0),
        [],
        JSON.stringify(summary.streams.finished),
      );
      assert.equal(summary.verdict, 'fail');
    } finally {
      await service.stop();
      await simulator.stop();
    }
  });
});
