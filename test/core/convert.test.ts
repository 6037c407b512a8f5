import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CELLS, streamLayout } from '../../src/catalog/slots.ts';
import { convertValues } from '../../src/core/convert.ts';
import { SnapshotView } from '../../src/core/snapshot.ts';
import { observe } from '../../support/core/observe.ts';

const OLD = streamLayout(['a', 'b'], { ttfb: [1234] });

/** Different numbers in every cell, and some observations. */
function filled(): Float64Array {
  const values = new Float64Array(OLD.size);
  OLD.slots.forEach((slots, t) => {
    CELLS.forEach((cell, i) => {
      values[slots.cell[cell]] = 1000 * (t + 1) + i;
    });
    for (const ms of [1, 1200, 1233, 1234, 1235, 1239, 5000 * (t + 1), 2e6])
      observe(values, slots.histogram.ttfb, ms);
    observe(values, slots.histogram.gap, 20);
  });
  observe(values, OLD.shared.scheduleLag, 3);
  return values;
}

const figures = (layout: typeof OLD, values: Float64Array, t: number, edges: readonly number[]) => {
  const view = new SnapshotView(layout, values);
  const { count, sum } = view.histogram(t, 'ttfb');
  return {
    cells: CELLS.map((cell) => view.cell(t, cell)),
    ttfb: { count, sum, max: view.histogram(t, 'ttfb').stats().max },
    buckets: view.histogram(t, 'ttfb').cumulative(edges),
    gap: view.histogram(t, 'gap').stats(),
    lag: view.shared('scheduleLag').stats(),
  };
};

describe('what was counted, in another layout', () => {
  const values = filled();

  it('is the same where only the order of targets and their number changes', () => {
    const layout = streamLayout(['c', 'b', 'a'], { ttfb: [1234] });
    const moved = convertValues(OLD, layout, values);
    const edges = [1000, 1234, 2500, 10_000];
    assert.deepEqual(figures(layout, moved, 2, edges), figures(OLD, values, 0, edges));
    assert.deepEqual(figures(layout, moved, 1, edges), figures(OLD, values, 1, edges));
    assert.equal(new SnapshotView(layout, moved).cell(0, 'started'), 0);
  });

  it('keeps every bucket that both have, when an edge goes and another comes', () => {
    const layout = streamLayout(['a', 'b'], { ttfb: [1237] });
    const moved = convertValues(OLD, layout, values);
    const edges = [1200, 1220, 1240, 5000];
    assert.deepEqual(figures(layout, moved, 0, edges), figures(OLD, values, 0, edges));
  });

  it('shows nothing under a new edge that may have been above it', () => {
    const layout = streamLayout(['a', 'b'], { ttfb: [1234, 1237] });
    const moved = convertValues(OLD, layout, values);
    const [below] = new SnapshotView(layout, moved).histogram(0, 'ttfb').cumulative([1237]);
    const [exact] = new SnapshotView(OLD, values).histogram(0, 'ttfb').cumulative([1234]);
    assert.equal(below, exact, 'what lay between 1234 and 1240 cannot be told apart');
  });

  it('stays a difference where one was taken: bins below 0 move as the others', () => {
    const shifts = values.map((n, i) => (i % 3 === 0 ? 0 - n : n));
    const layout = streamLayout(['b', 'a'], { ttfb: [1234] });
    const back = convertValues(layout, OLD, convertValues(OLD, layout, shifts));
    assert.ok(back.every((n, i) => n === shifts[i]));
  });

  it('comes back whole from a layout that knew more', () => {
    const wider = streamLayout(['b', 'x', 'a'], { ttfb: [1234, 777] });
    const back = convertValues(wider, OLD, convertValues(OLD, wider, values));
    assert.deepEqual(back, values);
  });
});
