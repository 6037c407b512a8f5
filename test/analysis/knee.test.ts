import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomNormal } from 'd3-random';
import { bendOf, type CurvePoint } from '../../src/analysis/knee.ts';
import { seededRandom } from '../../src/core/random.ts';

const LOADS = [100, 250, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 2750, 3000];

function curve(seed: number, of: (load: number) => number, sigma: number): CurvePoint[] {
  const normal = randomNormal.source(seededRandom(seed))(0, sigma);
  return LOADS.map((load) => ({ load, value: of(load) + normal() }));
}

const bent =
  (at: number, before: number, after: number) =>
  (load: number): number =>
    1000 + before * load + (after - before) * Math.max(0, load - at);

const SEEDS = Array.from({ length: 100 }, (_, i) => i + 1);

describe('the bend of a curve', () => {
  for (const [at, before, after] of [
    [1000, 0.1, 1],
    [1500, 0.3, 2],
    [2100, 0, 3],
  ] as const) {
    it(`is where slope ${before} becomes ${after}, at ${at}`, () => {
      const found = SEEDS.flatMap((seed) => {
        const bend = bendOf(curve(seed, bent(at, before, after), 30));
        return bend.kind === 'bend' ? [bend] : [];
      });
      assert.ok(found.length >= 95, `${found.length} of 100 found`);
      const near = found.filter((b) => Math.abs(b.at - at) <= 250);
      assert.ok(near.length >= 0.95 * found.length, `${near.length} of ${found.length} within one level`);
      const covered = found.filter(({ interval: [low, high] }) => low <= at && at <= high);
      assert.ok(covered.length >= 0.85 * found.length, `${covered.length} of ${found.length} cover it`);
      for (const { slopeBefore, slopeAfter } of near) {
        assert.ok(Math.abs(slopeAfter - after) < 0.5 && Math.abs(slopeBefore - before) < 0.3);
      }
    });
  }

  it('is rarely seen in a straight line with noise', () => {
    const found = SEEDS.filter((seed) => bendOf(curve(seed, (x) => 1000 + x, 50)).kind === 'bend');
    assert.ok(found.length <= 4, `${found.length} of 100`);
  });

  it('is none in a straight line without noise, nor in a constant', () => {
    for (const line of [(x: number) => 3 * x + 7, () => 42]) {
      const bend = bendOf(LOADS.map((load) => ({ load, value: line(load) })));
      assert.equal(bend.kind, 'none');
    }
  });

  it('is exact without noise', () => {
    const bend = bendOf(LOADS.map((load) => ({ load, value: bent(1300, 0.5, 2)(load) })));
    assert.ok(bend.kind === 'bend');
    assert.ok(Math.abs(bend.at - 1300) < 0.5, String(bend.at));
    assert.ok(Math.abs(bend.valueAt - 1650) < 1, String(bend.valueAt));
    assert.equal(bend.p, 0.001);
  });

  it('smaller than the measurement error is none', () => {
    const points = curve(1, bent(1500, 0, 0.1), 1);
    assert.equal(bendOf(points).kind, 'bend');
    const bend = bendOf(points, { tolerance: 100 });
    assert.ok(bend.kind === 'none' && bend.because === 'tolerance');
  });

  it('needs five loads, however often each was held', () => {
    const points = [1, 2, 3, 4, 4, 4].map((load) => ({ load, value: load ** 3 }));
    assert.deepEqual(bendOf(points), { kind: 'too-few', levels: 4, required: 5 });
    assert.equal(bendOf([]).kind, 'too-few');
  });

  it('does not depend on the order of the levels or the unit', () => {
    const points = curve(7, bent(1500, 0.3, 2), 30);
    const reversed = bendOf(points.toReversed());
    const seconds = bendOf(points.map(({ load, value }) => ({ load, value: value / 1000 })));
    const bend = bendOf(points);
    assert.ok(bend.kind === 'bend' && reversed.kind === 'bend' && seconds.kind === 'bend');
    assert.ok(Math.abs(bend.at - reversed.at) < 1e-3);
    assert.ok(Math.abs(bend.at - seconds.at) < 1e-3);
  });
});
