import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CELLS, type Cell } from '../../src/catalog/slots.ts';
import { formatCount } from '../../src/core/number.ts';
import { OUTCOMES } from '../../src/core/outcome.ts';
import type { RunReason, RunVerdict, ThresholdResult, Verdict } from '../../src/core/run.ts';
import { summaryText } from '../../src/report/text.ts';
import { wrapped } from '../../src/report/value-text.ts';
import type { HistorySummary } from '../../src/schema/summary.ts';
import { DRIFT, summaryOf } from '../../support/report/samples.ts';

const MAX_NAME = 'n'.repeat(63);
const THRESHOLD_RESULTS: readonly ThresholdResult[] = ['pass', 'fail', 'inconclusive', 'no-data'];
/** Two screens. */
const MAX_LINES = 60;

function assertReadable(text: string): void {
  assert.doesNotMatch(text, /NaN|undefined|null|Infinity|\[object/);
  for (const line of text.split('\n')) assert.ok([...line].length <= 110, `${line.length} columns: ${line}`);
}

const verdict = (
  result: ThresholdResult,
  target: string,
  unit: 'ms' | 'ratio',
  observed: number,
): Verdict => ({
  threshold: unit === 'ms' ? 'ttfb-p95' : 'success-rate',
  target,
  result,
  ...(result === 'no-data' ? {} : { observed }),
  limit: unit === 'ms' ? 2500 : 0.99,
  unit,
  op: unit === 'ms' ? '>' : '<',
  count: 100,
  required: 1,
  crossed: [],
});

const EXAMPLE = {
  id: 'r-1-1',
  target: 'a',
  startedAt: '2026-01-01T00:00:00.000Z',
  lagMs: 0,
  durationMs: 1,
  chunks: 0,
  bytes: 0,
};

const verbose = (summary: ReturnType<typeof summaryOf>): string => summaryText(summary, { verbose: true });

describe('summary as text', () => {
  const told = summaryOf(
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
  );

  it('opens with the verdict and its reason, then the run, the targets and what went wrong', () => {
    const text = summaryText(told);
    assertReadable(text);
    const lines = text.split('\n');
    assert.equal(lines[1], '  FAIL: success rate 98.99 % < 99 % on a');
    assert.equal(
      lines[2],
      '  Scenario demo, 1m32s from 2026-11-23T18:15:02.000Z, soakd 0.2.0, run 20261123-181502-4f9a',
    );
    assert.match(text, /\n {2}✗ a +610 +0 +98\.36 % +31\.8s +31\.8s +1\.12s /);
    assert.match(text, /\n {2}all targets +1,220 /);
    assert.match(text, /What went wrong\n {2}- success rate 98\.99 % < 99 % on a\n/);
    assert.match(text, /- no data for TTFB p95 on b: 100 observations, but the limit needs 1\n/);
    assert.match(text, /- 10 reset on a\n/);
    assert.match(text, /The measurement error is unknown/);
    assert.ok(lines.length < 25);
  });

  it('with --verbose has every outcome, timing and threshold', () => {
    const text = verbose(told);
    assertReadable(text);
    for (const part of [
      '1,200  complete           the stream ended as its format requires',
      '20  reset              the connection broke, or ended inside the framing',
      'Received: 483,600 chunks in 400,000 reads, 7,400,000 bytes, 1,860,000 characters of content.',
      // Below the limit is not shown as the limit.
      '✗ success rate 98.99 % < 99 % on a',
      '✓ TTFB p95 1.23s on a, at most 2.5s',
      'Generator: 12.3 s CPU, peak memory 150 MiB',
    ]) {
      assert.ok(text.includes(part), `${part}\nis not in\n${text}`);
    }
    assert.match(text, /TTFB +3 +1\.11s +1\.1s +1\.12s +1\.12s +1\.12s\n/);
    assert.match(text, /duration +1 +31\.8s .*\n +effective +1 +41\.8s/);
    assert.match(text, /chunk gap +0 +– +– +– +– +–\n/);
    assert.doesNotMatch(text, /limited|truncated|dropped|still open/);
  });

  it('is readable when nothing was counted', () => {
    const text = verbose(summaryOf({ verdict: 'inconclusive', endedAt: Date.UTC(2026, 10, 23, 18, 15, 2) }));
    assertReadable(text);
    assert.match(text, /INCONCLUSIVE: no limit has data/);
    assert.match(text, /\n {2}all targets +0 +0 +– /);
  });

  it('says how often a run was resumed, how long soakd was gone and what was lost', () => {
    const at = Date.UTC(2026, 10, 23, 18, 15, 30);
    const gap = { fromAt: at, toAt: at + 8200, lost: 20 };
    const once = summaryText(summaryOf({ gaps: [gap] }));
    assertReadable(once);
    assert.match(
      once.replace(/\n +/g, ' '),
      /Resumed once: 8s without soakd from 18:15:30 UTC, which the plan excludes; 20 open streams were lost\./,
    );
    const twice = summaryText(
      summaryOf({ gaps: [gap, { fromAt: at + 20_000, toAt: at + 80_000, lost: 1 }] }),
    );
    assertReadable(twice);
    assert.match(
      twice.replace(/\n +/g, ' '),
      /Resumed 2 times: 1m8s without soakd \(8s at 18:15:30, 1m at 18:15:50 UTC\), .*; 21 open streams/,
    );
    assert.doesNotMatch(summaryText(summaryOf()), /Resumed/);
  });

  it('says what the history lacks where writes to it failed', () => {
    const unwrapped = (history: HistorySummary): string => {
      const text = summaryText({ ...summaryOf(), history });
      for (const line of text.split('\n')) assert.ok(line.length <= 110, line);
      return text.replace(/\n +/g, ' ');
    };
    assert.match(
      unwrapped({ kept: true, writeFailures: 12, failing: null }),
      /- 12 writes to the history failed; later writes included the data: no count is missing/,
    );
    assert.match(
      unwrapped({ kept: true, writeFailures: 1, failing: 'database or disk is full' }),
      /- 1 write to the history failed, and soakd still cannot write \(database or disk is full\): unless a write succeeds before soakd ends/,
    );
    assert.doesNotMatch(unwrapped({ kept: false, writeFailures: 0, failing: null }), /history/);
  });

  it('says what is left open and what was dropped', () => {
    const text = verbose(summaryOf({}, { dropped: 2000, 'active:waiting': 3 }));
    assert.match(text, /4,000 starts dropped: no user was free/);
    assert.match(text, /6 {2}still open\n/);
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
      assert.match(text, /ABORTED: \w+/);
    });
  }

  describe('the load at which targets held all their limits', () => {
    const base = summaryOf({
      verdict: 'fail',
      verdicts: [verdict('fail', 'a', 'ms', 3000), verdict('pass', 'b', 'ms', 100)],
    });
    const level = (
      from: number,
      to: number,
      open: number,
      lastedMs = 10_000,
      shape: 'hold' | 'ramp' = 'hold',
    ) => ({
      ...base.targets[0]!,
      stage: 0,
      shape,
      users: { from, to },
      rate: null,
      startedAt: base.run.startedAt,
      endedAt: base.run.endedAt,
      lastedMs,
      furtherLevels: 0,
      target: null,
      measurementQuality: { windows: 2, unreliable: 0 },
      targets: base.targets.map((t) => ({ ...t, streams: { ...t.streams, openMean: open } })),
    });
    const text = (levels: ReturnType<typeof level>[]): string =>
      summaryText({ ...base, levels }).replaceAll(/\s+/g, ' ');

    it('is a held one: a ramp up to it has fewer streams open', () => {
      const levels = [level(0, 20, 3, 60_000, 'ramp'), level(20, 20, 7, 1000), level(20, 20, 9)];
      assert.match(
        text(levels),
        /All limits held on b at 20 users over all targets, the highest constant load of the run \(on average 9 streams open\)\./,
      );
    });

    it('is not named for a run of ramps', () => {
      assert.match(text([level(0, 20, 3, 60_000, 'ramp')]), /All limits held on b\. /);
    });
  });

  it('does not count lost streams as a kind of failure, and says why they were lost', () => {
    const at = '2026-11-23T18:15:02.000Z';
    const group = (outcome: 'reset' | 'generator_lost', target: string, detail?: string) => ({
      target,
      outcome,
      count: 3,
      firstAt: at,
      lastAt: at,
      examples: detail === undefined ? [] : [{ ...EXAMPLE, startedAt: at, outcome, detail }],
    });
    const failures = [
      ...['a', 'b', 'c', 'd', 'e'].map((name) => group('reset', name)),
      group('generator_lost', 'a'),
      group('generator_lost', 'b', 'EMFILE: no descriptor is left'),
    ];
    const text = summaryText({ ...summaryOf(), failures });
    assert.match(text, /- 3 reset on e at 18:15:02 UTC\n/);
    assert.doesNotMatch(text, /more kinds of failure|generator_lost/);
    assert.match(text, /- 3 lost by soakd on b at 18:15:02 UTC: EMFILE: no descriptor is left\n/);
  });

  it('says that a run ended early by its budget', () => {
    assert.match(summaryText(summaryOf({ reason: 'budget_spent' })), /Ended early: its budget was used up\./);
  });

  it('keeps to its columns with the longest names, every outcome and values of any size', () => {
    const anyCells = fc.record(
      Object.fromEntries(
        CELLS.map((c) => [
          c,
          fc.oneof(
            fc.constant(0),
            fc.nat(1e6),
            fc.nat(/^(finished|active|started|dropped|chunks)/.test(c) ? 5e5 : 1e12),
          ),
        ]),
      ) as Record<Cell, fc.Arbitrary<number>>,
    );
    const ms = fc.array(fc.double({ min: 0, max: 2e6, noNaN: true }), { maxLength: 20 });
    const verdicts = fc.array(
      fc
        .tuple(
          fc.constantFrom(...THRESHOLD_RESULTS),
          fc.boolean(),
          fc.double({ min: 0, max: 1, noNaN: true }),
        )
        .map(([result, isMs, x]) => verdict(result, MAX_NAME, isMs ? 'ms' : 'ratio', isMs ? x * 1e6 : x)),
      { maxLength: 6 },
    );
    const anyVerdict = fc.constantFrom<RunVerdict>('pass', 'fail', 'inconclusive', 'aborted');
    fc.assert(
      fc.property(anyCells, ms, ms, verdicts, anyVerdict, (cells, ttfb, gap, evaluated, how) => {
        const run = { scenario: MAX_NAME, verdict: how, verdicts: evaluated };
        assertReadable(verbose(summaryOf(run, cells, { ttfb, gap, 'duration:failed': ttfb })));
      }),
      { numRuns: 100 },
    );
  });

  it('says how many tokens were estimated and ignored', () => {
    const usage = { ...summaryOf().usage, ignoredTokenReports: 1e12 };
    const tokens = { inputTokens: 1e12, outputTokens: 1e12, estimatedOutputTokens: 9e11 };
    const text = verbose({ ...summaryOf(), ...tokens, outputTokensPerSecond: 12.34, usage });
    assertReadable(text);
    assert.match(text, /12\.3 output tokens per second/);
    assert.match(text, /without a\s+report:\s+about\s+900,000,000,000 more/);
    assert.match(text, /- soakd ignored 1,000,000,000,000 reports of impossible/);
  });

  it('stays within two screens when everything goes wrong, with the longest names', () => {
    const summary = summaryOf({}, {}, {}, { ...DRIFT, drifts: Array(9).fill(DRIFT.drifts[0]) });
    const example = { ...EXAMPLE, target: MAX_NAME, detail: 'x'.repeat(300) };
    const at = '2026-01-01T00:00:00.000Z';
    const failures = OUTCOMES.map((outcome) => ({
      target: MAX_NAME,
      outcome,
      count: 1e12,
      firstAt: at,
      lastAt: at,
      examples: [{ ...example, outcome }],
    }));
    const outage = { target: MAX_NAME, from: at, to: at, servedAgainAt: at, lastedMs: 4000 };
    const outages = Array(50).fill({ ...outage, outcomes: { reset: 1e9, truncated: 1e9, stalled: 1 } });
    const targets = Array.from({ length: 50 }, (_, i) => ({
      ...summary.targets[0]!,
      name: `${i}${MAX_NAME}`,
    }));
    const level = {
      ...summary.targets[0]!,
      stage: 0,
      target: null,
      shape: 'hold' as const,
      users: { from: 1000, to: 1000 },
      rate: null,
      startedAt: at,
      endedAt: at,
      lastedMs: 1,
      furtherLevels: 0,
      measurementQuality: { windows: 2, unreliable: 1 },
      targets,
    };
    const levels = Array.from({ length: 100 }, () => level);
    const text = summaryText({ ...summary, failures, outages, outagesOmitted: 7, targets, levels });
    assertReadable(text);
    assert.match(text, /and 52 more outages, see --json/);
    assert.ok(text.split('\n').length <= 100, `${text.split('\n').length} lines`);
    const usual = summaryText({
      ...summary,
      failures,
      outages,
      targets: targets.slice(0, 5),
      levels: levels.slice(0, 3),
    });
    assert.ok(usual.split('\n').length <= MAX_LINES, `${usual.split('\n').length} lines\n${usual}`);
  });
});

describe('numbers for a person', () => {
  const table: readonly [n: number, text: string][] = [
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1_234_567.4, '1,234,567'],
    [99.6, '100'],
  ];
  for (const [n, text] of table) it(`writes ${n} as ${text}`, () => assert.equal(formatCount(n), text));

  it('breaks text between words, and words that are longer than a line', () => {
    assert.deepEqual(wrapped('a b', '- ', '  '), ['- a b']);
    const long = wrapped(`${'w '.repeat(80)}${'x'.repeat(250)}`, '- ', '  ');
    assert.ok(long.every((line) => line.length <= 110));
    assert.equal(long.join('').replace(/[^wx]/g, ''), `${'w'.repeat(80)}${'x'.repeat(250)}`);
  });
});

describe('drift in the summary', () => {
  it('is one of what went wrong', () => {
    const text = summaryText(summaryOf({}, {}, {}, DRIFT));
    assertReadable(text);
    assert.match(text, /- a: TTFB p95 has an upward trend of 42 ms an hour/);
    assert.match(text, /- Memory of soakd rises in steps/);
    assert.match(text, /- b: Chunk gap p95 is periodic/);
  });

  it('says with --verbose where none was found, and where none could be', () => {
    assert.match(verbose(summaryOf()), /Drift: 0 found in 5 series/);
    const none = { drifts: [], periodic: [], evaluated: 0, notEvaluated: 5 };
    assert.match(verbose(summaryOf({}, {}, {}, none)), /Drift: not evaluated/);
  });
});
