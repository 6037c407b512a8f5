import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cell } from '../../src/catalog/slots.ts';
import type { Timing } from '../../src/measures/list.ts';
import { summaryText } from '../../src/report/text.ts';
import { streamsSummary } from '../../src/run/streams-summary.ts';
import { observe } from '../../support/core/observe.ts';
import { summaryOf, UNDECIDED } from '../../support/report/samples.ts';
import { LAYOUT } from '../../support/run/samples.ts';

const COUNTS: readonly Partial<Record<Cell, number>>[] = [
  { started: 3, 'finished:complete': 2, 'finished:reset': 1, chunks: 30, reads: 20, 'goodput:part': 2 },
  {
    started: 5,
    'finished:limited': 5,
    chunks: 7,
    reads: 7,
    dropped: 2,
    outputTokens: 90,
    estimatedTokens: 30,
  },
];
const TIMES: readonly Partial<Record<Timing, readonly number[]>>[] = [
  { ttfb: [100, 200], gap: [10], 'duration:success': [400], 'duration:failed': [200] },
  { ttfb: [900], gap: [20, 30] },
];

function counted(): Float64Array {
  const values = new Float64Array(LAYOUT.size);
  LAYOUT.slots.forEach(({ cell, histogram }, t) => {
    for (const [name, n] of Object.entries(COUNTS[t]!)) values[cell[name as Cell]] = n;
    for (const [name, all] of Object.entries(TIMES[t]!))
      for (const ms of all) observe(values, histogram[name as Timing], ms);
  });
  return values;
}

const of = (...targets: number[]) =>
  streamsSummary(targets, { layout: LAYOUT, values: counted(), objectives: ['a'], durationMs: 2000 });

describe('what the streams of a target came to', () => {
  it('is of its own streams alone, and together they are the total', () => {
    const [a, b, all] = [of(0), of(1), of(0, 1)];
    assert.deepEqual([a.streams.started, b.streams.started, all.streams.started], [3, 5, 8]);
    assert.deepEqual([a.streams.finished.reset, b.streams.finished.reset], [1, 0]);
    assert.deepEqual([a.streams.dropped, b.streams.dropped], [0, 2]);
    assert.deepEqual([a.chunks, b.chunks, all.chunks], [30, 7, 37]);
    assert.deepEqual([a.ttfbMs.mean, b.ttfbMs.mean, all.ttfbMs.mean], [150, 900, 400]);
    assert.deepEqual([a.durationMs.count, a.durationMs.mean, b.durationMs.mean], [2, 300, null]);
    assert.deepEqual([a.gapMs.count, b.gapMs.count, all.gapMs.count], [1, 2, 3]);
    assert.deepEqual([a.outputTokensPerSecond, b.outputTokensPerSecond], [0, 30]);
    assert.deepEqual([b.outputTokens, b.estimatedOutputTokens, all.outputTokens], [60, 30, 60]);
    assert.deepEqual(
      [a.successRatio, a.completeRatio, b.successRatio, b.completeRatio],
      [2 / 3, 2 / 3, 1, 0],
    );
    assert.deepEqual(all.streams.results, { success: 7, failed: 1, cancelled: 0, lost: 0 });
    assert.deepEqual([a.chunksPerSecond, of(0, 1).chunksPerSecond], [15, 18.5]);
    // Without an objective there is no goodput.
    assert.deepEqual(
      [a.goodput, b.goodput, all.goodput],
      [{ within: 2, finished: 3 }, null, { within: 2, finished: 3 }],
    );
  });

  it('is a row of the text, the target that fails most on top', () => {
    const names = ['well', 'n'.repeat(63)];
    const targets = [of(1), of(0)].map((part, i) => ({ name: names[i]!, ...part, ...UNDECIDED }));
    const lines = summaryText({ ...summaryOf(), targets }).split('\n');
    const head = lines.findIndex((line) => /^ {2}target +ended +open +success/.test(line));
    assert.match(lines[head + 1]!, /^ {2}n+… +3 +0 +66\.66 % +66\.66 % +400ms .* 30$/);
    assert.match(lines[head + 2]!, /^ {2}well +5 +0 +100 % +0 % +– +– +900ms +– +30ms +7$/);
    assert.match(lines[head + 3]!, /^ {2}all targets /);
    for (const line of lines) assert.ok([...line].length <= 110, line);
  });

  it('has no row for all targets where there is one, and of very many the worst are shown', () => {
    const one = { name: 'a', ...of(0), ...UNDECIDED };
    assert.doesNotMatch(summaryText({ ...summaryOf(), targets: [one] }), /all targets/);
    const targets = Array.from({ length: 50 }, (_, i) => ({ ...one, name: `t${i}` }));
    assert.match(summaryText({ ...summaryOf(), targets }), /\n {2}t9 .*\n {2}and 40 more\n/);
  });
});
