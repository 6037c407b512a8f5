import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CELLS, type Cell } from '../../src/catalog/slots.ts';
import { OUTCOMES } from '../../src/core/outcome.ts';
import type { Judgement, RunReason, RunVerdict, Verdict } from '../../src/core/run.ts';
import { number, ratio, summaryText } from '../../src/report/text.ts';
import { DRIFT, summaryOf } from './samples.ts';

const LONGEST_NAME = 'n'.repeat(63);
const JUDGEMENTS: readonly Judgement[] = ['pass', 'fail', 'inconclusive', 'no-data'];

function assertReadable(text: string): void {
  assert.doesNotMatch(text, /NaN|undefined|null|Infinity|\[object/);
  for (const line of text.split('\n')) assert.ok([...line].length <= 110, `${line.length} columns: ${line}`);
}

const verdict = (judgement: Judgement, target: string, unit: 'ms' | 'ratio', observed: number): Verdict => ({
  threshold: unit === 'ms' ? 'ttfb-p95' : 'success-rate',
  target,
  judgement,
  ...(judgement === 'no-data' ? {} : { observed }),
  limit: unit === 'ms' ? 2500 : 0.99,
  unit,
  op: unit === 'ms' ? '>' : '<',
  count: 100,
  crossed: [],
});

describe('summary as text', () => {
  it('tells of a run as it was', () => {
    const text = summaryText(
      summaryOf(
        {
          verdict: 'fail',
          verdicts: [
            verdict('fail', 'a', 'ratio', 0.98996),
            verdict('pass', 'a', 'ms', 1234),
            verdict('no-data', 'b', 'ms', 0),
          ],
        },
        {
          started: 617,
          'finished:complete': 600,
          'finished:reset': 10,
          'finished:cancelled': 7,
          chunks: 241_800,
          reads: 200_000,
          bytes: 3_700_000,
          characters: 930_000,
        },
        { ttfb: [1100, 1110, 1120], 'duration:success': [31_800], effective: [41_800] },
      ),
    );
    assertReadable(text);
    for (const part of [
      'verdict     FAIL: share of successes 98.99 % < 99.00 % on a',
      'run         20261123-181502-4f9a, scenario demo',
      'time        1m32s from 2026-11-23T18:15:02.000Z',
      'streams     1 234 started, 1 220 judged: 98.36 % success',
      '1 200  complete           the stream ended as its format says it should',
      '20  reset              the connection broke, or ended inside the framing',
      'received    483 600 chunks in 400 000 reads\n              7 400 000 bytes, 1 860 000 characters of content\n',
      // Below the limit is not shown as the limit.
      '✗ success-rate   a                  98.99 %   (at least 99.00 %)',
      '✓ ttfb-p95       a                    1.23s   (at most 2.5s)',
      '– ttfb-p95       b                  no data   (at most 2.5s)',
      'generator   12.3 s CPU, 150 MiB at most',
    ]) {
      assert.ok(text.includes(part), `${part}\nis not in\n${text}`);
    }
    assert.match(text, /TTFB +3 +1\.11s +1\.1s +1\.12s +1\.12s +1\.12s\n/);
    assert.match(text, /duration +1 +31\.8s .*\n +effective +1 +41\.8s/);
    assert.match(text, /chunk gap +0 +– +– +– +– +–\n/);
    assert.doesNotMatch(text, /limited|truncated|dropped|open\b/);
  });

  it('is readable when nothing was counted', () => {
    const text = summaryText(
      summaryOf({ verdict: 'inconclusive', endedAt: Date.UTC(2026, 10, 23, 18, 15, 2) }),
    );
    assertReadable(text);
    assert.match(text, /0 started, 0 judged: – success/);
  });

  it('tells of what is left open and what was dropped', () => {
    assert.match(
      summaryText(summaryOf({}, { dropped: 2000, 'active:waiting': 3 })),
      /, 4 000 dropped, 6 open\n/,
    );
  });

  const reasons: readonly RunReason[] = [
    'completed',
    'stopped',
    'interrupted',
    'target_not_allowed',
    'threshold_crossed',
    'worker_died',
  ];
  for (const reason of reasons) {
    it(`says why a run ended: ${reason}`, () => {
      const text = summaryText(summaryOf({ reason, verdict: 'aborted' }));
      assertReadable(text);
      assert.match(text, /verdict {5}ABORTED: \w+/);
    });
  }

  it('keeps to its columns with the longest names, every outcome and figures of any size', () => {
    const anyCells = fc.record(
      Object.fromEntries(
        CELLS.map((c) => [
          c,
          fc.oneof(
            fc.constant(0),
            fc.nat(1e6),
            fc.nat(/^(finished|active|started|dropped)/.test(c) ? 5e7 : 1e12),
          ),
        ]),
      ) as Record<Cell, fc.Arbitrary<number>>,
    );
    const ms = fc.array(fc.double({ min: 0, max: 2e6, noNaN: true }), { maxLength: 20 });
    const verdicts = fc.array(
      fc
        .tuple(fc.constantFrom(...JUDGEMENTS), fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }))
        .map(([judgement, isMs, x]) =>
          verdict(judgement, LONGEST_NAME, isMs ? 'ms' : 'ratio', isMs ? x * 1e6 : x),
        ),
      { maxLength: 6 },
    );
    const anyVerdict = fc.constantFrom<RunVerdict>('pass', 'fail', 'inconclusive', 'aborted');
    fc.assert(
      fc.property(anyCells, ms, ms, verdicts, anyVerdict, (cells, ttfb, gap, judged, how) => {
        const run = { scenario: LONGEST_NAME, verdict: how, verdicts: judged };
        assertReadable(summaryText(summaryOf(run, cells, { ttfb, gap, 'duration:failed': ttfb })));
      }),
      { numRuns: 100 },
    );
  });

  it('says how many tokens were estimated and ignored, and keeps to its columns', () => {
    const usage = {
      streams: 1,
      inputTokens: 1e12,
      outputTokens: 1e12,
      estimatedOutputTokens: 9e11,
      ignoredTokenReports: 1e12,
    };
    const some = summaryText({ ...summaryOf(), usage });
    assertReadable(some);
    assert.match(some, /output, 900 000 000 000 of it estimated\n +1 000 000 000 000 reports of impossible/);
    const all = summaryText({ ...summaryOf(), usage: { ...usage, estimatedOutputTokens: 1e12 } });
    assertReadable(all);
    assert.match(all, /all of it estimated: not reported/);
  });

  it('keeps to its columns with the failed streams of the longest names', () => {
    const summary = summaryOf();
    const example = {
      id: 'r-1-1',
      target: LONGEST_NAME,
      startedAt: 0,
      lagMs: 0,
      durationMs: 1,
      chunks: 0,
      bytes: 0,
      detail: 'x'.repeat(300),
    };
    const failures = OUTCOMES.map((outcome) => ({
      target: LONGEST_NAME,
      outcome,
      count: 1e12,
      examples: [{ ...example, outcome }],
    }));
    assertReadable(summaryText({ ...summary, failures }));
  });
});

describe('numbers for a person', () => {
  const table: readonly [n: number, text: string][] = [
    [0, '0'],
    [999, '999'],
    [1000, '1 000'],
    [1_234_567.4, '1 234 567'],
    [99.6, '100'],
  ];
  for (const [n, text] of table) it(`writes ${n} as ${text}`, () => assert.equal(number(n), text));

  it('writes shares, and none of nothing', () => {
    assert.equal(ratio(99_999, 100_000), '99.99 %');
    assert.equal(ratio(1, 3), '33.33 %');
    assert.equal(ratio(5, 5), '100.00 %');
    assert.equal(ratio(0, 0), '–');
  });

  it('tells of drift, of each in lines that fit', () => {
    const text = summaryText(summaryOf({}, {}, {}, DRIFT));
    assertReadable(text);
    const from = text.indexOf('  drift ');
    assert.equal(
      text.slice(from, text.indexOf('  generator')),
      `  drift       a: TTFB p95 climbs 42 ms an hour (95 % interval 35–49), reaches 2.5 s in 11 h
              Memory of soakd climbs in steps of about 1 MiB every 15 min, 4 MiB an hour (95 % interval 2–8)
              b: Chunk gap p95 comes and goes every 7 min, and does not climb
`,
    );
    const long = DRIFT.drifts.map((d) => ({
      ...d,
      target: LONGEST_NAME,
      limit: 5 * 2 ** 30,
      reachesLimitInHours: 5,
    }));
    const many = summaryText(summaryOf({}, {}, {}, { ...DRIFT, drifts: Array(8).fill(long).flat() }));
    assertReadable(many);
    assert.match(many, / {14}and 7 more\n/);
  });

  it('says where no drift was found, and where none could be', () => {
    assert.match(summaryText(summaryOf()), / {2}drift {7}none found in 5 figures\n/);
    const none = { drifts: [], swings: [], judged: 0, notJudged: 5 };
    assert.match(
      summaryText(summaryOf({}, {}, {}, none)),
      / {2}drift {7}not judged: it takes ten minutes after the warm-up, at a steady load\n/,
    );
  });
});
