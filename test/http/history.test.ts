import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { fill, openHistory, START_AT } from '../../support/history/filled.ts';
import { stubApp } from '../../support/http/stub.ts';

const { history, remove } = await openHistory();
after(remove);
const SUMMARY = await fill(history, 'r1');
for (const [i, verdict] of (['fail', 'pass', 'pass', 'fail', 'pass', 'fail'] as const).entries())
  await fill(history, `r${i + 2}`, {
    windows: 2,
    startedAt: START_AT + (i + 1) * 3_600_000,
    verdict,
    scenario: i % 2 === 0 ? 'night' : 'demo',
  });
await fill(history, 'live', { windows: 3, startedAt: START_AT + 10 * 3_600_000, active: true });

const { inject, infos, errors } = stubApp({ history: () => history });
const get = (url: string, headers: Record<string, string> = {}) => inject({ url, headers });

describe('GET /api/v1/runs', () => {
  it('lists all runs over pages, the newest first', async () => {
    const ids: string[] = [];
    let url: string | null = '/api/v1/runs?limit=3';
    let pages = 0;
    while (url !== null) {
      const reply = await get(url);
      assert.equal(reply.statusCode, 200, reply.body);
      const page: { runs: { id: string }[]; next: string | null } = reply.json();
      ids.push(...page.runs.map(({ id }) => id));
      url = page.next;
      pages++;
    }
    assert.deepEqual(ids, ['live', 'r7', 'r6', 'r5', 'r4', 'r3', 'r2', 'r1']);
    assert.equal(pages, 3);
  });

  it('filters by scenario and verdict, also on the next page', async () => {
    const reply = await get('/api/v1/runs?scenario=demo&verdict=fail&limit=1');
    const { runs, next } = reply.json();
    assert.deepEqual([runs.length, runs[0].id, runs[0].scenario], [1, 'r7', 'demo']);
    assert.deepEqual(new URL(next, 'http://x').searchParams.get('verdict'), 'fail');
    const rest = (await get(next)).json();
    assert.deepEqual([rest.runs.map((r: { id: string }) => r.id), rest.next], [['r5'], null]);
  });

  it('has times as ISO 8601, and null for what an active run has not yet', async () => {
    const [live] = (await get('/api/v1/runs?limit=1')).json().runs;
    assert.equal(live.startedAt, '2026-11-24T04:00:00.000Z');
    assert.deepEqual(
      [live.state, live.endedAt, live.verdict, live.verdictReason],
      ['active', null, null, null],
    );
  });

  it('is 404 before a run that is not there, 400 for a query that is wrong', async () => {
    assert.equal((await get('/api/v1/runs?before=nothing')).json().code, 'RUN_UNKNOWN');
    for (const query of ['limit=0', 'limit=1001', 'verdict=good', 'odd=1', 'scenario=', 'before=a%20b'])
      assert.equal((await get(`/api/v1/runs?${query}`)).statusCode, 400, query);
  });
});

describe('GET /api/v1/runs/{id}', () => {
  it('is the run with its summary, events and failed streams, by its id, last or last-pass', async () => {
    const run = (await get('/api/v1/runs/r1')).json();
    assert.deepEqual(run.summary, JSON.parse(JSON.stringify(SUMMARY)));
    assert.deepEqual(run.setup, JSON.parse(JSON.stringify(SUMMARY.setup)));
    assert.equal(run.events[1].at, '2026-11-23T18:01:00.000Z');
    assert.equal(run.failures[0].outcome, 'truncated');
    assert.equal((await get('/api/v1/runs/last')).json().id, 'r7');
    assert.equal((await get('/api/v1/runs/last-pass')).json().id, 'r6');
  });

  it('has the summary by itself, which an active run does not have', async () => {
    assert.deepEqual((await get('/api/v1/runs/r1/summary')).json(), JSON.parse(JSON.stringify(SUMMARY)));
    const reply = await get('/api/v1/runs/live/summary');
    assert.deepEqual([reply.statusCode, reply.json().code], [409, 'RUN_ACTIVE']);
  });

  it('is 404 for a run that is not there', async () => {
    for (const path of ['', '/summary', '/windows']) {
      const reply = await get(`/api/v1/runs/nothing${path}`);
      assert.deepEqual([reply.statusCode, reply.json().code], [404, 'RUN_UNKNOWN']);
    }
  });

  it('is 304 while nothing has changed', async () => {
    for (const path of ['', '/summary', '/windows', '/windows?width=1m']) {
      const { headers, body } = await get(`/api/v1/runs/r1${path}`);
      assert.equal(headers['cache-control'], 'private, no-cache');
      const tag = String(headers.etag);
      for (const sent of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
        const again = await get(`/api/v1/runs/r1${path}`, { 'if-none-match': sent });
        assert.deepEqual([again.statusCode, again.body, again.headers.etag], [304, '', tag]);
      }
      const other = await get(`/api/v1/runs/r1${path}`, { 'if-none-match': '"x"' });
      assert.deepEqual([other.statusCode, other.body], [200, body]);
    }
  });
});

interface Columns {
  readonly target: string;
  readonly successRatio: number;
  readonly ttfbMs: { readonly p95: number };
  readonly streams: { readonly results: { readonly failed: number } };
}

describe('GET /api/v1/runs/{id}/windows', () => {
  it('has every window over pages, whose counts sum up to the summary', async () => {
    for (const [width, count] of [
      ['10s', 30],
      ['1m', 5],
      ['10m', 1],
    ] as const) {
      let url: string | null = `/api/v1/runs/r1/windows?width=${width}&limit=7`;
      const sums = new Map(SUMMARY.targets.map(({ name }) => [name, { success: 0, chunks: 0, ttfb: 0 }]));
      const places: number[] = [];
      while (url !== null) {
        const page: {
          windows: {
            n: number;
            targets: {
              target: string;
              chunks: number;
              ttfbMs: { count: number };
              streams: { results: { success: number } };
            }[];
          }[];
          next: string | null;
        } = (await get(url)).json();
        for (const { n, targets } of page.windows) {
          places.push(n);
          for (const { target, chunks, ttfbMs, streams } of targets) {
            const sum = sums.get(target)!;
            sum.success += streams.results.success;
            sum.chunks += chunks;
            sum.ttfb += ttfbMs.count;
          }
        }
        url = page.next;
      }
      assert.deepEqual(
        places,
        Array.from({ length: count }, (_, n) => n),
      );
      for (const { name, streams, chunks, ttfbMs } of SUMMARY.targets)
        assert.deepEqual(sums.get(name), { success: streams.results.success, chunks, ttfb: ttfbMs.count });
    }
  });

  it('of one window over the whole run has the timings of the summary', async () => {
    const [whole] = (await get('/api/v1/runs/r1/windows?width=10m')).json().windows;
    for (const [i, target] of SUMMARY.targets.entries()) {
      for (const key of [
        'connectMs',
        'headersMs',
        'ttfbMs',
        'ttftMs',
        'gapMs',
        'tpotMs',
        'durationMs',
        'successDurationMs',
        'effectiveDurationMs',
      ] as const) {
        const { count, mean, p50, p95, p99 } = target[key];
        assert.deepEqual(whole.targets[i][key], { count, mean, p50, p95, p99 }, key);
      }
      const row = whole.targets[i];
      assert.deepEqual(row.streams.finished, target.streams.finished);
      assert.deepEqual(row.streams.results, target.streams.results);
      for (const key of ['successRatio', 'completeRatio', 'bytes', 'inputTokens', 'backoffMs'] as const)
        assert.equal(row[key], target[key], key);
    }
  });

  it('begins at a place, and is empty behind the last one', async () => {
    const page = (await get('/api/v1/runs/r1/windows?from=28')).json();
    assert.deepEqual([page.windows.map((w: { n: number }) => w.n), page.next], [[28, 29], null]);
    assert.equal(page.windows[0].fromAt, '2026-11-23T18:04:40.000Z');
    assert.deepEqual((await get('/api/v1/runs/r1/windows?from=1000')).json().windows, []);
  });

  it('has only the columns that are asked for, with the values that it has without', async () => {
    const [all] = (await get('/api/v1/runs/r1/windows?width=1m&limit=1')).json().windows;
    const query = 'width=1m&limit=2&columns=successRatio,ttfbMs.p95,streams.results.failed';
    const page = (await get(`/api/v1/runs/r1/windows?${query}`)).json();
    assert.deepEqual(
      page.windows[0].targets,
      all.targets.map((t: Columns) => ({
        target: t.target,
        successRatio: t.successRatio,
        ttfbMs: { p95: t.ttfbMs.p95 },
        streams: { results: { failed: t.streams.results.failed } },
      })),
    );
    assert.match(page.next, /columns=successRatio%2CttfbMs\.p95/);
    const wrong = await get('/api/v1/runs/r1/windows?columns=ttfb.p95,chunks');
    assert.deepEqual([wrong.statusCode, /ttfb\.p95.*ttfbMs\.p95/.test(wrong.json().detail)], [400, true]);
  });

  it('is 400 for a query that is wrong', async () => {
    for (const query of ['width=5s', 'from=-1', 'from=x', 'limit=0', 'odd=1', 'columns=', 'columns=a b'])
      assert.equal((await get(`/api/v1/runs/r1/windows?${query}`)).statusCode, 400, query);
  });
});

describe('PATCH and DELETE /api/v1/runs/{id}', () => {
  const pin = (id: string, payload: object) =>
    inject({ method: 'PATCH', url: `/api/v1/runs/${id}`, payload });
  const remove_ = (id: string) => inject({ method: 'DELETE', url: `/api/v1/runs/${id}` });

  it('pin a run and no longer, which its ETag shows', async () => {
    const tag = (await get('/api/v1/runs/r2')).headers.etag;
    const reply = await pin('r2', { pinned: true });
    assert.deepEqual([reply.statusCode, reply.json().pinned], [200, true]);
    assert.notEqual((await get('/api/v1/runs/r2')).headers.etag, tag);
    assert.equal((await pin('r2', { pinned: false })).json().pinned, false);
    assert.equal((await get('/api/v1/runs/r2')).headers.etag, tag);
    for (const wrong of [{}, { pinned: 1 }, { pinned: true, odd: 1 }])
      assert.equal((await pin('r2', wrong)).statusCode, 400);
  });

  it('delete a finished run, and log who did', async () => {
    const reply = await remove_('r3');
    assert.deepEqual([reply.statusCode, reply.body], [204, '']);
    assert.deepEqual(infos.at(-1), {
      facts: { run: 'r3', by: 'local' },
      text: 'run deleted from the history',
    });
    assert.equal((await remove_('r3')).statusCode, 404);
  });

  it('want the whole id: a start of it, or last, changes nothing', async () => {
    for (const id of ['r', 'last', 'last-pass', 'li'])
      assert.deepEqual(
        [(await remove_(id)).statusCode, (await pin(id, { pinned: true })).statusCode],
        [404, 404],
      );
    assert.equal((await get('/api/v1/runs')).json().runs.length, 7);
  });

  it('do not delete an active run', async () => {
    const reply = await remove_('live');
    assert.deepEqual([reply.statusCode, reply.json().code], [409, 'RUN_ACTIVE']);
  });
});

describe('the routes of the history', () => {
  it('are 503 without a history', async () => {
    const without = stubApp({ history: () => undefined });
    for (const [method, url] of [
      ['GET', '/api/v1/runs'],
      ['GET', '/api/v1/runs/r1'],
      ['GET', '/api/v1/runs/r1/windows'],
      ['DELETE', '/api/v1/runs/r1'],
    ] as const) {
      const reply = await without.inject({ method, url });
      assert.deepEqual([reply.statusCode, reply.json().code], [503, 'HISTORY_UNUSABLE']);
      assert.match(reply.json().detail, /no history is kept/);
    }
  });

  it('read one at a time, and are 429 beyond 50 that wait', async () => {
    const replies = await Promise.all(Array.from({ length: 80 }, () => get('/api/v1/runs/r1/windows')));
    const statuses = replies.map(({ statusCode }) => statusCode);
    assert.equal(statuses.filter((status) => status === 200).length, 51);
    assert.equal(statuses.filter((status) => status === 429).length, 29);
    assert.equal((await get('/api/v1/runs')).statusCode, 200);
    assert.deepEqual(errors, []);
  });
});
