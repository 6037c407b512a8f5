import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Distribution, meanOf, sampler } from '../../src/core/distribution.ts';
import { seededRandom } from '../../src/core/random.ts';

const DRAWS = 50_000;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function deviation(values: readonly number[]): number {
  const m = mean(values);
  return Math.sqrt(mean(values.map((v) => (v - m) ** 2)));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  return mean(a.map((v, i) => (v - ma) * (b[i]! - mb))) / (deviation(a) * deviation(b));
}

function draws(seed: number, stream?: number, count = DRAWS): number[] {
  const random = seededRandom(seed, stream);
  return Array.from({ length: count }, random);
}

describe('random numbers', () => {
  it('are the same for the same seed and stream', () => {
    assert.deepEqual(draws(42, 7, 100), draws(42, 7, 100));
    assert.deepEqual(draws(42, undefined, 100), draws(42, 0, 100));
  });

  it('lie in [0, 1), evenly', () => {
    const values = draws(1);
    assert.ok(values.every((v) => v >= 0 && v < 1));
    // Four standard errors.
    assert.ok(Math.abs(mean(values) - 0.5) < (4 * Math.sqrt(1 / 12)) / Math.sqrt(DRAWS));
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = values.filter((v) => Math.floor(v * 10) === tenth).length / DRAWS;
      assert.ok(Math.abs(share - 0.1) < (4 * 0.3) / Math.sqrt(DRAWS), `${tenth}/10: ${share}`);
    }
  });

  const pairs: readonly [what: string, a: [number, number], b: [number, number]][] = [
    ['neighbouring streams', [1, 0], [1, 1]],
    ['far streams', [1, 3], [1, 4000]],
    ['neighbouring seeds', [1, 0], [2, 0]],
    ['seed and stream swapped', [3, 5], [5, 3]],
  ];
  for (const [what, a, b] of pairs) {
    it(`of ${what} have nothing to do with each other`, () => {
      const r = correlation(draws(...a), draws(...b));
      assert.ok(Math.abs(r) < 4 / Math.sqrt(DRAWS), `correlation ${r}`);
    });
  }

  it('have first draws over streams that are as even as the rest', () => {
    const first = Array.from({ length: 3000 }, (_, stream) => seededRandom(9, stream)());
    assert.ok(Math.abs(mean(first) - 0.5) < (4 * Math.sqrt(1 / 12)) / Math.sqrt(3000));
    assert.equal(new Set(first).size, 3000);
  });
});

describe('distributions', () => {
  const table: readonly [Distribution, mean: number, deviation: number][] = [
    [{ kind: 'fixed', value: 1100 }, 1100, 0],
    [{ kind: 'uniform', from: 12.7, to: 140 }, 76.35, (140 - 12.7) / Math.sqrt(12)],
    [{ kind: 'normal', mean: 500, stddev: 50 }, 500, 50],
    [{ kind: 'lognormal', mean: 403, stddev: 100 }, 403, 100],
    [{ kind: 'lognormal', mean: 5, stddev: 0 }, 5, 0],
    [{ kind: 'exponential', mean: 70 }, 70, 70],
    [{ kind: 'empirical', values: [10, 10, 40] }, 20, Math.sqrt(200)],
  ];
  for (const [distribution, expectedMean, expectedDeviation] of table) {
    const { kind, ...parameters } = distribution;
    it(`${kind} ${JSON.stringify(parameters)} has its mean and spread`, () => {
      const values = Array.from({ length: DRAWS }, sampler(distribution, seededRandom(3)));
      assert.ok(values.every((v) => Number.isFinite(v) && v >= 0));
      const error = 0.03 * expectedDeviation + 1e-9 * expectedMean;
      assert.ok(Math.abs(mean(values) - expectedMean) < error, `mean ${mean(values)}`);
      assert.ok(Math.abs(deviation(values) - expectedDeviation) < error, `deviation ${deviation(values)}`);
      assert.ok(Math.abs(meanOf(distribution) - expectedMean) < 1e-9);
    });

    it(`${kind} ${JSON.stringify(parameters)} draws the same from the same seed`, () => {
      const sample = (): number[] => Array.from({ length: 50 }, sampler(distribution, seededRandom(8, 2)));
      assert.deepEqual(sample(), sample());
    });
  }

  it('cuts a normal one at 0, or where it is told to', () => {
    const lowest = (min?: number): number => {
      const distribution = {
        kind: 'normal',
        mean: 10,
        stddev: 20,
        ...(min === undefined ? {} : { min }),
      } as const;
      return Math.min(...Array.from({ length: 1000 }, sampler(distribution, seededRandom(4))));
    };
    assert.equal(lowest(), 0);
    assert.equal(lowest(5), 5);
  });

  it('draws empirical values from the list only, all of them', () => {
    const values = [1, 2, 3, 5, 8];
    const drawn = Array.from({ length: 1000 }, sampler({ kind: 'empirical', values }, seededRandom(1)));
    assert.deepEqual([...new Set(drawn)].sort(), values);
  });
});
