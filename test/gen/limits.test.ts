import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import { limitsText, limitText } from '../../src/gen/limits.ts';
import { runbookText } from '../../src/gen/runbook.ts';
import { thresholdById } from '../../src/thresholds/table.ts';

const TWO = `
targets:
  - { name: a, simulator: {}, objective: { ttft: 2s }, thresholds: { ttft-p95: 500ms, goodput: 90%, success-rate: off } }
  - { name: b, simulator: {} }
  - { name: c, simulator: {}, objective: { ttft: 2s }, thresholds: { gap-p99: off, goodput: 80%, success-rate: 95% } }
thresholds: { gap-p99: 33ms }
scenarios: { s: { target: a, stages: [{ users: 1, for: 1s }] } }
`;

describe('a limit in words', () => {
  it('has the unit that a person would write', () => {
    for (const [ms, text] of [
      [500, '500 ms'],
      [33, '33 ms'],
      [0.5, '0.5 ms'],
      [1000, '1 s'],
      [2500, '2.5 s'],
      [40_000, '40 s'],
    ] as const)
      assert.equal(limitText(ms, 'ms'), text);
    assert.equal(limitText(0.995, 'ratio'), '99.5 %');
  });

  it('says for which targets a threshold is off', () => {
    const settings = parseConfig(TWO, { file: 'two.yaml' });
    const text = (id: string) => limitsText(thresholdById(id)!, settings);
    assert.equal(text('ttft-p95'), '500 ms (a; all others: off)');
    assert.equal(text('gap-p99'), '33 ms (c: off)');
    assert.equal(text('goodput'), '90 % (a; c: 80 %; all others: off)');
    assert.equal(text('success-rate'), '99 % (c: 95 %; a: off)');
    assert.equal(text('ttfb-p95'), '2.5 s');
    assert.equal(text('process-cpu'), '80 %');
  });

  it('stands so in the chapters of the runbook', () => {
    const runbook = runbookText(parseConfig(TWO, { file: 'two.yaml' }));
    assert.match(runbook, /\(`ttft-p95`\): TTFT p95 > 500 ms \(a; all others: off\) over 5m/);
    assert.match(runbook, /\(`goodput`\): goodput < 90 % \(a; c: 80 %; all others: off\) over 5m/);
  });
});
