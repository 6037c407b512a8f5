import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueAtLevel } from '../../src/analysis/limit-at-level.ts';
import { level, timing } from './levels.ts';

const ALL = { ttfb: timing(100, 8), ttft: timing(100, 8), gap: timing(100, 8), tpot: timing(100, 8) };

for (const [threshold, high] of [
  ['ttfb-p95', 100],
  ['ttft-p95', 100],
  ['gap-p95', 108],
  ['tpot-p95', 108],
  ['tpot-mean', 108],
] as const) {
  test(`a value of ${threshold} with an error of 8 ms is between 92 and ${high} ms`, () => {
    const { low, high: most } = valueAtLevel({ threshold }, level(10, { timings: ALL }))!;
    assert.deepEqual([low, most], [92, high]);
  });
}
