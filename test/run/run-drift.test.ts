import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Drift } from '../../src/drift/drift.ts';
import type { DriftReport } from '../../src/drift/watch.ts';
import { driftGauges, RunDrift } from '../../src/run/run-drift.ts';
import { observe } from '../../support/core/observe.ts';
import { randoms } from '../../support/drift/noise.ts';
import { configOf, LAYOUT, target } from '../../support/run/samples.ts';

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
  /** Until which second target a alone is loaded, then b alone. */
  readonly turnEndsAt?: number;
  /** Memory of target b. */
  readonly rssBytes?: (second: number) => number;
  readonly ownRssBytes?: (second: number) => number;
  /** Whether every thread of soakd has settled. */
  readonly settled?: (second: number) => boolean;
  /** Second at which the process is killed; another one continues 30 s later, with a clock of its own. */
  readonly killedAt?: number;
}

/** A run of two targets, told second by second: twenty streams a second of each. */
async function carryOut({
  seconds,
  ttfbMs,
  loadOf = () => 100,
  turnEndsAt,
  rssBytes,
  ownRssBytes = () => 2 ** 27,
  settled = () => true,
  killedAt,
}: Made) {
  const random = randoms(7)(1);
  const noise = () => Array.from({ length: 12 }, random).reduce((sum, r) => sum + r, -6);
  let second = 0;
  const make = () =>
    new RunDrift({
      config: CONFIG,
      targets: ['a', 'b'],
      durationMs: (turnEndsAt ?? seconds) * SECOND,
      isSequence: turnEndsAt !== undefined,
      rssBytes: () => ownRssBytes(second),
      settled: () => settled(second),
      targetRssBytes: () => rssBytes?.(second),
    });
  let drift = make();
  let clockMs = 1e6;
  const values = new Float64Array(LAYOUT.size);
  const lives: number[] = [];
  for (; second <= seconds; second++) {
    for (const { cell, histogram } of LAYOUT.slots) {
      for (let i = 0; i < 20; i++) observe(values, histogram.ttfb, ttfbMs(second) + 25 * noise());
      values[cell['finished:complete']]! += 20;
    }
    drift.add({
      atMs: clockMs + second * SECOND,
      layout: LAYOUT,
      values: values.slice(),
      load: [0, 1].map((t) =>
        turnEndsAt === undefined || second < turnEndsAt === (t === 0) ? loadOf(second) : 0,
      ),
      unreliableWindows: 0,
    });
    // A look is made in parts, in between.
    await new Promise(setImmediate);
    lives.push(drift.live.length);
    if (second !== killedAt) continue;
    const kept = structuredClone(drift.state);
    drift = make();
    drift.restore(kept, 7e6 + 30 * SECOND - clockMs);
    clockMs = 7e6 + 30 * SECOND;
  }
  return { report: drift.finish(), drift, lives };
}

const signals = ({ drifts }: DriftReport) => drifts.map((d) => `${d.target} ${d.signal}`).sort();

/** 50 ms an hour over 200 minutes, scaled into 20 minutes: ten times as steep. */
const leak = (second: number) => 1100 + (500 * second) / 3600;

describe('drift of a run', () => {
  it('continues in another process after a kill', async () => {
    const { report, lives } = await carryOut({ seconds: 1200, ttfbMs: leak, killedAt: 905 });
    assert.deepEqual(signals(report), ['a ttfb-p50', 'a ttfb-p95', 'b ttfb-p50', 'b ttfb-p95']);
    for (const { slopePerHour, signal, n } of report.drifts) {
      assert.ok(Math.abs(slopePerHour - 500) <= 50, `${signal} climbs ${slopePerHour}`);
      assert.ok(n >= 110, `${n} windows`);
    }
    assert.ok(lives[905]! > 0, 'a drift before the kill');
    assert.equal(lives[907], lives[905], 'the same after it');
  });

  it('finds a leak in what was counted second by second, with its slope and when it reaches the limit', async () => {
    const { report } = await carryOut({ seconds: 1200, ttfbMs: leak });
    assert.deepEqual(signals(report), ['a ttfb-p50', 'a ttfb-p95', 'b ttfb-p50', 'b ttfb-p95']);
    for (const { slopePerHour, signal, limit, reachesLimitInHours } of report.drifts) {
      assert.ok(Math.abs(slopePerHour - 500) <= 50, `${signal} climbs ${slopePerHour}`);
      assert.equal(limit, 2500);
      assert.ok(reachesLimitInHours! > 2 && reachesLimitInHours! < 3);
    }
  });

  it('evaluates each target of a sequence by its own turn', async () => {
    // Both leak from the start of the run on, and each is loaded in one half of it.
    const { report, lives } = await carryOut({ seconds: 2400, ttfbMs: leak, turnEndsAt: 1200 });
    assert.deepEqual(signals(report), ['a ttfb-p50', 'a ttfb-p95', 'b ttfb-p50', 'b ttfb-p95']);
    for (const { slopePerHour, signal, n } of report.drifts) {
      assert.ok(Math.abs(slopePerHour - 500) <= 60, `${signal} climbs ${slopePerHour}`);
      assert.ok(n <= 120, `${n} windows`);
    }
    assert.ok(lives[1150]! > 0);
    // That of a is shown in its turn alone, and b has not been loaded for long.
    assert.equal(lives[1300], 0);
  });

  it('does not evaluate a turn that is too short, however long the run is', async () => {
    const { report } = await carryOut({ seconds: 1000, ttfbMs: leak, turnEndsAt: 500 });
    assert.deepEqual(signals(report), []);
    // The generator alone: its load is that of the target whose turn it is.
    assert.equal(report.evaluated, 1);
  });

  it('finds nothing where nothing climbs', async () => {
    const { report } = await carryOut({ seconds: 1200, ttfbMs: () => 1100 });
    assert.deepEqual(signals(report), []);
    assert.ok(report.evaluated >= 6);
  });

  it('does not take a load that grows for a leak', async () => {
    const { report } = await carryOut({ seconds: 1200, ttfbMs: leak, loadOf: (s) => 100 + s });
    assert.deepEqual(signals(report), []);
    assert.equal(report.evaluated, 0);
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

/** Everything gets worse, in every shape there is. */
const ALL_BAD: Omit<Made, 'seconds'> = {
  ttfbMs: (s) => 1100 + 2 * s,
  rssBytes: (s) => 4e8 + 1e8 * Math.floor(s / 100),
  ownRssBytes: (s) => 1e8 + 1e6 * s,
};

describe('the first ten minutes after the warm-up', () => {
  it('report nothing, of whatever signal and in whatever shape, neither live nor at the end', async () => {
    const { report, lives } = await carryOut({ seconds: 590, ...ALL_BAD });
    assert.deepEqual(report, { drifts: [], periodic: [], evaluated: 0, notEvaluated: 10 });
    assert.equal(Math.max(...lives), 0);
    const swinging = (s: number) => (s % 40 < 20 ? 1000 : 2000);
    assert.deepEqual((await carryOut({ seconds: 590, ttfbMs: swinging })).report.periodic, []);
    const longer = await carryOut({ seconds: 600, ttfbMs: swinging });
    assert.ok(longer.report.periodic.length > 0, 'the same is reported of a longer run');
  });

  it('are enough: a run of ten minutes is judged', async () => {
    const { report } = await carryOut({ seconds: 600, ...ALL_BAD });
    assert.deepEqual(signals(report), [
      'a ttfb-p50',
      'a ttfb-p95',
      'b target-rss',
      'b ttfb-p50',
      'b ttfb-p95',
    ]);
  });

  it('are time under load: draining makes no short run a long one', async () => {
    const { report } = await carryOut({ seconds: 900, ...ALL_BAD, loadOf: (s) => (s < 590 ? 100 : 0) });
    assert.deepEqual([report.drifts, report.evaluated], [[], 0]);
  });
});

describe('memory of soakd', () => {
  /** Grows by half until the heaps have settled, and stays. */
  const settling = (s: number) => 2e8 + 1e5 * Math.min(s, 1000);

  it('is followed from where every thread has settled', async () => {
    const made = { seconds: 2400, ttfbMs: () => 1100, ownRssBytes: settling };
    const { report } = await carryOut({ ...made, settled: (s) => s >= 1000 });
    assert.deepEqual(signals(report), []);
    const { report: from0 } = await carryOut({ ...made, seconds: 1000 });
    assert.deepEqual(signals(from0), ['null generator-rss'], 'what it would be taken for');
  });

  it('is not judged within ten minutes from there', async () => {
    const made = {
      ttfbMs: () => 1100,
      ownRssBytes: (s: number) => 1e8 + 1e6 * s,
      settled: (s: number) => s > 300,
    };
    assert.deepEqual(signals((await carryOut({ ...made, seconds: 890 })).report), []);
    assert.deepEqual(signals((await carryOut({ ...made, seconds: 930 })).report), ['null generator-rss']);
  });

  it('is not judged where a thread never settles, and all else is', async () => {
    const { report } = await carryOut({ seconds: 2400, ...ALL_BAD, settled: () => false });
    assert.deepEqual(
      signals(report).filter((s) => s.startsWith('null')),
      [],
    );
    assert.equal(report.drifts.length, 5);
  });

  it('starts over where a thread is replaced, whose heap has to settle again', async () => {
    // The new thread has a heap of another size, and the leak continues.
    const { report } = await carryOut({
      seconds: 3600,
      ttfbMs: () => 1100,
      ownRssBytes: (s) => (s < 1100 ? 2e8 : 3e8) + 2e4 * s,
      settled: (s) => s < 1100 || s > 1200,
    });
    assert.deepEqual(signals(report), ['null generator-rss']);
    const [{ sinceMs, slopePerHour }] = report.drifts as [Drift];
    assert.ok(sinceMs >= 1e6 + 1200 * SECOND, 'nothing of what was before is in it');
    assert.ok(Math.abs(slopePerHour / 7.2e7 - 1) < 0.1, `${slopePerHour}`);
  });

  it('that leaks once every thread has settled is found, with its slope', async () => {
    const { report } = await carryOut({
      seconds: 2400,
      ttfbMs: () => 1100,
      ownRssBytes: (s) => settling(s) + 2e4 * Math.max(0, s - 300),
      settled: (s) => s >= 1000,
    });
    assert.deepEqual(signals(report), ['null generator-rss']);
    assert.ok(Math.abs(report.drifts[0]!.slopePerHour / 7.2e7 - 1) < 0.1);
  });
});

describe('gauges of drift', () => {
  it('are there for each target and figure, 0 but for what climbs, in base units', async () => {
    const { report } = await carryOut({ seconds: 600, ttfbMs: (s) => 1100 + s });
    const idle = driftGauges(CONFIG, []);
    assert.deepEqual(
      idle.map(({ target: t, signal, unit, perHour }) => [t, signal, unit, perHour]),
      [
        ...['a', 'b'].flatMap((t) => [
          [t, 'ttfb-p95', 'ms', 0],
          [t, 'ttfb-p50', 'ms', 0],
          [t, 'gap-p95', 'ms', 0],
          [t, 'failure-ratio', 'ratio', 0],
          ...(t === 'b' ? [[t, 'target-rss', 'bytes', 0]] : []),
        ]),
        [null, 'generator-rss', 'bytes', 0],
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
