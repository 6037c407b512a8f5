import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomNormal } from 'd3-random';
import { blockLengthOf } from '../../src/compare/block-length.ts';
import { bootstrap, errorOf } from '../../src/compare/bootstrap.ts';
import type { Estimator } from '../../src/compare/estimators.ts';
import { holmCorrected } from '../../src/compare/holm.ts';
import { newcombe, proportionsP } from '../../src/compare/proportions.ts';
import { COMPARED } from '../../src/compare/statistics.ts';
import type { Strata } from '../../src/compare/strata.ts';
import { studentT, twoSidedP } from '../../src/compare/student.ts';
import { seededRandom } from '../../src/core/random.ts';
import { SHARE_NAMES, TIMING_NAMES } from '../../src/measures/list.ts';
import { remembering } from '../../support/drift/noise.ts';

const near = (value: number, expected: number, share: number): void =>
  assert.ok(Math.abs(value - expected) <= Math.abs(expected) * share, `${value}, expected ${expected}`);

describe("Student's t", () => {
  // From the tables of the distribution: two-sided p, degrees of freedom, t.
  const table: readonly [p: number, df: number, t: number][] = [
    [0.05, 4, 2.776],
    [0.05, 10, 2.228],
    [0.05, 30, 2.042],
    [0.01, 10, 3.169],
    [0.001, 10, 4.587],
    [0.001, 30, 3.646],
  ];
  for (const [p, df, t] of table)
    it(`is ${t} at p ${p} with ${df} degrees of freedom`, () => {
      near(studentT(p, df), t, 0.02);
      near(twoSidedP(t, df), p, 0.15);
      near(twoSidedP(studentT(p, df), df), p, 0.001);
    });

  it('p is 1 without a difference, and tiny for an infinite t', () => {
    assert.equal(twoSidedP(0, 5), 1);
    assert.ok(twoSidedP(Number.POSITIVE_INFINITY, 5) < 1e-10);
  });
});

describe("Holm's correction", () => {
  const corrected = (ps: readonly number[], weights: readonly number[] = []): number[] =>
    holmCorrected(ps.map((p, i) => ({ p, weight: weights[i] ?? 1 }))).map((p) => Number(p.toPrecision(3)));
  it('multiplies the smallest p by their number, the next by one less, and never falls', () => {
    assert.deepEqual(corrected([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
  });
  it('multiplies by the weights that are left over its own', () => {
    assert.deepEqual(corrected([0.008, 0.01], [8, 1]), [0.009, 0.01]);
  });
  it('stays at most 1, and corrects nothing for no p', () => {
    assert.deepEqual(corrected([0.9, 0.8]), [1, 1]);
    assert.deepEqual(corrected([]), []);
  });
});

describe("Newcombe's interval", () => {
  // R. G. Newcombe 1998, table II, method 10.
  const table: readonly [b: [number, number], a: [number, number], low: number, high: number][] = [
    [[56, 70], [48, 80], 0.0524, 0.3339],
    [[9, 10], [3, 10], 0.1705, 0.809],
    [[5, 56], [0, 29], -0.0381, 0.1926],
  ];
  for (const [b, a, low, high] of table)
    it(`of ${b.join('/')} and ${a.join('/')} is ${low} to ${high}`, () => {
      const interval = newcombe({ part: a[0], whole: a[1] }, { part: b[0], whole: b[1] }, 0.95);
      assert.deepEqual(
        interval.map((v) => Number(v.toFixed(4))),
        [low, high],
      );
    });

  it('p is that of the interval which ends at 0', () => {
    const [a, b] = [
      { part: 48, whole: 80 },
      { part: 56, whole: 70 },
    ];
    const p = proportionsP(a, b);
    near(newcombe(a, b, 1 - p)[0] + 1, 1, 1e-4);
    assert.ok(proportionsP(a, a) > 0.99);
  });
});

describe('the length of blocks', () => {
  const normal = randomNormal.source(seededRandom(7))(0, 1);
  it('is 1.3 √n without autocorrelation', () => {
    const length = blockLengthOf(remembering(400, 0, normal));
    assert.equal(length, 26);
  });
  it('grows with the autocorrelation, to a third of the series at most', () => {
    assert.ok(blockLengthOf(remembering(400, 0.95, normal)) > 26);
    assert.ok(blockLengthOf(remembering(12, 0.95, normal)) <= 4);
  });
  it('is 1 or more for a constant series', () => assert.ok(blockLengthOf(new Float64Array(50)) >= 1));
});

describe('the bootstrap', () => {
  it('finds the standard error of a mean with and without autocorrelation', () => {
    for (const phi of [0, 0.6]) {
      const n = 2000;
      const values = remembering(n, phi, randomNormal.source(seededRandom(11))(0, 1)).map((v) => v + 100);
      const weight = (w: Float64Array): number => w.reduce((sum, v) => sum + v, 0);
      const estimator: Estimator = {
        count: n,
        observed: n,
        estimate: (w) => [w.reduce((sum, v, i) => sum + v * values[i]!, 0) / weight(w)],
        influence: (_, mean) => values.map((v) => v - mean),
      };
      const strata: Strata = {
        windows: new Array(n),
        strata: [{ from: 0, to: n, weight: 1 }],
      };
      const [estimate] = bootstrap(estimator, strata, { resamples: 1000, random: seededRandom(3) });
      near(
        errorOf(estimate!, (v) => v),
        Math.sqrt((1 + phi) / (1 - phi) / n),
        0.2,
      );
    }
  });
});

it('every timing and share of the measures is compared', () => {
  const measures = new Set(COMPARED.flatMap(({ statistics }) => statistics.map(({ measure }) => measure)));
  for (const name of [...TIMING_NAMES, ...SHARE_NAMES, 'success', 'throughput', 'chunks', 'outputTokens'])
    assert.ok(measures.has(name), name);
});
