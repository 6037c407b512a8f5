import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../src/core/random.ts';
import type { Drift } from '../../src/drift/drift.ts';
import { driftText } from '../../src/drift/text.ts';
import { RunDrift } from '../../src/run/run-drift.ts';
import { healthyMemory, RECORDED, type ReplayedMemory } from '../../support/drift/memory-series.ts';
import { configOf, LAYOUT, target } from '../../support/run/samples.ts';

const REPLAYS = 500;
const MINUTES = [1, 2, 5, 10, 12, 15, 20, 30, 45, 60] as const;
const CONFIG = configOf([target('a')]);
const VALUES = new Float64Array(LAYOUT.size);
const MIB = 2 ** 20;

interface Replayed {
  /** Second at which the first drift was shown while the run went on. */
  readonly liveAt: number | undefined;
  readonly drifts: readonly Drift[];
  readonly evaluated: number;
}

/** Feeds memory to the drift of a run as a runner does, once a second. @param settledAt absent: that never came */
async function replay({
  rss,
  settledAt = Number.POSITIVE_INFINITY,
}: {
  rss: Float64Array;
  settledAt?: number;
}): Promise<Replayed> {
  let second = 0;
  let liveAt: number | undefined;
  const drift = new RunDrift({
    config: CONFIG,
    targets: ['a'],
    durationMs: rss.length * 1000,
    rssBytes: () => rss[second]!,
    settled: () => second >= settledAt,
    targetRssBytes: () => undefined,
  });
  for (; second < rss.length; second++) {
    drift.add({
      atMs: 1e6 + second * 1000,
      layout: LAYOUT,
      values: VALUES,
      load: [50, 0],
      unreliableWindows: 0,
    });
    // A poll is made in parts, in between.
    if (second % 10 === 0) await new Promise(setImmediate);
    if (drift.live.length > 0) liveAt ??= second;
  }
  const { drifts, evaluated } = drift.finish();
  return { liveAt, drifts, evaluated };
}

function leaking({ rss, settledAt }: ReplayedMemory, mibPerHour: number): ReplayedMemory {
  return { rss: rss.map((bytes, second) => bytes + (mibPerHour * MIB * second) / 3600), settledAt };
}

describe('memory of soakd in healthy runs', () => {
  for (const [file, { rssKibibytes, settledAt }] of Object.entries(RECORDED)) {
    it(`as it was recorded reports no drift: ${file}`, async () => {
      const rss = Float64Array.from(rssKibibytes, (kibibytes) => kibibytes * 1024);
      const { liveAt, drifts } = await replay({ rss, ...(settledAt === null ? {} : { settledAt }) });
      assert.deepEqual([liveAt, drifts.map(driftText)], [undefined, []]);
    });
  }

  it(`replayed ${REPLAYS} times, for a minute to an hour, reports no drift, live or at the end`, async () => {
    const alarms: string[] = [];
    let evaluated = 0;
    for (let seed = 0; seed < REPLAYS; seed++) {
      const minutes = MINUTES[seed % MINUTES.length]!;
      const replayed = await replay(healthyMemory(minutes * 60, seededRandom(seed, 5)));
      evaluated += replayed.evaluated;
      if (replayed.liveAt !== undefined || replayed.drifts.length > 0)
        alarms.push(`seed ${seed}, ${minutes} min: ${replayed.drifts.map(driftText)}`);
    }
    assert.deepEqual(alarms, []);
    assert.ok(evaluated >= REPLAYS / 2 - 5, `those of 15 min and longer are judged, which were ${evaluated}`);
  });
});

describe('a leak in the memory of soakd', () => {
  const leaks: readonly (readonly [minutes: number, mibPerHour: number, least: number, live: number])[] = [
    [30, 1200, 4, 0],
    [60, 400, 6, 3],
    [60, 1000, 8, 4],
    [240, 50, 10, 2],
    [240, 100, 10, 10],
    [240, 200, 10, 10],
  ];
  for (const [minutes, mibPerHour, least, leastLive] of leaks) {
    it(`of ${mibPerHour} MiB an hour is found in at least ${least} of ten runs of ${minutes} min, and live in ${leastLive}`, async () => {
      const slopes: number[] = [];
      let live = 0;
      for (let seed = 0; seed < 10; seed++) {
        const made = healthyMemory(minutes * 60, seededRandom(seed, 6));
        const { drifts, liveAt } = await replay(leaking(made, mibPerHour));
        for (const { slopePerHour } of drifts) slopes.push(slopePerHour / MIB / mibPerHour);
        if (liveAt !== undefined) live++;
      }
      assert.ok(slopes.length >= least, `found in ${slopes.length}`);
      assert.ok(live >= leastLive, `live in ${live}`);
      assert.ok(
        slopes.every((s) => s > 0.75 && s < 1.35),
        `times the true slope: ${slopes.map((s) => s.toFixed(2)).join(', ')}`,
      );
    });
  }
});
