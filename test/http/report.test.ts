import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { writeKeptReport } from '../../src/kept-report/report-thread.ts';
import { fill, openHistory, START_AT } from '../../support/history/filled.ts';
import { stubApp } from '../../support/http/stub.ts';

const { history, remove } = await openHistory();
after(remove);
await fill(history, 'r1', { windows: 12 });
await fill(history, 'live', { windows: 3, startedAt: START_AT + 3_600_000, active: true });

const { inject } = stubApp({
  history: () => history,
  report: (task) => writeKeptReport({ path: history.path, task }),
});
const get = (url: string, headers: Record<string, string> = {}) => inject({ url, headers });

describe('GET /api/v1/runs/{id}/report', () => {
  it('is a page by default, whose only style is that of its policy', async () => {
    const { statusCode, headers, body } = await get('/api/v1/runs/r1/report');
    assert.equal(statusCode, 200, body);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.match(body, /^<!doctype html>[\s\S]*<h2 id="executive-summary-title">[\s\S]*<svg /);
    const [style] = /(?<=<style>)[\s\S]*?(?=<\/style>)/.exec(body)!;
    const policy = String(headers['content-security-policy']);
    assert.ok(policy.includes(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`));
    assert.match(policy, /default-src 'none'.*; sandbox;.*frame-ancestors 'self'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.doesNotMatch(body, /<script|\sstyle=|\son\w+=/);
  });

  it('is Markdown or JSON on request, of the last finished run too', async () => {
    const md = await get('/api/v1/runs/last/report?format=md');
    assert.deepEqual([md.statusCode, md.headers['content-type']], [200, 'text/markdown; charset=utf-8']);
    assert.match(md.body, /^# Load report: /);
    const json = await get('/api/v1/runs/r1/report?format=json');
    assert.equal(json.headers['content-type'], 'application/json; charset=utf-8');
    const timeline = json.json().sections.find((s: { id: string }) => s.id === 'timeline');
    assert.ok(timeline.blocks.length > 0, 'the windows of the history are there');
  });

  it('has the errors of the other routes of the history', async () => {
    for (const [url, status, code] of [
      ['nothing/report', 404, 'RUN_UNKNOWN'],
      ['live/report', 409, 'RUN_ACTIVE'],
      ['r1/report?format=pdf', 400, 'USAGE'],
      ['r1/report?odd=1', 400, 'USAGE'],
    ] as const) {
      const reply = await get(`/api/v1/runs/${url}`);
      assert.deepEqual([reply.statusCode, reply.json().code], [status, code], url);
      assert.equal(reply.headers.etag, undefined);
    }
    const reply = await stubApp({ history: () => undefined }).inject({ url: '/api/v1/runs/r1/report' });
    assert.deepEqual([reply.statusCode, reply.json().code], [503, 'HISTORY_UNUSABLE']);
  });
});

describe('a report over the API', () => {
  /** An app whose reports are written when they are released. */
  function held() {
    const release: (() => void)[] = [];
    let written = 0;
    const app = stubApp({
      history: () => history,
      report: async (task) => {
        await new Promise<void>((done) => release.push(done));
        written++;
        return new TextEncoder().encode(JSON.stringify(task));
      },
    });
    // What inject returns begins only once it is awaited.
    const ask = async (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
    return { ask, release, written: () => written };
  }
  const turns = () => new Promise((done) => setTimeout(done, 20));

  it('is 304 with its tag without being written again, and each format has a tag of its own', async () => {
    const { ask, release, written } = held();
    const first = ask('/api/v1/runs/r1/report');
    while (release.length === 0) await turns();
    release[0]!();
    const { headers } = await first;
    assert.equal(headers['cache-control'], 'private, no-cache');
    const tag = String(headers.etag);
    for (const sent of [tag, tag.replace('W/', ''), `"x", ${tag}`, '*']) {
      const again = await ask('/api/v1/runs/last/report', { 'if-none-match': sent });
      assert.deepEqual([again.statusCode, again.body, again.headers.etag], [304, '', tag]);
    }
    const other = ask('/api/v1/runs/r1/report?format=md', { 'if-none-match': tag });
    while (release.length === 1) await turns();
    release[1]!();
    assert.deepEqual([(await other).statusCode, written()], [200, 2]);
  });

  it('is written one at a time, some wait, and more are 429', async () => {
    const { ask, release } = held();
    const all = Array.from({ length: 8 }, () => ask('/api/v1/runs/r1/report'));
    const refused: Awaited<(typeof all)[number]>[] = [];
    for (const one of all) void one.then((reply) => refused.push(reply));
    // The others are answered only once reports are released.
    while (refused.length < 2) await turns();
    for (const reply of refused)
      assert.deepEqual([reply.statusCode, reply.json().code], [429, 'TOO_MANY_REQUESTS']);
    assert.match(refused[0]!.json().detail, /reports are being written/);
    assert.equal(release.length, 1);
    for (let done = 0; done < 6; done++) {
      while (release.length <= done) await turns();
      release[done]!();
    }
    const codes = (await Promise.all(all)).map((r) => r.statusCode).toSorted((a, b) => a - b);
    assert.deepEqual(codes, [200, 200, 200, 200, 200, 200, 429, 429]);
  });

  it('that fails in its thread is an error, and the next one is written', async () => {
    const lost = stubApp({
      history: () => history,
      report: (task) => writeKeptReport({ path: `${history.path}.gone`, task }),
    });
    const reply = await lost.inject({ url: '/api/v1/runs/r1/report?format=md' });
    assert.deepEqual([reply.statusCode, reply.json().code], [503, 'HISTORY_UNUSABLE']);
    assert.equal((await get('/api/v1/runs/r1/report?format=md')).statusCode, 200);
  });
});
