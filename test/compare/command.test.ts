import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { compareExit } from '../../src/cli/compare.ts';
import { runFiles } from '../../src/cli/run-files.ts';
import { compareRuns } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import { comparisonText } from '../../src/compare/text.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { madeRun } from '../../support/compare/made-run.ts';
import { soakd } from '../../support/process.ts';
import { summaryOf } from '../../support/report/samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-compare-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : `${JSON.stringify(content)}\n`);
  return path;
}

/** A summary with one constant level of 20 users, at which so many streams succeeded and failed. */
function summary(success: number, failed: number): Summary {
  const timings = { ttfb: Array.from({ length: 100 }, (_, i) => 100 + i) };
  const base = summaryOf({}, { 'finished:complete': success, 'finished:reset': failed }, timings);
  const { levels } = madeRun({ seed: 1, windows: 40 }).summary;
  const { targets } = base;
  return {
    ...base,
    levels: levels.map((level) => ({ ...level, ...base, targets, users: { from: 20, to: 20 }, rate: null })),
  };
}

describe('files of soakd run --json', () => {
  const compared = (a: Summary, b: Summary): Comparison =>
    compareRuns(runFiles.find(file('a.json', a)), runFiles.find(file('b.json', b)));

  it('compare shares of streams by their counts, and no timings', () => {
    const comparison = compared(summary(9990, 10), summary(9900, 100));
    assert.deepEqual(
      comparison.values.map(({ target, name, result }) => [target, name, result]),
      [
        ['a', 'success rate', 'regression'],
        ['b', 'success rate', 'regression'],
      ],
    );
    assert.equal(compareExit(comparison), 1);
    const ttfb = comparison.notCompared.find(({ name }) => name === 'TTFB p95')!;
    assert.match(ttfb.reason, /no windows/);
    assert.ok(ttfb.a !== null && ttfb.b !== null);
  });

  it('are inconclusive where no share differs: nothing is known of their timings', () => {
    const comparison = compared(summary(9990, 10), summary(9988, 12));
    assert.equal(comparison.verdict, 'inconclusive');
    assert.equal(compareExit(comparison), 5);
    assert.match(
      comparisonText(comparison),
      /^\n {2}Inconclusive: 0 regressions, 0 improvements, 2 unchanged, and/,
    );
  });

  it('may have other lines before the summary', () => {
    const path = file('lines.json', `starting\n${JSON.stringify(summary(9, 1))}\n`);
    assert.equal(runFiles.find(path).summary.schema, 2);
  });

  const wrong: readonly [what: string, content: string, message: RegExp][] = [
    ['empty', '', /holds no summary, expected the output of soakd run --json/],
    ['no JSON', 'hello\n', /holds no summary/],
    ['another JSON', '{"a":1}\n', /holds no summary/],
    ['an older schema', '{"schema":1}\n', /summary of schema 1, expected schema 2/],
    ['cut off', '{"schema":2,"run":{}}\n', /has no setup, targets, levels, thresholds, loadDelivered/],
  ];
  for (const [what, content, message] of wrong)
    it(`are refused: ${what}`, () => {
      assert.throws(() => runFiles.find(file('wrong.json', content)), { code: 'USAGE', message });
    });
});

describe('exit codes of a comparison', () => {
  const of = (changes: Partial<Comparison>): number =>
    compareExit({
      ...compareRuns(madeRun({ seed: 1, windows: 20 }), madeRun({ seed: 1, windows: 20 })),
      ...changes,
    });
  const refused = (reason: NonNullable<Comparison['refused']>['reason']): Partial<Comparison> => ({
    verdict: 'refused',
    refused: { reason, text: '' },
  });
  const table: readonly [what: string, changes: Partial<Comparison>, code: number][] = [
    ['no regression', {}, 0],
    ['a regression', { verdict: 'regression' }, 1],
    ['other targets', refused('no-common-target'), 2],
    ['another model', refused('different-model'), 2],
    ['another load', refused('no-common-level'), 2],
    ['too few windows', refused('too-few-windows'), 5],
    ['unreliable timings', refused('unreliable-measurement'), 5],
    ['not everything compared', { verdict: 'inconclusive' }, 5],
  ];
  for (const [what, changes, code] of table) it(`${code}: ${what}`, () => assert.equal(of(changes), code));
});

describe('the text of a comparison', () => {
  const a = madeRun({ seed: 1, windows: 40, id: 'before' });
  const b = madeRun({ seed: 2, windows: 40, id: 'after', targets: [{ name: 'a', ttfb: 1.5 }] });
  const lines = comparisonText(compareRuns(a, b)).split('\n');

  it('starts with what came of it', () =>
    assert.match(lines[1]!, /^ {2}\d+ regressions, 0 improvements, \d+ unchanged$/));
  it('lists regressions before unchanged values', () => {
    const at = (title: string): number => lines.indexOf(`  ${title}`);
    assert.ok(at('Regressions') > 0 && at('Regressions') < at('Unchanged'));
    assert.match(
      lines.find((l) => l.includes('TTFB p50'))!,
      /a +TTFB p50 +\S+ +\S+ +\+\d+\.\d % +\+\S+ % to \+\S+ %/,
    );
  });
  it('fits 110 columns', () =>
    assert.deepEqual(
      lines.filter((line) => line.length > 110),
      [],
    ));
  it('says why runs are not compared', () => {
    const other = madeRun({ seed: 2, windows: 40, targets: [{ name: 'z' }] });
    assert.match(
      comparisonText(compareRuns(a, other)),
      /^\n {2}Not compared: the runs have no target in common/,
    );
  });
});

describe('soakd compare', () => {
  it('prints a comparison of two files, and as JSON with --json', async () => {
    const [a, b] = [file('a.json', summary(9990, 10)), file('b.json', summary(9900, 100))];
    const text = soakd(['compare', a, b]);
    assert.equal((await text.ended(30_000)).code, 1);
    assert.match(text.stdout.text, /2 regressions/);
    const json = soakd(['compare', a, b, '--json']);
    assert.equal((await json.ended(30_000)).code, 1);
    assert.equal((JSON.parse(json.stdout.text) as Comparison).schema, 1);
  });

  it('ends with 2 for a file that is not there', async () => {
    const program = soakd(['compare', join(folder, 'none.json'), join(folder, 'none.json')]);
    assert.equal((await program.ended(30_000)).code, 2);
    assert.match(program.output, /cannot read/);
  });
});
