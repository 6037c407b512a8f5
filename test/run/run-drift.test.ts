import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DriftReport } from '../../src/drift/watch.ts';
import { driftGauges, RunDrift } from '../../src/run/run-drift.ts';
import { observe } from '../core/observe.ts';
import { randoms } from '../drift/noise.ts';
import { configOf, LAYOUT, target } from './samples.ts';

const SECOND = 1000;
const CONFIG = configOf([
  target('a'),
  target('b', { memory: { prometheus: 'http://127.0.0.1:9090/', query: 'x' } }),
]);

interface Made {
  readonly seconds: number;
  /** TTFB of a stream that starts at this second, before noise, ms. */
  readonly ttfbMs: (second: number) => number;
  readonly loadOf?: (second: number) => number;
  readonly rssBytes?: (second: number) => number;
}

/** A run of two targets, told second by second: twenty streams a second of each. */
async function carryOut({ seconds, ttfbMs, loadOf = () => 100, rssBytes }: Made) {
  const random = randoms(7)(1);
  const noise = () => Array.from({ length: 12 }, random).reduce((sum, r) => sum + r, -6);
  let second = 0;
  const drift = new RunDrift({
    config: CONFIG,
    targets: ['a', 'b'],
    durationMs: seconds * SECOND,
    rssBytes: () => 2 ** 27,
    targetRssBytes: () => rssBytes?.(second),
  });
  const values = new Float64Array(LAYOUT.size);
  const lives: number[] = [];
  for (; second <= seconds; second++) {
    for (const { cell, histogram } of LAYOUT.slots) {
      for (let i = 0; i < 20; i++) observe(values, histogram.ttfb, ttfbMs(second) + 25 * noise());
      values[cell['finished:complete']]! += 20;
    }
    drift.add({
      atMs: 1e6 + second * SECOND,
      layout: LAYOUT,
      values: values.slice(),
      load: [loadOf(second), loadOf(second)],
      suspectWindows: 0,
    });
    // A look is made in parts, in between.
    await new Promise(setImmediate);
    lives.push(drift.live.length);
  }
  return { report: drift.finish(), drift, lives };
}

const signals = ({ drifts }: DriftReport) => drifts.map((d) => `${d.target} ${d.signal}`).sort();

/** 50 ms an hour over 200 minutes, scaled into 20 minutes: ten times as steep. */
const leak = (second: number) => 1100 + (500 * second) / 3600;

describe('drift of a run', () => {
  it('finds a leak in what was counted second by second, with its slope and when it reaches the limit', async () => {
    const { report } = await carryOut({ seconds: 1200, ttfbMs: leak });
    assert.deepEqual(signals(report), ['a ttfb-p50', 'a ttfb-p95', 'b ttfb-p50', 'b ttfb-p95']);
    for (const { slopePerHour, signal, limit, reachesLimitInHours } of report.drifts) {
      assert.ok(Math.abs(slopePerHour - 500) <= 50, `${signal} climbs ${slopePerHour}`);
      assert.equal(limit, 2500);
      assert.ok(reachesLimitInHours! > 2 && reachesLimitInHours! < 3);
    }
  });

  it('finds nothing where nothing climbs', async () => {
    const { report } = await carryOut({ seconds: 1200, ttfbMs: () => 1100 });
    assert.deepEqual(signals(report), []);
    assert.ok(report.judged >= 6);
  });

  it('does not take a load that grows for a leak', async () => {
    const { report } = await carryOut({ seconds: 1200, ttfbMs: leak, loadOf: (s) => 100 + s });
    assert.deepEqual(signals(report), []);
    assert.equal(report.judged, 0);
  });

  it('leaves out a pause', async () => {
    const paused = (s: number) => s > 500 && s < 560;
    const { report } = await carryOut({
      seconds: 1200,
      ttfbMs: (s) => (paused(s) ? 5000 : leak(s)),
      loadOf: (s) => (paused(s) ? 0 : 100),
    });
    const p50 = report.drifts.find((d) => d.signal === 'ttfb-p50' && d.target === 'a');
    assert.ok(Math.abs(p50!.slopePerHour - 500) <= 50);
  });

  it('follows the memory of a target that tells it', async () => {
    const { report } = await carryOut({
      seconds: 1200,
      ttfbMs: () => 1100,
      rssBytes: (s) => 4e8 + 1e5 * s,
    });
    assert.deepEqual(signals(report), ['b target-rss']);
    const { slopePerHour } = report.drifts[0]!;
    assert.ok(Math.abs(slopePerHour - 3.6e8) <= 3.6e7);
  });
});

describe('gauges of drift', () => {
  it('are there for each target and figure, 0 but for what climbs, in base units', async () => {
    const { report } = await carryOut({ seconds: 600, ttfbMs: (s) => 1100 + s });
    const idle = driftGauges(CONFIG, []);
    assert.deepEqual(
      idle.map(({ target: t, signal, perHour }) => [t, signal, perHour]),
      [
        ...['ttfb-p95', 'ttfb-p50', 'gap-p95', 'failure-ratio'].map((s) => ['a', s, 0]),
        ...['ttfb-p95', 'ttfb-p50', 'gap-p95', 'failure-ratio', 'target-rss'].map((s) => ['b', s, 0]),
        [null, 'generator-rss', 0],
      ],
    );
    const live = driftGauges(CONFIG, report.drifts).find((g) => g.target === 'a' && g.signal === 'ttfb-p50');
    assert.ok(Math.abs(live!.perHour - 3.6) < 0.36, `${live!.perHour} s an hour`);
  });

  it('show what climbs while the run goes on', async () => {
    const { lives } = await carryOut({ seconds: 1200, ttfbMs: leak });
    assert.equal(lives[300], 0, 'too early to say');
    assert.equal(lives.at(-1), 4);
  });

  it('show nothing once the run is over', async () => {
    assert.deepEqual((await carryOut({ seconds: 600, ttfbMs: (s) => 1100 + s })).drift.live, []);
  });
});
