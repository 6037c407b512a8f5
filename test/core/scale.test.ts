import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { METRICS } from '../../src/catalog/metrics.ts';
import type { MetricInfo } from '../../src/core/metric-info.ts';
import { buildScale, type Scale } from '../../src/core/scale.ts';
import { secondsToMs } from '../../src/sink/prometheus/series.ts';

/** A bin is open on the left and closed on the right, as `le` is. */
function assertBin({ edges, bins, indexOf }: Scale, ms: number): void {
  const i = indexOf(ms);
  const below = i === 0 ? Number.NEGATIVE_INFINITY : edges[i - 1]!;
  const upper = i === bins - 1 ? Number.POSITIVE_INFINITY : edges[i]!;
  assert.ok(below < ms && ms <= upper, `${ms} ms is in bin ${i}, which is (${below}, ${upper}]`);
}

const anyMs = fc.double({ min: -2, max: 6, noNaN: true }).map((exponent) => 10 ** exponent);

describe('scale', () => {
  it('has 160 bins a decade from 10 µs to 1000 s, and one above them', () => {
    const { edges, bins } = buildScale();
    assert.equal(edges.length, 1 + 8 * 160);
    assert.equal(bins, edges.length + 1);
    assert.equal(edges[0], 0.01);
    assert.equal(edges.at(-1), 1_000_000);
    assert.deepEqual(
      Array.from({ length: 9 }, (_, decade) => edges[decade * 160]),
      [0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000],
    );
  });

  it('has no bin wider than 2.5 % of its values', () => {
    const { edges } = buildScale();
    for (let i = 1; i < edges.length; i++) {
      const width = edges[i]! / edges[i - 1]! - 1;
      assert.ok(width > 0 && width < 0.025 + 1e-12, `${edges[i - 1]} to ${edges[i]}`);
    }
  });

  for (const info of Object.values<MetricInfo>(METRICS).filter((m) => m.buckets !== undefined)) {
    it(`has every classic edge of ${info.name} as one of its own, exactly`, () => {
      const { edges, indexOf } = buildScale();
      for (const edge of info.buckets!.map(secondsToMs)) {
        assert.ok(edges.includes(edge), `${edge} ms`);
        assert.equal(edges[indexOf(edge)], edge);
      }
    });
  }

  it('puts every value between the edges of its bin', () => {
    const scale = buildScale();
    fc.assert(
      fc.property(anyMs, (ms) => assertBin(scale, ms)),
      { numRuns: 5000 },
    );
  });

  it('puts every edge, and its neighbours among the doubles, into the right bin', () => {
    const scale = buildScale([1234, 0.0123, 2_000_000]);
    for (const edge of scale.edges) {
      for (const ms of [edge, edge * (1 - Number.EPSILON), edge * (1 + Number.EPSILON)]) assertBin(scale, ms);
    }
  });

  it('does so with any extra edges, also below and above the decades', () => {
    const anyEdge = fc.double({ min: -4, max: 8, noNaN: true }).map((exponent) => 10 ** exponent);
    fc.assert(
      fc.property(
        fc.array(anyEdge, { maxLength: 6 }),
        fc.array(anyEdge, { minLength: 20 }),
        (extras, values) => {
          const scale = buildScale(extras);
          for (const extra of extras) assert.equal(scale.edges[scale.indexOf(extra)], extra);
          for (const ms of [...values, ...extras.map((e) => e * (1 + Number.EPSILON))]) assertBin(scale, ms);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps extra edges exactly and once', () => {
    const { edges, indexOf } = buildScale([1234, 1234, 2500, -5, 0]);
    assert.equal(edges.length, buildScale().edges.length + 1);
    assert.equal(edges[indexOf(1234)], 1234);
    assert.equal(edges[indexOf(1234.0001)], 1240);
    assert.ok(edges.every((edge, i) => i === 0 || edge > edges[i - 1]!));
  });

  const outside: readonly [what: string, ms: number, bin: 'first' | 'last'][] = [
    ['0', 0, 'first'],
    ['a negative number', -1, 'first'],
    ['less than the first edge', 0.009, 'first'],
    ['what is not a number', Number.NaN, 'first'],
    ['more than the last edge', 1_000_001, 'last'],
    ['infinity', Number.POSITIVE_INFINITY, 'last'],
  ];
  for (const [what, ms, bin] of outside) {
    it(`puts ${what} into the ${bin} bin`, () => {
      const { indexOf, bins } = buildScale();
      assert.equal(indexOf(ms), bin === 'first' ? 0 : bins - 1);
    });
  }
});
