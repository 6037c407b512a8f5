import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { type Scrape, type Served, serve } from '../../support/service.ts';

const YAML = `
targets:
  - name: simulator
    simulator: { preset: quick }
scenarios:
  changed:
    target: simulator
    stages:
      - { users: 300, for: 5m }
      - { users: 100, for: 5m }
limits: { maxUsers: 1000, maxDuration: 11m }
`;

const active = (scrape: Scrape): number => scrape.sum('soak_streams_active');
const started = (scrape: Scrape): number => scrape.sum('soak_streams_started_total');
const finished = (scrape: Scrape): number => scrape.sum('soak_streams_finished_total');

describe('a run that is changed while it goes on', () => {
  let soak: Served;
  before(async () => {
    soak = await serve(YAML);
  });
  after(() => soak.stop());

  /** Scrapes until it holds; every scrape on the way must add up. */
  const until = (what: string, holds: (scrape: Scrape) => boolean): Promise<Scrape> =>
    poll(
      what,
      async () => {
        const scrape = await soak.scrape();
        assert.equal(started(scrape), finished(scrape) + active(scrape));
        return holds(scrape) ? scrape : undefined;
      },
      { timeoutMs: 60_000 },
    );

  const change = async (method: 'POST' | 'PATCH', path: string, body?: object): Promise<Run> => {
    const response = await soak.send(method, `/api/v1/runs/current${path}`, body);
    const answer = await response.text();
    assert.ok(response.ok, `${path} ${response.status} ${answer}`);
    return JSON.parse(answer) as Run;
  };

  it('follows users, pause, resume, extend, skip and stop; nothing is miscounted, nothing is cut', async () => {
    assert.equal((await soak.startRun('changed')).status, 201);
    await until('300 streams', (s) => active(s) >= 290 && s.sum('soak_streams_desired') === 300);

    await change('PATCH', '', { users: 800 });
    await until('800 desired', (s) => s.sum('soak_streams_desired') === 800);
    await until('800 streams', (s) => active(s) >= 780 && active(s) <= 800);

    await change('PATCH', '', { users: 200 });
    await until('200 streams', (s) => s.sum('soak_streams_desired') === 200 && active(s) <= 200);

    assert.equal((await change('POST', '/pause')).state, 'paused');
    const quiet = await until('no stream', (s) => s.sum('soak_run_active') === 0 && active(s) === 0);
    assert.equal(quiet.sum('soak_streams_desired'), 0);

    const resumed = await change('POST', '/resume');
    await until('200 streams again', (s) => s.sum('soak_run_active') === 1 && active(s) >= 190);

    const longer = await change('POST', '/extend', { by: '30s' });
    assert.equal(Math.round((longer.durationMs - resumed.durationMs) / 1000), 30);
    await until('a later end', (s) => {
      return (
        Math.abs(s.sum('soak_run_planned_end_timestamp_seconds') - Date.parse(longer.plannedEndAt) / 1000) < 1
      );
    });

    assert.equal((await change('POST', '/skip')).stage, 1);
    await until('the second stage', (s) => s.sum('soak_streams_desired') === 100 && active(s) <= 100);

    await change('POST', '/stop', { grace: '50s' });
    const { streams, endReason, run } = await soak.finished(60_000);
    assert.equal(endReason, 'stopped');
    assert.equal(streams.started, streams.finished.complete, 'all had the time to end well');
    assert.equal(
      Object.values(streams.finished).reduce((a, b) => a + b, 0),
      streams.started,
    );
    assert.deepEqual(
      (run as { events: { action: string; by: string }[] }).events.map((e) => `${e.action} by ${e.by}`),
      ['start', 'set', 'set', 'pause', 'resume', 'extend', 'skip', 'stop'].map((a) => `${a} by local`),
    );
  });

  it('keeps to the limits, to its model and to its state', async () => {
    const answer = async (method: 'POST' | 'PATCH', path: string, body?: object): Promise<string> => {
      const response = await soak.send(method, `/api/v1/runs/current${path}`, body);
      return `${response.status} ${((await response.json()) as { code: string }).code}`;
    };
    assert.equal(await answer('POST', '/pause'), '409 NO_RUN');
    await soak.startRun('changed');
    assert.equal(await answer('PATCH', '', { users: 1001 }), '422 LIMIT_EXCEEDED');
    assert.equal(await answer('PATCH', '', { rate: 5 }), '400 USAGE');
    assert.equal(await answer('POST', '/extend', { by: '61s' }), '422 LIMIT_EXCEEDED');
    assert.equal(await answer('POST', '/resume'), '409 NOT_RUNNING');
    await change('POST', '/stop', { grace: '0s' });
    const { streams } = await soak.finished(60_000);
    assert.equal(
      streams.started,
      Object.values(streams.finished).reduce((a, b) => a + b, 0),
    );
  });
});

interface Run {
  readonly state: string;
  readonly stage: number;
  readonly durationMs: number;
  readonly plannedEndAt: string;
}
