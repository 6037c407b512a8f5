import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { compareRuns } from '../../src/compare/compare.ts';
import { openDatabase } from '../../src/history/database.ts';
import { KeptRunSource } from '../../src/kept-report/kept-run-source.ts';
import { writeKeptReport } from '../../src/kept-report/report-thread.ts';
import { fill, openHistory, START_AT } from '../../support/history/filled.ts';
import { stubApp } from '../../support/http/stub.ts';

const { history, remove } = await openHistory();
after(remove);
await fill(history, 'r1', { windows: 30 });
await fill(history, 'r2', { windows: 30, seed: 2, startedAt: START_AT + 1_000_000, verdict: 'fail' });
await fill(history, 'live', { windows: 3, startedAt: START_AT + 3_600_000, active: true });

let written = 0;
const { inject } = stubApp({
  history: () => history,
  report: (task) => {
    written++;
    return writeKeptReport({ path: history.path, task });
  },
});
const get = (url: string, headers: Record<string, string> = {}) =>
  inject({ url: `/api/v1/runs/${url}`, headers });

describe('GET /api/v1/runs/{id}/comparison', () => {
  it('is what soakd compare --json prints of the two', async () => {
    const reply = await get('r2/comparison?baseline=r1');
    assert.equal(reply.statusCode, 200, reply.body);
    assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8');
    const db = openDatabase(history.path, { readOnly: true });
    const runs = new KeptRunSource(db);
    assert.deepEqual(reply.json(), JSON.parse(JSON.stringify(compareRuns(runs.find('r1'), runs.find('r2')))));
    db.close();
  });

  it('compares with the last pass unless it is given a baseline', async () => {
    const { a, b } = (await get('last/comparison')).json();
    assert.deepEqual([a.id, b.id], ['r1', 'r2']);
  });

  it('is 304 with its tag, which names both runs', async () => {
    const tag = String((await get('r2/comparison?baseline=r1')).headers.etag);
    const before = written;
    const again = await get('last/comparison?baseline=last-pass', { 'if-none-match': tag });
    assert.deepEqual([again.statusCode, again.body, written], [304, '', before]);
    assert.equal((await get('r1/comparison?baseline=r2', { 'if-none-match': tag })).statusCode, 200);
  });

  it('says which run cannot be found or is still active', async () => {
    for (const [url, status, code, detail] of [
      ['nothing/comparison?baseline=r1', 404, 'RUN_UNKNOWN', /nothing/],
      ['r1/comparison?baseline=nothing', 404, 'RUN_UNKNOWN', /nothing/],
      ['live/comparison?baseline=r1', 409, 'RUN_ACTIVE', /live/],
      ['r1/comparison?baseline=live', 409, 'RUN_ACTIVE', /live/],
      ['r1/comparison?baseline=..', 404, 'RUN_UNKNOWN', /\.\./],
      ['r1/comparison?baseline=a/b', 400, 'USAGE', /baseline/],
      ['r1/comparison?odd=1', 400, 'USAGE', /odd/],
    ] as const) {
      const reply = await get(url);
      assert.deepEqual([reply.statusCode, reply.json().code], [status, code], url);
      assert.match(reply.json().detail, detail, url);
    }
  });
});
