import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { METRICS } from '../../src/catalog/metrics.ts';
import type { Timeouts } from '../../src/core/target.ts';
import type { TimingName } from '../../src/measures/list.ts';
import { bucketsFor } from '../../src/sink/prometheus/stream-series.ts';

const DEFAULTS: Timeouts = {
  connectMs: 10_000,
  ttfbMs: 30_000,
  idleMs: 30_000,
  totalMs: 300_000,
  lingerMs: 1000,
};

describe('buckets', () => {
  const CASES: [what: string, timing: TimingName, timeouts: Partial<Timeouts>[], added: number[]][] = [
    ['TTFB at default timeouts', 'ttfb', [{}], []],
    ['TTFT at default timeouts', 'ttft', [{}], [45, 60, 90, 120, 180, 300]],
    ['gap at default timeouts', 'gap', [{}], []],
    ['duration at default timeouts', 'duration', [{}], []],
    ['TTFB with the longest of two timeouts', 'ttfb', [{}, { ttfbMs: 100_000 }], [45, 60, 90, 120]],
    ['TTFB never beyond the total timeout', 'ttfb', [{ ttfbMs: 100_000, totalMs: 50_000 }], [45, 60]],
    ['gap up to the idle timeout', 'gap', [{ idleMs: 60_000 }], [45, 60]],
    ['duration of an hour', 'duration', [{ totalMs: 3_600_000 }], [900, 1800, 3600]],
    ['connect at default timeouts', 'connect', [{}], [10]],
    ['connect up to its timeout', 'connect', [{ connectMs: 25_000 }], [10, 20, 30]],
    ['no target', 'ttft', [], []],
  ];
  for (const [what, timing, timeouts, added] of CASES)
    it(`reach up to the longest timeout: ${what}`, () =>
      assert.deepEqual(
        bucketsFor(
          timing,
          [],
          timeouts.map((t) => ({ ...DEFAULTS, ...t })),
        ),
        [...METRICS[timing].buckets!, ...added],
      ));

  it('hold every limit of their timing as an edge, in order and once', () => {
    const edges = bucketsFor('gap', [500, 1200], [DEFAULTS]);
    assert.ok(edges.includes(1.2));
    assert.deepEqual(
      edges,
      [...new Set(edges)].sort((a, b) => a - b),
    );
  });
});
