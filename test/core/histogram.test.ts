import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sampler } from '../../src/core/distribution.ts';
import { Histogram } from '../../src/core/histogram.ts';
import { buildLayout } from '../../src/core/layout.ts';
import { seededRandom } from '../../src/core/random.ts';
import { buildScale, type Scale } from '../../src/core/scale.ts';
import { addValues } from '../../src/core/snapshot.ts';
import { observe } from '../../support/core/observe.ts';

const STANDARD = buildScale();

function valuesOf(samples: readonly number[], scale: Scale = STANDARD): Float64Array {
  const values = new Float64Array(2 + scale.bins);
  for (const ms of samples) observe(values, { offset: 0, scale }, ms);
  return values;
}

function histogramOf(samples: readonly number[], scale: Scale = STANDARD): Histogram {
  return new Histogram(valuesOf(samples, scale), { offset: 0, scale });
}

/** The smallest sample that at least this share of them does not exceed. */
function exactQuantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
}

const anyMs = fc.double({ min: -1, max: 5.9, noNaN: true }).map((exponent) => 10 ** exponent);

describe('histogram', () => {
  it('says that it knows nothing when nothing was observed', () => {
    const empty = histogramOf([]);
    assert.equal(empty.count, 0);
    assert.equal(empty.sum, 0);
    assert.equal(empty.quantile(0.95), null);
    assert.deepEqual(empty.cumulative([1, 2.5, 1000]), [0, 0, 0]);
    assert.deepEqual(empty.stats(), { count: 0, mean: null, p50: null, p95: null, p99: null, max: null });
  });

  it('keeps count, sum and maximum exactly', () => {
    const histogram = histogramOf([1, 2, 3, 4.5, 0]);
    assert.equal(histogram.count, 5);
    assert.equal(histogram.sum, 10.5);
    assert.equal(histogram.stats().mean, 2.1);
    assert.equal(histogram.stats().max, 4.5);
  });

  const shapes = {
    lognormal: { kind: 'lognormal', mean: 800, stddev: 400 },
    uniform: { kind: 'uniform', from: 5, to: 4000 },
    exponential: { kind: 'exponential', mean: 70 },
    normal: { kind: 'normal', mean: 31_800, stddev: 5000 },
  } as const;
  for (const [name, shape] of Object.entries(shapes)) {
    it(`gives quantiles within 1 % of the exact ones on 20,000 ${name} samples`, () => {
      const draw = sampler(shape, seededRandom(7));
      const samples = Array.from({ length: 20_000 }, draw);
      const histogram = histogramOf(samples);
      for (const q of [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]) {
        const [read, exact] = [histogram.quantile(q)!, exactQuantile(samples, q)];
        assert.ok(Math.abs(read / exact - 1) < 0.01, `p${q * 100}: ${read}, exactly ${exact}`);
      }
    });
  }

  it('gives quantiles within the width of a bin, whatever the samples', () => {
    fc.assert(
      fc.property(
        fc.array(anyMs, { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (samples, q) => {
          const [read, exact] = [histogramOf(samples).quantile(q)!, exactQuantile(samples, q)];
          assert.ok(Math.abs(read / exact - 1) <= 0.0251, `quantile ${q}: ${read}, exactly ${exact}`);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never gives a quantile above the maximum, nor lower ones for higher shares', () => {
    fc.assert(
      fc.property(fc.array(anyMs, { minLength: 1 }), (samples) => {
        const { p50, p95, p99, max } = histogramOf(samples).stats();
        assert.ok(p50! <= p95! && p95! <= p99! && p99! <= max!);
        assert.equal(max, Math.max(...samples));
      }),
      { numRuns: 500 },
    );
  });

  it('counts exactly at every edge, extra ones too', () => {
    const scale = buildScale([1234]);
    const edges = [0.5, 1, 2.5, 10, 100, 1000, 1234, 1240, 2500, 30_000];
    const onAndAround = fc
      .constantFrom(...edges)
      .chain((e) => fc.constantFrom(e, e * (1 - 1e-12), e * (1 + 1e-12)));
    fc.assert(
      fc.property(fc.array(fc.oneof(anyMs, onAndAround)), (samples) => {
        const expected = edges.map((edge) => samples.filter((ms) => ms <= edge).length);
        assert.deepEqual(histogramOf(samples, scale).cumulative(edges), expected);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps what lies above the last edge in one more bin', () => {
    const histogram = histogramOf([900_000, 1_500_000, 2_000_000]);
    assert.equal(histogram.count, 3);
    assert.deepEqual(histogram.cumulative([1_000_000]), [1]);
    assert.equal(histogram.stats().max, 2_000_000);
    const p99 = histogram.quantile(0.99)!;
    assert.ok(p99 > 1_000_000 && p99 <= 2_000_000, `${p99}`);
  });

  it('counts durations of 0', () => {
    const histogram = histogramOf([0, 0, 0, 50]);
    assert.deepEqual(histogram.cumulative([0.01, 50]), [3, 4]);
    assert.ok(histogram.quantile(0.5)! <= 0.01);
  });

  it('merges by addition: the sum of two is the histogram of all', () => {
    const layout = buildLayout({ targets: ['a'], cells: [], histograms: { h: STANDARD }, shared: {} });
    // Whole numbers, whose sum does not depend on the order.
    const whole = fc.array(fc.integer({ min: 0, max: 2_000_000 }));
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        assert.deepEqual(addValues(layout, valuesOf(a), valuesOf(b)), valuesOf([...a, ...b]));
      }),
      { numRuns: 200 },
    );
  });
});
