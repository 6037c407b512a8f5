import assert from 'node:assert/strict';
import { it } from 'node:test';
import { StreamView, streamLayout } from '../../src/catalog/slots.ts';
import { subtractValues } from '../../src/core/snapshot.ts';
import { streamValues } from '../../src/drift/window-values.ts';
import type { Timing } from '../../src/measures/list.ts';

const layout = streamLayout(['a', 'b'], { ttfb: [2500] });

function observe(values: Float64Array, target: number, timing: Timing, ms: number, times: number): void {
  const { offset, scale } = layout.slots[target]!.histogram[timing];
  values[offset]! += ms * times;
  values[offset + 1] = Math.max(values[offset + 1]!, ms);
  values[offset + 2 + scale.indexOf(ms)]! += times;
}

it('what streams came to in a window is the difference of two snapshots, of one target', () => {
  const earlier = new Float64Array(layout.size);
  observe(earlier, 1, 'ttfb', 9000, 50);
  const { cell } = layout.slots[1]!;
  earlier[cell['finished:complete']] = 7;
  earlier[cell['finished:reset']] = 7;
  const later = earlier.slice();
  observe(later, 1, 'ttfb', 1000, 90);
  observe(later, 1, 'ttfb', 2000, 10);
  observe(later, 1, 'gap', 75, 4000);
  observe(later, 0, 'ttfb', 30_000, 500);
  later[cell['finished:complete']]! += 60;
  later[cell['finished:limited']]! += 30;
  later[cell['finished:reset']]! += 10;
  // Neither says anything of the target.
  later[cell['finished:cancelled']]! += 40;
  later[cell['finished:generator_lost']]! += 40;

  const values = streamValues(new StreamView(layout, subtractValues(layout, later, earlier)), 1);
  const near = (value: number, expected: number) =>
    assert.ok(Math.abs(value - expected) <= 0.025 * expected, `${value}, ${expected}`);
  near(values['ttfb-p50'].value, 1000);
  near(values['ttfb-p95'].value, 2000);
  near(values['gap-p95'].value, 75);
  assert.deepEqual([values['ttfb-p95'].count, values['gap-p95'].count], [100, 4000]);
  assert.deepEqual(values['failure-ratio'], { value: 0.1, count: 100 });
});

it('a window without streams says nothing', () => {
  const values = streamValues(new StreamView(layout, new Float64Array(layout.size)), 0);
  for (const { value, count } of Object.values(values)) assert.deepEqual([value, count], [Number.NaN, 0]);
});
