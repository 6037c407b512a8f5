import type { StreamView } from '../catalog/slots.ts';
import { slotsOf, TIMING_NAMES, type Timing } from '../measures/list.ts';
import type { Counts } from '../thresholds/measures/measure.ts';

/** Histograms that thresholds evaluate: of a timing that is kept by result, the successes. */
const EVALUATED: readonly Timing[] = TIMING_NAMES.map((name) => slotsOf(name)[0]!.timing);

/**
 * Returns counts in which each failed stream is one observation of every timing above all limits: its user waits
 * forever. A failed stream may have an observation of its own, as one that breaks off after its first byte has a TTFB.
 * The counts do not say which, so as many of the fastest observations move up as there are more than successes: the
 * result is that of successes and failures, and at worst too strict. Waits that timed out are above the limits already.
 * Sums stay, so that means are of what was observed; an infinite value among them would decide every mean.
 * @param counts of a time; not changed
 */
export function withLateFailures(counts: Omit<Counts, 'polled'>): Omit<Counts, 'polled'> {
  const { observed } = counts;
  const late = (view: StreamView): StreamView => {
    const values = view.values.slice();
    for (let target = 0; target < view.layout.targets.length; target++) {
      const { success, failed } = observed.results(target);
      if (failed === 0) continue;
      for (const timing of EVALUATED) {
        const isLate = timing === 'ttfb' ? observed.cell(target, 'finished:ttfb_timeout') : 0;
        addLate(values, view, target, timing, { success, failed: failed - isLate, timedOut: isLate });
      }
    }
    return new (view.constructor as typeof StreamView)(view.layout, values);
  };
  return { observed: late(observed), least: late(counts.least), greatest: late(counts.greatest) };
}

interface Ended {
  readonly success: number;
  /** Without those whose wait timed out. */
  readonly failed: number;
  readonly timedOut: number;
}

function addLate(
  values: Float64Array,
  view: StreamView,
  target: number,
  timing: Timing,
  { success, failed, timedOut }: Ended,
): void {
  const { offset, scale } = view.layout.slots[target]!.histogram[timing];
  const top = offset + 2 + scale.bins - 1;
  const { count } = view.histogram(target, timing);
  let own = Math.min(failed, Math.max(0, count - success - timedOut));
  for (let place = offset + 2; place < top && own > 0; place++) {
    const moved = Math.min(own, values[place]!);
    values[place]! -= moved;
    own -= moved;
  }
  values[top]! += failed;
}
