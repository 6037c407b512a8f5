import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeDocument } from '../../src/document/make.ts';
import { markdownReport } from '../../src/document/render/markdown.ts';
import type { CapacityResult, CapacityStep } from '../../src/schema/capacity.ts';
import { inputOf, madeRun } from './made-report.ts';

const STEP: CapacityStep = {
  load: 16,
  confirms: false,
  startedAt: '2026-11-23T18:15:02.000Z',
  settledMs: 5000,
  measuredMs: 15_000,
  finished: 400,
  failed: 0,
  ttfbP95Ms: 144,
  ttfbCount: 401,
  measurementErrorMs: { p50: 0.1, p99: 3.2, count: 3000 },
  delivered: 1,
  verdict: 'held',
  clear: true,
  cause: null,
};
const CAUSE = {
  kind: 'threshold',
  threshold: 'ttfb-p95',
  measure: 'TTFB p95',
  target: 'a',
  observed: 3080,
  limit: 2500,
  unit: 'ms',
  op: '>',
  count: 32,
  required: 1,
} as const;
const SEARCH: CapacityResult = {
  users: 30,
  low: 30,
  high: 32,
  limitedBy: 'ttfb-p95',
  target: 'a',
  confirmed: true,
  ended: 'found',
  precision: 0.05,
  lastedMs: 47_300,
  steps: [
    STEP,
    { ...STEP, load: 32, ttfbP95Ms: 3080, ttfbCount: 32, verdict: 'crossed', cause: CAUSE },
    { ...STEP, load: 30, confirms: true },
  ],
};
const RUN = madeRun({
  loads: [16, 32, 30],
  names: ['a'],
  ttfb: (load) => (load > 30 ? 3000 : 100),
  part: { verdict: 'fail', capacity: SEARCH },
});

describe('the report of a search for the capacity', () => {
  const text = markdownReport(makeDocument(inputOf(RUN)));

  it('begins with what the search found, not with the limits that it crossed on purpose', () => {
    const summary = text.slice(text.indexOf('Executive summary'), text.indexOf('How sure'));
    assert.match(summary, /crossed limits on purpose/);
    assert.match(summary, /30 users .{0,6}30 to 32.{0,6}: above it TTFB p95/);
    assert.match(summary, /First to give: TTFB p95/);
    assert.doesNotMatch(summary, /did not hold/);
  });

  it('has every step with its result', () => {
    const rows = text.split('\n').filter((line) => /^\| (16|32|30) \|.*(holds|crossed)/.test(line));
    assert.equal(rows.length, 3, text.slice(text.indexOf('Steps of the search'), 3000));
    assert.match(rows[1]!, /crossed: TTFB p95 3\.08s/);
    assert.match(rows[2]!, /longer hold/);
  });
});
