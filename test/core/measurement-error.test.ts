import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Histogram } from '../../src/core/histogram.ts';
import { buildLayout } from '../../src/core/layout.ts';
import { measurementErrorOf } from '../../src/core/measurement-error.ts';
import { seededRandom } from '../../src/core/random.ts';
import { buildScale } from '../../src/core/scale.ts';
import { observe } from '../../support/core/observe.ts';

const LAYOUT = buildLayout({ targets: [], cells: [], histograms: {}, shared: { lag: buildScale() } });

function histogramOf(values: readonly number[]): Histogram {
  const array = new Float64Array(LAYOUT.size);
  for (const ms of values) observe(array, LAYOUT.shared.lag, ms);
  return new Histogram(array, LAYOUT.shared.lag);
}

/** Without what is added for bursts, which these samples have none of. */
const unwidened = (p99: number): number => (p99 - 0.1) / 1.25;

describe('the error bar', () => {
  it('is none without samples', () => {
    assert.equal(measurementErrorOf(histogramOf([])), null);
  });

  it('of few samples reaches to the largest, and a quarter beyond', () => {
    const bar = measurementErrorOf(histogramOf([1, 2, 3, 40]))!;
    assert.equal(bar.count, 4);
    assert.ok(bar.p99 > 39 * 1.25 && bar.p99 <= 40 * 1.25 + 0.1, `${bar.p99}`);
  });

  it('lies above the true p99 in 19 of 20 cases, and not much above', () => {
    const random = seededRandom(7, 0);
    // Exponential with mean 1: its p99 is ln 100.
    const truth = Math.log(100);
    const bars = Array.from({ length: 400 }, () =>
      measurementErrorOf(histogramOf(Array.from({ length: 500 }, () => -Math.log(1 - random())))),
    );
    const covered = bars.filter((bar) => unwidened(bar!.p99) >= truth).length / bars.length;
    assert.ok(covered >= 0.92 && covered < 0.995, `${covered}`);
    const mean = bars.reduce((sum, bar) => sum + unwidened(bar!.p99), 0) / bars.length;
    assert.ok(mean < 1.4 * truth, `${mean}`);
  });
});
