import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outageText } from '../../src/run/outage-text.ts';
import { downSince, failingSince, healthOf, type Known } from '../../src/web/health.ts';
import type { LiveThreshold } from '../../src/web/wire.ts';
import { summaryOf } from '../../support/report/samples.ts';
import { busy, idle, START_MS, targetWindow, windowOf } from './samples.ts';

const at = (n: number): string => new Date(START_MS + n * 10_000).toISOString();

const CROSSED: LiveThreshold = {
  threshold: 'ttfb-p95',
  target: 'a',
  measure: 'ttfb',
  statistic: 'p95',
  limit: 2500,
  unit: 'ms',
  op: '>',
  severity: 'warning',
  state: 'crossed',
  observed: 0.2,
  abort: false,
  text: 'TTFB p95 is above 2.5s',
  action: 'Check the pool.',
  crossings: [
    { fromAt: at(0), toAt: at(1), worst: 0.1 },
    { fromAt: at(3), worst: 0.2 },
  ],
};

const known = (of: Partial<Known> = {}): Known => ({
  status: busy,
  thresholds: null,
  windows: [],
  failures: [],
  ...of,
});

describe('health of the page', () => {
  it('says that it is healthy since the start of a run without failures', () => {
    const health = healthOf(known({ windows: [0, 1, 2].map((n) => windowOf(n, [targetWindow('a')])) }));
    assert.equal(health.level, 'ok');
    assert.equal(health.word, 'Healthy');
    assert.equal(health.sinceAt, busy.run!.startedAt);
    assert.deepEqual(health.issues, []);
  });

  it('is healthy only since the last failing window ended', () => {
    const windows = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) =>
      windowOf(n, [targetWindow('a', n === 1 ? { failed: 9 } : {})]),
    );
    const health = healthOf(known({ windows }));
    assert.equal(health.level, 'ok');
    assert.equal(health.sinceAt, at(2));
  });

  it('names the target, the time and the action of a crossed threshold', () => {
    const health = healthOf(known({ thresholds: [CROSSED] }));
    assert.equal(health.level, 'bad');
    assert.equal(health.reason, 'a: TTFB p95 is above 2.5s');
    assert.equal(health.sinceAt, at(3));
    assert.equal(health.issues[0]!.action, 'Check the pool.');
  });

  it('says that a run ends early where a threshold aborts it', () => {
    const health = healthOf(known({ thresholds: [{ ...CROSSED, abort: true }] }));
    assert.match(health.issues[0]!.action, /ends early/);
  });

  it('reports failing streams before any threshold is crossed', () => {
    const windows = [0, 1, 2].map((n) =>
      windowOf(n, [targetWindow('a', { success: 15, failed: n === 0 ? 0 : 5 })]),
    );
    const failures = [{ id: 'x', target: 'a', outcome: 'http_error', startedAt: at(2), durationMs: 5 }];
    const health = healthOf(known({ windows, failures }));
    assert.equal(health.level, 'bad');
    assert.equal(health.reason, 'a: 10 of 55 streams failed in the last minute, latest: http_error');
    assert.equal(health.sinceAt, at(1));
    assert.match(health.issues[0]!.action, /status below/);
  });

  it('takes one failure of two for a warning, and one of a thousand for none', () => {
    const level = (success: number, failed: number) =>
      healthOf(known({ windows: [windowOf(0, [targetWindow('a', { success, failed })])] })).level;
    assert.equal(level(1, 1), 'warn');
    assert.equal(level(999, 1), 'ok');
    assert.equal(level(17, 3), 'bad');
  });

  it('warns of silent streams and of unreliable timings', () => {
    const windows = [windowOf(0, [targetWindow('a', { stalled: 2 })], 1)];
    const texts = healthOf(known({ windows })).issues.map(({ text }) => text);
    assert.deepEqual(texts, [
      '2 open streams are silent',
      'soakd itself was late in the last minute, so timings are unreliable',
    ]);
  });

  it('says when a run was paused', () => {
    const run = {
      ...busy.run!,
      state: 'paused',
      events: [...busy.run!.events, { at: at(4), action: 'pause', by: 'local', detail: '' }],
    } as NonNullable<Known['status']['run']>;
    const health = healthOf(known({ status: { ...busy, state: 'paused', run } }));
    assert.equal(health.level, 'paused');
    assert.equal(health.sinceAt, at(4));
  });

  it('says the verdict of the previous run while nothing runs', () => {
    for (const [verdict, level, word] of [
      ['pass', 'ok', 'passed'],
      ['fail', 'bad', 'failed'],
      ['inconclusive', 'warn', 'inconclusive'],
      ['aborted', 'warn', 'stopped early'],
    ] as const) {
      const last = { ...summaryOf({}), verdict, verdictReason: 'because' };
      const health = healthOf(known({ status: { ...idle, last } }));
      assert.equal(health.level, level);
      assert.equal(health.word, `Nothing runs. Previous run: ${word}`);
      assert.equal(health.reason, 'because');
    }
  });

  it('names what to do with an empty history, and one that cannot be written', () => {
    assert.match(healthOf(known({ status: idle })).reason, /start one under Control/);
    const history = { path: '/data/history.db', sizeBytes: 0, failing: 'disk is full' };
    const health = healthOf(known({ status: { ...idle, history } }));
    assert.equal(health.issues[0]!.text, 'the history cannot be written: disk is full');
  });
});

describe('start of failing', () => {
  const outage = {
    target: 'a',
    fromAt: Date.parse(at(0)) + 3210,
    toAt: Date.parse(at(2)),
    outcomes: { reset: 4 },
  };
  const noted = (kind: 'began' | 'ended', target = 'a') => ({
    at: at(2),
    action: 'outage' as const,
    by: 'soakd',
    detail: outageText({ kind, outage: { ...outage, target } }),
  });

  it('is that of the outage while the target is down, to the millisecond', () => {
    const run = { ...busy.run!, events: [noted('ended'), noted('began'), noted('ended', 'a b')] };
    const windows = [0, 1].map((n) => windowOf(n, [targetWindow('a', { success: 0, failed: 5 })]));
    const since = new Date(outage.fromAt).toISOString();
    assert.equal(healthOf(known({ status: { ...busy, run }, windows })).sinceAt, since);
    assert.equal(downSince(run.events, 'a'), since);
    assert.equal(downSince([...run.events, noted('ended')], 'a'), null);
    assert.equal(downSince(run.events, 'b'), null);
  });

  it('says down in place of limits of success while an outage lasts, with what to do about its outcome', () => {
    const run = { ...busy.run!, events: [noted('began')] };
    const failures = [{ id: 'x', target: 'a', outcome: 'connect_error', startedAt: at(2), durationMs: 5 }];
    const thresholds = [{ ...CROSSED, measure: 'success', text: 'success rate is below 95 %' }];
    const health = healthOf(known({ status: { ...busy, run }, thresholds, failures }));
    assert.equal(health.reason, 'a: down: no stream succeeds, latest: connect_error');
    assert.equal(health.issues.length, 1);
    assert.match(health.issues[0]!.action, /runs and listens/);
  });

  it('says of a limit of success whose target succeeds again that nothing is to be done', () => {
    const thresholds = [{ ...CROSSED, measure: 'success', text: 'success rate is below 95 %' }];
    const level = (failed: number) =>
      healthOf(
        known({ thresholds, windows: [0, 1, 2].map((n) => windowOf(n, [targetWindow('a', { failed })])) }),
      );
    assert.equal(level(0).level, 'warn');
    assert.match(level(0).reason, /below 95 % in the window of its alert, but all streams succeed again/);
    assert.equal(level(1).level, 'bad');
  });

  it('is the first of the latest failing windows, over windows in which nothing ended', () => {
    const counts = [{}, { failed: 5 }, { success: 0 }, { failed: 5 }];
    const windows = counts.map((of, n) => windowOf(n, [targetWindow('a', of)]));
    assert.equal(failingSince(windows, 'a'), at(1));
    assert.equal(failingSince(windows.slice(0, 1), 'a'), null);
  });
});
