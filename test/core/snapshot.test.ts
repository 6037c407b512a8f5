import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { buildLayout } from '../../src/core/layout.ts';
import { OUTCOMES, RESULTS, resultOf } from '../../src/core/outcome.ts';
import { buildScale } from '../../src/core/scale.ts';
import {
  addValues,
  SnapshotView,
  subtractValues,
  withEarlier,
  withoutMaxima,
} from '../../src/core/snapshot.ts';
import { observe } from '../../support/core/observe.ts';

const SCALE = buildScale();
const EXTRA = buildScale([1234]);
const LAYOUT = buildLayout({
  targets: ['a', 'b'],
  cells: ['started', 'open'],
  histograms: { ttfb: EXTRA, fast: SCALE, slow: SCALE },
  shared: { lag: SCALE },
});

/** Few places filled, with whole numbers: their sums are exact in any order. */
const anyValues = fc
  .array(fc.tuple(fc.nat(LAYOUT.size - 1), fc.nat(1e9)), { maxLength: 30 })
  .map((filled) => {
    const values = new Float64Array(LAYOUT.size);
    for (const [i, n] of filled) values[i] = n;
    for (const i of LAYOUT.maxima) values[i] = filled[i % (filled.length || 1)]?.[1] ?? 0;
    return values;
  });

describe('layout', () => {
  it('gives everything a place of its own and leaves none over', () => {
    const taken = new Uint8Array(LAYOUT.size);
    const take = (from: number, to: number): void => {
      for (let i = from; i < to; i++) taken[i]!++;
    };
    for (const { start, end, cell, histogram } of LAYOUT.slots) {
      for (const i of Object.values(cell)) take(i, i + 1);
      for (const slot of Object.values(histogram)) {
        take(slot.offset, slot.offset + 2 + slot.scale.bins);
        assert.ok(slot.offset >= start && slot.offset + 2 + slot.scale.bins <= end);
      }
    }
    for (const slot of Object.values(LAYOUT.shared)) take(slot.offset, slot.offset + 2 + slot.scale.bins);
    assert.ok(taken.every((times) => times === 1));
  });

  it('lays targets one after another in their order, and the shared part after them', () => {
    const [a, b] = LAYOUT.slots;
    assert.equal(a!.start, 0);
    assert.equal(b!.start, a!.end);
    assert.equal(LAYOUT.sharedStart, b!.end);
    assert.equal(LAYOUT.shared.lag.offset, LAYOUT.sharedStart);
  });

  it('knows every place that holds a maximum', () => {
    const histograms = [...LAYOUT.slots.flatMap((s) => Object.values(s.histogram)), LAYOUT.shared.lag];
    assert.deepEqual(
      LAYOUT.maxima,
      histograms.map((slot) => slot.offset + 1),
    );
  });
});

describe('snapshots', () => {
  it('add in any order and grouping', () => {
    const sum = (a: Float64Array, b: Float64Array): Float64Array => addValues(LAYOUT, a, b);
    fc.assert(
      fc.property(anyValues, anyValues, anyValues, (a, b, c) => {
        assert.deepEqual(sum(sum(a, b), c), sum(a, sum(b, c)));
        assert.deepEqual(sum(a, b), sum(b, a));
        assert.deepEqual(sum(a, new Float64Array(LAYOUT.size)), a);
      }),
      { numRuns: 50 },
    );
  });

  it('subtract to what was added, but for the maxima', () => {
    fc.assert(
      fc.property(anyValues, anyValues, (earlier, since) => {
        const later = addValues(LAYOUT, earlier, since);
        const difference = subtractValues(LAYOUT, later, earlier);
        for (let i = 0; i < LAYOUT.size; i++)
          if (!LAYOUT.maxima.includes(i)) assert.equal(difference[i], since[i]);
      }),
      { numRuns: 20 },
    );
  });

  it('have no maximum of an earlier time: exact where it rose, else the edge of the highest bin and at most the later one', () => {
    const ms = fc.array(fc.double({ min: 0, max: 2e6, noNaN: true }), { maxLength: 5 });
    const slots = [...LAYOUT.slots.flatMap((s) => Object.values(s.histogram)), LAYOUT.shared.lag];
    fc.assert(
      fc.property(ms, ms, (before, since) => {
        const earlier = new Float64Array(LAYOUT.size);
        for (const slot of slots) for (const one of before) observe(earlier, slot, one);
        const later = earlier.slice();
        for (const slot of slots) for (const one of since) observe(later, slot, one);
        const difference = subtractValues(LAYOUT, later, earlier);
        const truth = Math.max(0, ...since);
        for (const { offset, scale } of slots) {
          const max = difference[offset + 1]!;
          if (truth > Math.max(0, ...before) || since.length === 0) assert.equal(max, truth);
          assert.ok(max >= truth && max <= later[offset + 1]!, `${max} of ${truth}`);
          assert.equal(scale.indexOf(max), scale.indexOf(truth));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('begin with earlier ones, where there are some', () => {
    fc.assert(
      fc.property(anyValues, anyValues, (earlier, values) => {
        assert.deepEqual(withEarlier(LAYOUT, earlier, values), addValues(LAYOUT, earlier, values));
        assert.equal(withEarlier(LAYOUT, undefined, values), values);
      }),
      { numRuns: 20 },
    );
  });

  it('without their maxima have all else', () => {
    const rest = withoutMaxima(LAYOUT, new Float64Array(LAYOUT.size).fill(3));
    for (let i = 0; i < LAYOUT.size; i++) assert.equal(rest[i], LAYOUT.maxima.includes(i) ? 0 : 3);
  });

  it('leave what they are made from as it was', () => {
    const one = new Float64Array(LAYOUT.size).fill(1);
    const two = new Float64Array(LAYOUT.size).fill(2);
    addValues(LAYOUT, one, two);
    withoutMaxima(LAYOUT, one);
    subtractValues(LAYOUT, two, one);
    assert.ok(one.every((n) => n === 1) && two.every((n) => n === 2));
  });

  it('take gauges as differences: what is open may have become less', () => {
    const open = LAYOUT.slots[0]!.cell.open;
    const earlier = new Float64Array(LAYOUT.size);
    const later = new Float64Array(LAYOUT.size);
    earlier[open] = 5;
    later[open] = 2;
    assert.equal(subtractValues(LAYOUT, later, earlier)[open], -3);
  });

  it('are read by name: a target, all of them, several timings together', () => {
    const values = new Float64Array(LAYOUT.size);
    const view = new SnapshotView(LAYOUT, values);
    values[LAYOUT.slots[0]!.cell.started] = 3;
    values[LAYOUT.slots[1]!.cell.started] = 4;
    observe(values, LAYOUT.slots[0]!.histogram.ttfb, 1234);
    observe(values, LAYOUT.slots[1]!.histogram.ttfb, 2000, 2);
    observe(values, LAYOUT.slots[0]!.histogram.fast, 10);
    observe(values, LAYOUT.slots[1]!.histogram.slow, 30);
    observe(values, LAYOUT.shared.lag, 0.5);

    assert.equal(view.cell(1, 'started'), 4);
    assert.equal(view.total('started'), 7);
    assert.equal(view.histogram(0, 'ttfb').count, 1);
    assert.deepEqual(view.merged([0, 1], 'ttfb').cumulative([1233, 1234, 2000]), [0, 1, 3]);
    assert.equal(view.merged([0, 1], 'ttfb').stats().max, 2000);
    const both = view.combined([0, 1], ['fast', 'slow']).stats();
    assert.deepEqual([both.count, both.mean, both.max], [2, 20, 30]);
    assert.equal(view.shared('lag').sum, 0.5);
  });
});

describe('outcomes', () => {
  it('each counts as one result, and cancelled and lost ones as themselves', () => {
    const of = (result: string) => OUTCOMES.filter((outcome) => resultOf(outcome) === result);
    assert.deepEqual(of('success'), ['complete', 'limited']);
    assert.deepEqual(of('cancelled'), ['cancelled']);
    assert.deepEqual(of('lost'), ['generator_lost']);
    assert.equal(RESULTS.flatMap(of).length, OUTCOMES.length);
  });
});
