import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunEvent } from '../../src/core/control.ts';
import type { Status } from '../../src/http/status.ts';
import { BUSY, IDLE, PROGRESS, RUN, stubApp } from '../../support/http/stub.ts';
import { DRIFT, summaryOf } from '../../support/report/samples.ts';

/** What a browser without scripts shows. */
const plainPart = (html: string): string => /<main class="plain">(.*)<\/main><\/noscript>/s.exec(html)![1]!;

describe('status page', () => {
  const page = async (status: Status): Promise<string> =>
    (await stubApp({ status: () => status }).inject({ url: '/' })).body;

  it('links everything that is served', async () => {
    const { inject } = stubApp();
    const html = (await inject({ url: '/' })).body;
    const links = [...html.matchAll(/<a href="([^"]+)"/g)].map((m) => m[1]!);
    for (const url of ['/metrics', '/api/v1/status', '/api/v1/docs', '/-/healthy', '/-/ready'])
      assert.ok(links.includes(url), url);
    for (const url of links) assert.equal((await inject({ url })).statusCode, 200, url);
  });

  it('says what there is when nothing runs', async () => {
    const html = await page(IDLE);
    for (const text of ['No run is active', 'demo, night', 'http://127.0.0.1:8000/?…', 'soakd: idle'])
      assert.ok(html.includes(text), text);
  });

  it('shows the present run and the last', async () => {
    const verdicts = [
      {
        threshold: 'success-rate',
        target: 'a',
        result: 'fail',
        observed: 0.5,
        limit: 0.99,
        unit: 'ratio',
        op: '<',
        count: 2,
        required: 1,
        crossed: [],
      },
    ] as const;
    const html = await page({
      ...BUSY,
      last: summaryOf({ verdict: 'fail', verdicts }, { started: 600, 'finished:complete': 500 }, {}, DRIFT),
    });
    for (const text of [
      'run-1, scenario demo, stage 2 of 3',
      '20s, 40s left',
      '<progress max="1" value="0.333">',
      '<b>1,234</b> / 1,250',
      'p50 <b>812ms</b> · p95 <b>1.23s</b>',
      'a: 1,234 / 1,250 active, TTFB p95 1.23s, 2 failed',
      '<b>99.99 %</b>, 2 failed',
      '<b class="fail">fail</b>',
      '1,200 started, 1,000 succeeded',
      'success-rate on a: fail',
      'a: TTFB p95 has an upward trend of 42 ms an hour (95 % interval 35–49), reaches 2.5 s in 11 h',
    ]) {
      assert.ok(html.includes(text), `${text}\nis not in\n${html}`);
    }
  });

  it('says that a run is paused, and what was done to it last', async () => {
    const events: RunEvent[] = Array.from({ length: 9 }, (_, i) => ({
      at: Date.UTC(2026, 0, 1, 12, 0, i),
      action: 'set',
      by: `token-${i}`,
      detail: `${i} users`,
    }));
    const paused = { ...RUN, state: 'paused', events, progress: { ...PROGRESS, state: 'paused' } } as const;
    const html = await page({ ...BUSY, state: 'paused', run: paused });
    assert.match(html, /<b class="paused">paused<\/b>, 40s left/);
    assert.ok(html.includes('12:00:08</time> UTC: set (token-8): 8 users<br>'));
    const shown = [...html.matchAll(/set \(token-(\d)\)/g)].map((m) => m[1]);
    assert.deepEqual(shown, ['8', '7', '6', '5', '4'], 'the latest first');
    assert.doesNotMatch(plainPart(html), /<script|<button|<form|<input/);
  });

  it('shows no odd figures of a run that has only begun', async () => {
    const nothing = {
      ...PROGRESS,
      elapsedMs: 0,
      done: 0,
      active: 0,
      desired: 0,
      ttfbP50Ms: null,
      ttfbP95Ms: null,
      success: null,
      chunksPerSecond: 0,
      measurementErrorMs: null,
      targets: [{ ...PROGRESS.targets[0]!, ttfbP95Ms: null }],
    };
    const html = await page({ ...BUSY, run: { ...RUN, progress: nothing } });
    assert.doesNotMatch(html, /NaN|undefined|null|Infinity/);
  });

  it('shows the history only where a run is not kept', async () => {
    assert.doesNotMatch(await page(BUSY), /<th>history/);
    const failing = { path: '/data/history.db', sizeBytes: 4096, failing: 'database or disk is full' };
    const html = await page({ ...BUSY, history: failing });
    const row =
      '<b class="fail">cannot be written</b>: database or disk is full (/data/history.db); soakd tries again';
    assert.ok(html.includes(row), html);
    assert.match(await page({ ...IDLE, history: null }), /none is kept: a restart ends an active run/);
  });

  it('lets no name become a part of the page', async () => {
    const hostile = `</td><script>alert(1)</script><img src=x onerror="alert('2')">&amp;`;
    const verdicts = [
      {
        threshold: hostile,
        target: hostile,
        result: 'pass',
        observed: 1,
        limit: 0.99,
        unit: 'ratio',
        op: '<',
        count: 2,
        required: 1,
        crossed: [],
      },
    ] as const;
    const html = await page({
      version: hostile,
      state: 'running',
      run: {
        ...RUN,
        id: hostile,
        scenario: hostile,
        events: RUN.events.map((e) => ({ ...e, by: hostile, detail: hostile })),
        progress: { ...PROGRESS, targets: [{ ...PROGRESS.targets[0]!, name: hostile }] },
      },
      last: summaryOf({ id: hostile, scenario: hostile, verdicts }),
      scenarios: [hostile, hostile],
      schedules: IDLE.schedules.map((s) => ({ ...s, name: hostile, scenario: hostile })),
      history: { path: hostile, sizeBytes: 0, failing: hostile },
      targets: [{ name: hostile, url: `http://127.0.0.1/${hostile}`, format: hostile }],
    });
    assert.doesNotMatch(plainPart(html), /<script|<img|onerror="|alert\('/);
    assert.ok(html.includes('&#60;script&#62;alert(1)&#60;/script&#62;'));
    assert.ok(html.includes('&#38;amp;'));
    const tags = (text: string): string[] => [...text.matchAll(/<\/?(\w+)/g)].map((m) => m[0]);
    const harmless = await page({
      ...BUSY,
      scenarios: ['a', 'b'],
      history: { path: 'p', sizeBytes: 0, failing: 'f' },
      last: summaryOf({ verdicts: [{ ...verdicts[0], threshold: 't', target: 'a' }] }),
    });
    assert.deepEqual(tags(html), tags(harmless));
  });

  it('has no inline script or style, which its content security policy forbids', async () => {
    const { headers, body } = await stubApp().inject({ url: '/' });
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.doesNotMatch(body, /<style|style="|<script(?! type="module" src="\/assets\/)|\son\w+=/);
  });
});
