import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packValues, unpackParts, unpackValues } from '../../src/core/packed-values.ts';
import { seededRandom } from '../../src/core/random.ts';

function roundTrip(values: readonly number[]): number[] {
  const out = new Float64Array(values.length);
  unpackValues(packValues(Float64Array.from(values), 0, values.length), out, 0, values.length);
  return [...out];
}

describe('packed values', () => {
  it('are the same after unpacking, whatever the numbers are', () => {
    const odd = [0, 1, -1, 0.1, 2 ** 52, 2 ** 53, 1e300, -0.5, 127, 128, 16_384, Number.MAX_SAFE_INTEGER];
    assert.deepEqual(roundTrip(odd), odd);
    const random = seededRandom(1, 1);
    for (let n = 0; n < 200; n++) {
      const values = Array.from({ length: 300 }, () => {
        const kind = random();
        if (kind < 0.7) return 0;
        if (kind < 0.9) return Math.floor(random() * 1000);
        return kind < 0.95 ? random() * 1e9 : Math.floor(random() * 2 ** 53);
      });
      assert.deepEqual(roundTrip(values), values);
    }
  });

  it('keep their places in a part of an array, and leave the rest alone', () => {
    const values = Float64Array.from([9, 0, 5, 0, 7, 9]);
    const bytes = packValues(values, 1, 5);
    const out = Float64Array.from([1, 0, 0, 0, 0, 1]);
    unpackValues(bytes, out, 1, 5);
    assert.deepEqual([...out], [1, 0, 5, 0, 7, 1]);
  });

  it('of counts take about two bytes a number', () => {
    const values = new Float64Array(25_000);
    for (let i = 0; i < 400; i++) values[i * 60] = 1 + (i % 60);
    assert.equal(packValues(values, 0, values.length).length, 800);
  });

  it('can be unpacked in part, with the places between which numbers are not 0', () => {
    const random = seededRandom(2, 1);
    const kinds = [0, 0, 0, 1, 63, 64, 8191, 8192, 0.1, 2 ** 40];
    for (let n = 0; n < 200; n++) {
      const values = Float64Array.from({ length: 60 }, () => kinds[Math.floor(random() * kinds.length)]!);
      const bytes = packValues(values, 5, 60);
      const edges = Array.from({ length: 6 }, (_, i) => 5 + 9 * i + Math.floor(random() * 9));
      const out = new Float64Array(60).fill(-7);
      const spans = new Int32Array(6);
      unpackParts(bytes, out, 5, 60, Int32Array.from(edges), spans);
      const expected = new Float64Array(60).fill(-7);
      for (let part = 0; part < 6; part += 2) {
        const places = Array.from({ length: 60 }, (_, i) => i).filter(
          (i) => i >= edges[part]! && i < edges[part + 1]! && values[i] !== 0,
        );
        for (const i of places) expected[i] = values[i]!;
        const [first = -1, last = -2] = [places[0], places.at(-1)];
        assert.deepEqual([spans[part], spans[part + 1]], [first, last + 1]);
      }
      assert.deepEqual(out, expected);
    }
  });

  it('that are damaged are an error, and are never read as other numbers outside their part', () => {
    const bytes = packValues(Float64Array.from([0.5, 300, 0, 1]), 0, 4);
    for (let end = 1; end < bytes.length; end++) {
      const out = new Float64Array(4);
      try {
        unpackValues(bytes.subarray(0, end), out, 0, 4);
      } catch (error) {
        assert.ok(error instanceof RangeError);
      }
    }
    assert.throws(() => unpackValues(bytes, new Float64Array(4), 0, 3), /do not fit the layout/);
  });
});
