import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HeldLoad, heldLoadOf } from '../../src/analysis/held-load.ts';
import type { PointTiming } from '../../src/analysis/level-point.ts';
import { sampledAtLevel } from '../../src/analysis/sampling.ts';
import { level, limit, SUCCESS, subject } from './levels.ts';

const DURATION = limit({ threshold: 'duration-mean', measure: 'mean success duration', limit: 40_000 });
/** As wide as a normal distribution with this standard deviation. */
const wide = (mean: number, spread: number, n: number): PointTiming => ({
  n,
  mean,
  p50: mean,
  p95: mean + 1.645 * spread,
  p99: mean + 2.326 * spread,
  errorMs: 2,
});
const duration = (load: number, mean: number, n = 2695, spread = 9000) =>
  level(load, { timings: { duration: wide(mean, spread, n) } });

describe('the sampling error', () => {
  it('of a mean is 1.96 standard errors, beside the measurement error', () => {
    const { low, high } = sampledAtLevel(DURATION, duration(100, 31_800))!;
    const half = (1.96 * 9000) / Math.sqrt(2695);
    assert.ok(Math.abs(low - (31_800 - 2 - half)) < 0.01, String(low));
    assert.ok(Math.abs(high - (31_800 + half)) < 0.01, String(high));
  });

  it('of a quantile is that of its rank, and has no upper end where there are too few streams', () => {
    // P50, P95 and P99 of an exponential distribution of mean 1,000: its quantiles are known exactly.
    const at = (q: number) => -1000 * Math.log(1 - q);
    const timing = (n: number) => ({ n, mean: 1000, p50: at(0.5), p95: at(0.95), p99: at(0.99), errorMs: 0 });
    const of = (n: number) => sampledAtLevel(limit(), level(100, { timings: { ttfb: timing(n) } }))!;
    const half = 1.96 * Math.sqrt((0.95 * 0.05) / 1000);
    assert.ok(Math.abs(of(1000).low - at(0.95 - half)) < 1e-6);
    assert.ok(Math.abs(of(1000).high - at(0.95 + half)) < 1e-6);
    assert.equal(of(20).high, Number.POSITIVE_INFINITY);
  });

  it('of a rate without failures leaves some possible', () => {
    // Wilson: n / (n + 1.96²).
    const { low, high } = sampledAtLevel(SUCCESS, level(100, { streams: 138, successRatio: 1 }))!;
    assert.ok(Math.abs(low - 138 / (138 + 1.96 ** 2)) < 1e-9);
    assert.equal(high, 1);
  });

  it('is not known without a number of observations or their spread', () => {
    const known = wide(1000, 10, 100);
    for (const ttfb of [
      { ...known, n: null },
      { ...known, p50: null, p99: null },
    ])
      assert.equal(sampledAtLevel(limit(), level(100, { timings: { ttfb } })), null);
  });
});

describe('the interval of a load', () => {
  const held = (...levels: readonly ReturnType<typeof level>[]): HeldLoad => {
    const found = heldLoadOf(subject(levels, [DURATION]));
    return 'reason' in found ? assert.fail(found.reason) : found;
  };

  it('has the loads whose values are too close to the border, 32 s, for their number of streams', () => {
    const found = held(
      duration(1000, 31_400),
      duration(1250, 31_750),
      duration(1500, 31_800),
      duration(1750, 32_200),
      duration(2000, 32_500),
    );
    assert.equal(found.conservative, 1500);
    assert.deepEqual(found.conservativeInterval, { low: 1000, high: 1750 });
    assert.deepEqual(found.maximumInterval, { low: 2000, high: 2000 });
  });

  it('is the load itself where many streams decide', () => {
    const found = held(duration(1500, 31_800, 1_000_000), duration(1750, 32_200, 1_000_000));
    assert.deepEqual(found.conservativeInterval, { low: 1500, high: 1500 });
  });

  it('says which limit stops the recommended load, and which the largest', () => {
    const found = held(duration(100, 30_000), duration(200, 35_000), duration(300, 41_000));
    assert.deepEqual(
      [found.conservativeStop, found.maximumStop].map((s) => [s!.load, s!.state, s!.limits[0]!.value!.value]),
      [
        [200, 'crossed', 35_000],
        [300, 'crossed', 41_000],
      ],
    );
    assert.equal(held(duration(100, 30_000)).maximumStop, null);
  });
});
