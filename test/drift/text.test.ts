import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Drift } from '../../src/drift/drift.ts';
import { driftText, periodicText } from '../../src/drift/text.ts';

const CLIMB: Drift = {
  signal: 'ttfb-p95',
  target: 'a',
  kind: 'trend',
  slopePerHour: 42.4,
  interval: [35.2, 48.9],
  p: 1e-8,
  n: 480,
  sinceMs: 0,
  level: 2033,
  limit: 2500,
  reachesLimitInHours: 11.02,
  steps: null,
};

const TEXTS: readonly (readonly [drift: Partial<Drift>, text: string])[] = [
  [{}, 'TTFB p95 has an upward trend of 42 ms an hour (95 % interval 35–49), reaches 2.5 s in 11 h'],
  [
    { slopePerHour: 4.24, interval: [3.52, 4.89], reachesLimitInHours: 110 },
    'TTFB p95 has an upward trend of 4.2 ms an hour (95 % interval 3.5–4.9), reaches 2.5 s in 5 days',
  ],
  [
    { reachesLimitInHours: 2.234 },
    'TTFB p95 has an upward trend of 42 ms an hour (95 % interval 35–49), reaches 2.5 s in 2.2 h',
  ],
  [
    { reachesLimitInHours: 0.5 },
    'TTFB p95 has an upward trend of 42 ms an hour (95 % interval 35–49), reaches 2.5 s in 30 min',
  ],
  [
    { reachesLimitInHours: 0.01 },
    'TTFB p95 has an upward trend of 42 ms an hour (95 % interval 35–49), reaches 2.5 s in 36 s',
  ],
  [
    { reachesLimitInHours: 0 },
    'TTFB p95 has an upward trend of 42 ms an hour (95 % interval 35–49), is above 2.5 s',
  ],
  [{ reachesLimitInHours: 5000 }, 'TTFB p95 has an upward trend of 42 ms an hour (95 % interval 35–49)'],
  [
    { limit: null, reachesLimitInHours: null },
    'TTFB p95 has an upward trend of 42 ms an hour (95 % interval 35–49)',
  ],
  [
    {
      signal: 'gap-p95',
      slopePerHour: 12_345,
      interval: [11_000, 13_000],
      limit: null,
      reachesLimitInHours: null,
    },
    'Chunk gap p95 has an upward trend of 12 s an hour (95 % interval 11–13)',
  ],
  [
    {
      signal: 'failure-ratio',
      slopePerHour: 0.00123,
      interval: [0.001, 0.0015],
      limit: 0.01,
      reachesLimitInHours: 6.2,
    },
    'Failure ratio has an upward trend of 0.12 percentage points an hour (95 % interval 0.1–0.15), reaches 1 % in 6.2 h',
  ],
  [
    {
      signal: 'target-rss',
      slopePerHour: 3.14 * 2 ** 20,
      interval: [0.9 * 2 ** 20, 5.2 * 2 ** 20],
      limit: 2 ** 30,
      reachesLimitInHours: 40,
    },
    'Memory of the target has an upward trend of 3.1 MiB an hour (95 % interval 0.9–5.2), reaches 1 GiB in 40 h',
  ],
  [
    { kind: 'staircase', slopePerHour: 600, interval: [590, 612], steps: { height: 99, everyMs: 594_000 } },
    'TTFB p95 rises in steps of about 99 ms every 10 min, 600 ms an hour (95 % interval 590–612), reaches 2.5 s in 11 h',
  ],
  [
    { kind: 'step', slopePerHour: 0, interval: [0, 0], level: 1700, steps: { height: 312, atMs: 5 } },
    'TTFB p95 stepped up by 312 ms, to 1.7 s',
  ],
];

describe('the sentence', () => {
  for (const [drift, text] of TEXTS) it(text, () => assert.equal(driftText({ ...CLIMB, ...drift }), text));

  it('on what comes and goes', () => {
    assert.equal(
      periodicText({ signal: 'gap-p95', target: 'a', periodMs: 600_000 }),
      'Chunk gap p95 is periodic (every 10 min) and has no upward trend',
    );
  });
});
