import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packValues, unpackValues } from '../../src/core/packed-values.ts';
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
