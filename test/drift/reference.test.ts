import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { exactTail, hamedRao, score, scoreVariance, scoreZ } from '../../src/drift/mann-kendall.ts';
import { upperTail, zOfTail } from '../../src/drift/normal-tail.ts';
import { theilSen } from '../../src/drift/theil-sen.ts';

/** As test/drift/reference.py writes it; its first lines say how. */
interface Case {
  readonly name: string;
  readonly values: readonly number[];
  readonly s: number;
  readonly variance: number;
  readonly z: number;
  /** Two-sided. */
  readonly p: number;
  /** One-sided; null where there are ties. */
  readonly exact: number | null;
  readonly hamedRaoVariance: number;
  readonly slope: number;
  readonly intercept: number;
  readonly interval: readonly [number, number];
}

const CASES: readonly Case[] = JSON.parse(readFileSync(join(import.meta.dirname, 'reference.json'), 'utf8'));

function near(actual: number, expected: number, relative = 1e-9): void {
  const off = Math.abs(actual - expected);
  assert.ok(off <= relative * Math.abs(expected) + 1e-12, `${actual} where others have ${expected}`);
}

describe('the same figures as pymannkendall and SciPy', () => {
  for (const c of CASES) {
    it(c.name, () => {
      assert.equal(score(c.values), c.s);
      const variance = scoreVariance(c.values);
      near(variance, c.variance);
      near(scoreZ(c.s, variance), c.z);
      near(2 * upperTail(Math.abs(c.z)), c.p, 1e-6);
      if (c.exact !== null) near(exactTail(c.values.length, c.s), c.exact, 1e-8);
      const times = c.values.map((_, i) => i);
      const line = theilSen(times, c.values, variance);
      near(line.slope, c.slope);
      near(line.intercept, c.intercept);
      near(line.interval[0], c.interval[0]);
      near(line.interval[1], c.interval[1]);
      near(variance * hamedRao(c.values, line.slope), c.hamedRaoVariance, 1e-6);
    });
  }

  it('ties, exact tails and memory are all among the cases', () => {
    assert.ok(CASES.length >= 20);
    assert.ok(CASES.some((c) => c.exact !== null && c.exact < 1e-4));
    assert.ok(CASES.some((c) => new Set(c.values).size < c.values.length / 4));
    assert.ok(CASES.some((c) => c.hamedRaoVariance > 2 * c.variance));
    assert.ok(CASES.some((c) => c.hamedRaoVariance < 0.5 * c.variance));
  });
});

describe('the tail of the normal distribution', () => {
  // Abramowitz and Stegun, table 26.2.
  const known: readonly (readonly [z: number, p: number])[] = [
    [0, 0.5],
    [1.959963985, 0.025],
    [3.090232306, 0.001],
    [4.753424309, 1e-6],
    [5.997807015, 1e-9],
    [-1.281551566, 0.9],
  ];
  for (const [z, p] of known) {
    it(`at z = ${z}`, () => {
      near(upperTail(z), p, 2e-6);
      assert.ok(Math.abs(zOfTail(p) - z) < 1e-5);
    });
  }

  it('ends at 1e-14, far from where anything is decided', () => {
    assert.equal(upperTail(40), 1e-14);
    assert.ok(zOfTail(0) > 7.5);
  });
});
