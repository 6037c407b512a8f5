import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { marked, type Token, type Tokens } from 'marked';
import { checkedRun } from '../../src/report/checks.ts';
import { jobSummary, jobSummaryOfError } from '../../src/report/job-summary.ts';
import { checkedTargets, evaluated, HOSTILE, LOAD, SUCCESS } from '../../support/report/checked.ts';
import { DRIFT, summaryOf } from '../../support/report/samples.ts';

/** All tokens of GitHub's Markdown, at every depth. */
function tokensOf(markdown: string): Token[] {
  const all: Token[] = [];
  marked.walkTokens(marked.lexer(markdown, { gfm: true }), (token) => {
    all.push(token);
  });
  return all;
}

const tablesIn = (markdown: string) =>
  tokensOf(markdown).filter((t): t is Tokens.Table => t.type === 'table');
/** What a reader sees of a cell. */
const shown = (cell: Tokens.TableCell) =>
  cell.text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
const rowsOf = (table: Tokens.Table) => table.rows.map((row) => row.map(shown));

describe('the job summary', () => {
  it('has the verdict, its reason, the targets and nothing else where all passed', () => {
    const summary = summaryOf(
      { verdicts: [evaluated('pass')] },
      { started: 3, 'finished:complete': 2, 'finished:reset': 1 },
      { ttfb: [900] },
      undefined,
      LOAD,
    );
    const markdown = jobSummary(checkedRun(summary), '1.2.3');
    const tables = tablesIn(markdown);
    assert.match(markdown, /^## soakd: PASS\n\nthe one limit holds\n/);
    assert.match(markdown, /scenario demo, 1m32s from 2026/);
    assert.match(markdown, /All 3 checks passed\./);
    assert.equal(tables.length, 1);
    assert.deepEqual(tables[0]!.header.map(shown), [
      'target',
      'verdict',
      'limits held up to',
      'not from (start of the level)',
      'streams',
      'success',
      'TTFB p95',
      'TTFT p95',
      'gap p95',
    ]);
    const [a, b] = rowsOf(tables[0]!);
    assert.deepEqual(
      [a!.slice(0, 6), b],
      [
        ['a', 'pass', '–', '–', '3', '66.66 %'],
        ['b', 'inconclusive', '–', '–', '3', '66.66 %', '–', '–', '–'],
      ],
    );
    assert.match(a![6]!, /^\d+ms$/);
  });

  it('lists what did not pass, and the warnings', () => {
    const verdicts = [
      evaluated('pass'),
      { ...evaluated('fail', SUCCESS) },
      { ...evaluated('inconclusive'), target: 'b', observed: 2510 },
    ];
    const [, bad, warnings] = tablesIn(
      jobSummary(checkedRun(summaryOf({ verdict: 'fail', verdicts }, {}, {}, DRIFT, LOAD)), '1.2.3'),
    );
    assert.deepEqual(rowsOf(bad!), [
      ['a', 'success rate at least 99 %', 'failed', 'success rate 93.33 % < 99 % on a'],
      [
        'b',
        'TTFB p95 at most 2.5s',
        'not decided',
        'inconclusive: TTFB p95 2.51s > 2.5s on b is within the measurement error',
      ],
    ]);
    assert.deepEqual(
      rowsOf(warnings!).map(([target]) => target),
      ['a', ''],
    );
  });

  it('shows hostile names as text: no link, no HTML, no markup, no cell too many', () => {
    const markdown = `${jobSummary(checkedTargets(HOSTILE), '1.2.3')}${jobSummaryOfError(HOSTILE.join('\n'), '1.2.3')}`;
    const kinds = new Set(tokensOf(markdown).map((t) => t.type));
    assert.deepEqual(
      [...kinds].sort(),
      ['escape', 'heading', 'paragraph', 'space', 'table', 'text'].filter((k) => kinds.has(k)),
    );
    const [targets, bad] = tablesIn(markdown);
    assert.deepEqual([targets!.rows.length, bad!.rows.length], [HOSTILE.length, HOSTILE.length]);
    assert.ok(targets!.rows.every((row) => row.length === 9));
    const wanted = HOSTILE.map((n) =>
      n
        .toWellFormed()
        .replace(/\p{Cc}+/gu, ' ')
        .trim()
        .replaceAll('@', '@\u2060'),
    );
    assert.deepEqual(
      rowsOf(targets!).map(([name]) => name),
      wanted,
    );
    // Of addresses GitHub makes links in the finished text.
    assert.doesNotMatch(String(marked.parse(markdown)), /@[a-z]|<(?:a|img|script|b|code)\b/);
  });

  it('stays below 1 MiB with every target and threshold that there can be', () => {
    const names = Array.from({ length: 2000 }, (_, i) => `${'|'.repeat(59)}${i}`);
    const markdown = jobSummary(checkedTargets(names), '1.2.3');
    assert.ok(Buffer.byteLength(markdown) < 2 ** 18, `${Buffer.byteLength(markdown)} bytes`);
    assert.deepEqual(
      tablesIn(markdown).map((t) => t.rows.length),
      [100, 100],
    );
    assert.equal(markdown.match(/and 1900 more/g)!.length, 2);
    assert.ok(Buffer.byteLength(jobSummaryOfError('|'.repeat(1e6), '1.2.3')) < 10_000);
  });
});
