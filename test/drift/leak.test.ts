import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { driftText } from '../../src/drift/text.ts';
import { carryOut, LEVELS, type Made, MINUTE_MS, STREAMS } from '../../support/drift/made-run.ts';
import { ar, failures, NOISES, randoms } from '../../support/drift/noise.ts';
import { ttfbWindows } from '../../support/drift/ttfb-windows.ts';

const PER_HOUR = 50;
/** 100 users, answers of 32 s. */
const STREAMS_A_MINUTE = 187;

describe('a leak of 50 ms an hour in lognormal TTFB of 1.1 s', () => {
  it('is found within 10 % after four hours, and live long before', () => {
    for (let seed = 0; seed < 5; seed++) {
      const made = ttfbWindows(240, STREAMS_A_MINUTE, randoms(seed)(1), (i) => (PER_HOUR * i) / 60);
      const { lives, report } = carryOut(made);
      assert.deepEqual(report.drifts.map((d) => [d.signal, d.kind]).sort(), [
        ['ttfb-p50', 'trend'],
        ['ttfb-p95', 'trend'],
      ]);
      for (const drift of report.drifts) {
        const { slopePerHour, interval, reachesLimitInHours, level } = drift;
        assert.ok(Math.abs(slopePerHour - PER_HOUR) <= 5, `seed ${seed}: ${driftText(drift)}`);
        assert.ok(interval[0] > 40 && interval[0] < slopePerHour && slopePerHour < interval[1]);
        assert.ok(interval[1] < 60);
        assert.ok(Math.abs(reachesLimitInHours! - (2500 - level) / slopePerHour) < 1e-9);
        assert.ok(drift.n >= 180 && drift.p < 1e-6);
      }
      const first = lives[0];
      assert.ok(first !== undefined && first.windows <= 160, `seed ${seed}: live after ${first?.windows}`);
    }
  });

  it('is the same leak in a run 60 times as short, with windows of a second', () => {
    const made = ttfbWindows(240, STREAMS_A_MINUTE, randoms(1)(1), (i) => (PER_HOUR * i) / 60);
    const { report } = carryOut(made, 1000);
    const p95 = report.drifts.find((d) => d.signal === 'ttfb-p95')!;
    assert.ok(Math.abs(p95.slopePerHour / 60 - PER_HOUR) <= 5, `${p95.slopePerHour}`);
  });

  it('is found among windows that remember, and those of other signals', () => {
    const n = 480;
    const random = randoms(3);
    const noisy = ar(0.8)(n, random(1)).map((v, i) => 1350 * (1 + 0.02 * v) + (PER_HOUR * i) / 60);
    const others: Made = {
      'ttfb-p50': ar(0.4)(n, random(2)).map((v) => 1100 * (1 + 0.02 * v)),
      'generator-rss': NOISES.sawtooth(n, random(3)).map((v) => LEVELS['generator-rss'] * (1 + 0.02 * v)),
    };
    const { report } = carryOut({ ...others, 'ttfb-p95': noisy });
    assert.deepEqual(
      report.drifts.map((d) => [d.target, d.signal, d.kind]),
      [['a', 'ttfb-p95', 'trend']],
    );
  });
});

describe('other leaks', () => {
  it('memory: 6 MiB an hour, with a collector at work', () => {
    const made = NOISES.sawtooth(480, randoms(1)(1)).map(
      (v, i) => LEVELS['target-rss'] * (1 + 0.005 * v) + (6 * 2 ** 20 * i) / 60,
    );
    const [drift] = carryOut({ 'target-rss': made }).report.drifts;
    assert.ok(drift !== undefined && Math.abs(drift.slopePerHour / 2 ** 20 - 6) < 0.6, JSON.stringify(drift));
    assert.equal(drift.reachesLimitInHours, null, 'without a limit');
  });

  it('failures: from none to 1 % within eight hours', () => {
    const random = randoms(1);
    const made = new Float64Array(480).map((_, i) => failures(1, random(i), (0.01 * i) / 480, STREAMS)[0]!);
    const [drift] = carryOut({ 'failure-ratio': made }).report.drifts;
    assert.equal(drift?.kind, 'trend');
    assert.ok(Math.abs(drift.slopePerHour * 8 - 0.01) < 0.002, JSON.stringify(drift));
  });

  it('one that begins after five of eight hours, with where it began', () => {
    const made = ar(0.3)(480, randoms(2)(1)).map((v, i) => 1350 * (1 + 0.02 * v) + 2 * Math.max(0, i - 300));
    const [drift] = carryOut({ 'ttfb-p95': made }).report.drifts;
    assert.ok(drift !== undefined && drift.sinceMs >= 235 * MINUTE_MS, JSON.stringify(drift));
    assert.ok(drift.slopePerHour > 60 && drift.slopePerHour < 130);
  });

  it('one in a run of six days, in the memory of 512 windows', () => {
    const n = 6 * 1440;
    const made = ar(0.5)(n, randoms(2)(1)).map((v, i) => 1350 * (1 + 0.02 * v) + (8 * i) / 1440);
    const [drift] = carryOut({ 'ttfb-p95': made }).report.drifts;
    // 8 ms a day is beneath what is worth a word; 200 are not.
    assert.equal(drift, undefined);
    const more = made.map((v, i) => v + (192 * i) / 1440);
    const [found] = carryOut({ 'ttfb-p95': more }).report.drifts;
    assert.ok(found !== undefined && Math.abs(found.slopePerHour - 200 / 24) < 0.1, JSON.stringify(found));
  });
});

describe('a leak read by a clock of its own', () => {
  it('is found, though readings come late in turns and what a line leaves is remembered for long', () => {
    const slope = 5e5;
    // Read every 1.02 windows: the reading is up to a window old, and a little older each time.
    const read = Float64Array.from({ length: 100 }, (_, i) => {
      return 4e8 + slope * (Math.floor(i / 1.02) * 1.02);
    });
    const { report } = carryOut({ 'target-rss': read }, 1000);
    assert.deepEqual(
      report.drifts.map((d) => [d.signal, d.kind]),
      [['target-rss', 'trend']],
    );
    assert.ok(Math.abs(report.drifts[0]!.slopePerHour / (3600 * slope) - 1) < 0.03);
  });
});
