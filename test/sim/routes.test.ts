import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts';
import { needs } from '../../support/needs.ts';
import { poll } from '../../support/poll.ts';
import { balances, receive, TINY, type Truth } from './client.ts';

describe('what the simulator says about itself', () => {
  const streams = 7;
  let simulator: Simulator;
  const get = async (path: string): Promise<string> => (await fetch(`${simulator.url}${path}`)).text();

  before(async () => {
    simulator = await startSimulator(TINY);
    for (let i = 0; i < streams; i++) await receive(`${simulator.url}/sse`, { id: `s${i}` });
    await poll('end of all', () => (simulator.groundTruth().active === 0 ? true : undefined));
  });
  after(() => simulator.close());

  it('is healthy', async () => {
    assert.equal(await get('/-/healthy'), 'healthy\n');
  });

  it('gives its metrics, which say what the ground truth says', async () => {
    const text = await get('/metrics');
    const value = (series: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.slice(series.length + 1),
      );
    const truth = simulator.groundTruth();
    assert.equal(value('simulator_streams_started_total'), streams);
    assert.equal(value('simulator_streams_active'), 0);
    assert.equal(value('simulator_streams_finished_total{outcome="complete"}'), streams);
    assert.equal(value('simulator_streams_finished_total{outcome="stalled"}'), 0);
    assert.equal(value('simulator_sent_chunks_total'), truth.chunks);
    assert.equal(value('simulator_sent_bytes_total'), truth.bytes);
    assert.equal(value('simulator_sent_characters_total'), truth.characters);
  });

  it('gives metrics that promtool finds no fault with', { skip: needs('promtool') }, async () => {
    const check = spawnSync('promtool', ['check', 'metrics'], {
      input: await get('/metrics'),
      encoding: 'utf8',
    });
    assert.deepEqual([check.status, check.stdout, check.stderr], [0, '', '']);
  });

  it('gives totals alone unless asked for more, so that asking is cheap', async () => {
    const truth = JSON.parse(await get('/ground-truth')) as Truth;
    assert.deepEqual(truth, simulator.groundTruth());
    assert.ok(balances(truth));
    assert.ok(!('streams' in truth));
  });

  it('gives the last streams, newest first, as many as asked for', async () => {
    const all = JSON.parse(await get('/ground-truth?streams=1')) as Truth;
    assert.deepEqual(
      all.streams.finished.map((r) => r.id),
      ['s6', 's5', 's4', 's3', 's2', 's1', 's0'],
    );
    assert.equal(
      all.bytes,
      all.streams.finished.reduce((sum, r) => sum + r.bytes, 0),
    );
    const few = JSON.parse(await get('/ground-truth?streams=1&limit=2')) as Truth;
    assert.deepEqual(
      few.streams.finished.map((r) => r.id),
      ['s6', 's5'],
    );
    const none = JSON.parse(await get('/ground-truth?streams=1&limit=0')) as Truth;
    assert.deepEqual(none.streams, { finished: [], open: [] });
  });

  it('gives the streams of an id', async () => {
    const one = JSON.parse(await get('/ground-truth?id=s3')) as Truth;
    assert.deepEqual(
      one.streams.finished.map((r) => [r.id, r.index, r.outcome, r.status]),
      [['s3', 3, 'complete', 200]],
    );
    const none = JSON.parse(await get('/ground-truth?id=nobody')) as Truth;
    assert.deepEqual(none.streams, { finished: [], open: [] });
  });
});
