import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Hammered, hammer, type Operation, operationsOf } from '../../support/http/hammering.ts';
import { poll } from '../../support/poll.ts';
import { type Served, type ServedStatus, serve } from '../../support/service.ts';

const TOKENS = { read: 'planted-read-0123456789', operate: 'planted-operate-0123456789' };
const USERS = 40;
const CLIENTS = 50;

const YAML = `
serve:
  tokens:
    - { name: looking, role: read, token: "$\{env:HAMMER_READ}" }
    - { name: changing, role: operate, token: "$\{env:HAMMER_OPERATE}" }
  metrics: open
targets: [{ name: simulator, simulator: { preset: quick } }]
scenarios:
  demo: { target: simulator, stages: [${Array(20).fill(`{ users: ${USERS}, for: 5m }`).join()}] }
limits: { maxUsers: 300, maxDuration: 5h }
`;

interface Status extends ServedStatus {
  readonly run: {
    readonly id: string;
    readonly state: string;
    readonly events: readonly { action: string; by: string }[];
  } | null;
}

describe('many clients that send what they should not', () => {
  let soak: Served;
  let operations: readonly Operation[];
  before(async () => {
    soak = await serve(YAML, { HAMMER_READ: TOKENS.read, HAMMER_OPERATE: TOKENS.operate });
    operations = await operationsOf(soak.url, TOKENS.read);
  });
  after(() => soak?.stop());

  /** From an address of its own, so that the hammer leaves it its share. */
  const ask = async (method: string, path: string, body?: object): Promise<Response> =>
    fetch(soak.url + path, {
      method,
      headers: { authorization: `Bearer ${TOKENS.operate}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const status = (): Promise<Status> =>
    poll('status', async () => {
      const response = await ask('GET', '/api/v1/status');
      const answer = await response.json();
      return response.ok ? (answer as Status) : undefined;
    });

  /** Hammers, and looks all the time whether the figures add up. */
  async function hammered(changing: boolean, forMs: number): Promise<Hammered> {
    const over = new AbortController();
    const watching = (async () => {
      let last = 0;
      while (!over.signal.aborted) {
        const scrape = await soak.scrape();
        const started = scrape.sum('soak_streams_started_total');
        const ended = scrape.sum('soak_streams_finished_total');
        assert.equal(started, ended + scrape.sum('soak_streams_active'));
        assert.ok(started >= last, 'a counter fell');
        assert.equal(scrape.sum('soak_streams_finished_total', 'result="failed"'), 0);
        assert.equal((await fetch(`${soak.url}/-/healthy`)).status, 200);
        last = started;
        await new Promise((done) => setTimeout(done, 250));
      }
      return last;
    })();
    watching.catch(() => {});
    const { port } = soak;
    const result = await hammer({
      port,
      operations,
      tokens: TOKENS,
      changing,
      clients: CLIENTS,
      forMs,
      seed: 1,
    });
    over.abort();
    assert.ok((await watching) > 0, 'nothing was started');
    assert.deepEqual(result.wrong, []);
    assert.equal(soak.program.exit, undefined, soak.program.output);
    assert.doesNotMatch(soak.program.output, /"level":"(error|fatal)"|planted/);
    return result;
  }

  const sum = (result: Hammered, wanted: (route: string, status: number) => boolean): number =>
    Object.entries(result.statuses)
      .flatMap(([route, counts]) =>
        Object.entries(counts).map(([s, n]) => (wanted(route, Number(s)) ? n : 0)),
      )
      .reduce((a, b) => a + b, 0);

  it('do not disturb a run that they may not change', async () => {
    assert.equal((await ask('POST', '/api/v1/runs', { scenario: 'demo' })).status, 201);
    const begun = await status();
    const result = await hammered(false, 6000);
    const { state, run } = await status();
    assert.deepEqual([state, run?.id], ['running', begun.run?.id]);
    assert.deepEqual(
      run?.events.map(({ action, by }) => `${action} ${by}`),
      ['start changing'],
    );
    assert.equal((await soak.scrape()).sum('soak_streams_desired'), USERS);
    for (const { method, path } of operations) {
      const route = `${method} ${path}`;
      const counts = result.statuses[route];
      assert.ok(counts !== undefined, `${route} was not tried`);
      const good = Object.keys(counts).filter((s) => Number(s) < 400);
      // Hammering with made ids and names finds no run and no file.
      const found = method === 'GET' && !route.includes('{');
      assert.equal(good.length > 0, found, `${route}: ${JSON.stringify(counts)}`);
    }
    for (const [wanted, of] of [
      [400, 'odd'],
      [404, 'odd'],
      [405, 'odd'],
      [414, 'odd'],
      [400, 'bytes'],
      [431, 'bytes'],
      [413, 'POST /api/v1/runs'],
      [415, 'PATCH /api/v1/runs/current'],
      [401, 'POST /-/reload'],
      [403, 'POST /api/v1/runs/current/stop'],
    ] as const) {
      assert.ok(
        result.statuses[of]?.[wanted],
        `no ${wanted} of ${of}: ${JSON.stringify(result.statuses[of])}`,
      );
    }
  });

  it('do not break one that they change all the time', async () => {
    const result = await hammered(true, 5000);
    const changes = sum(result, (route, s) => !route.startsWith('GET') && route.includes('/runs') && s < 300);
    assert.ok(changes > 10, `only ${changes} changes came through`);
    assert.ok(sum(result, (route, s) => route === 'POST /-/reload' && s === 200) > 0);
  });

  it('leave nothing behind', async () => {
    const response = await poll('end of the last run', async () => {
      const stopped = await ask('POST', '/api/v1/runs/current/stop', { grace: '0s' });
      await stopped.text();
      return [202, 409].includes(stopped.status) || undefined;
    });
    assert.ok(response);
    await poll('idle service', async () => (await status()).state === 'idle' || undefined);
    // Metrics wait for the history, 3 s at most.
    await poll('scrape without open streams', async () => {
      const scrape = await soak.scrape();
      const [started, finished] = ['started', 'finished'].map((what) =>
        scrape.sum(`soak_streams_${what}_total`),
      );
      return (scrape.sum('soak_streams_active') === 0 && started === finished) || undefined;
    });
    if (process.platform !== 'linux') return;
    await poll('few open sockets', () => openFiles() < 100 || undefined, { timeoutMs: 60_000 });
  });

  const openFiles = (): number => readdirSync(`/proc/${soak.program.pid}/fd`).length;
});
