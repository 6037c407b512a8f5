import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { reportFormat } from '../../src/cli/report.ts';
import { makeDocument } from '../../src/document/make.ts';
import { jsonReport } from '../../src/document/render/json.ts';
import { widthFor } from '../../src/kept-report/report-windows.ts';
import { jsonSchema } from '../../src/schema/build.ts';
import { report as reportSchema } from '../../src/schema/report.ts';
import { inputOf, madeReportedRun } from '../../support/document/made.ts';
import { fill, openHistory, START_AT } from '../../support/history/filled.ts';
import { soakd } from '../../support/process.ts';
import { hostileRun, NAMES } from './hostile.ts';

const { folder, history, remove } = await openHistory();
const other = mkdtempSync(join(tmpdir(), 'soakd-report-'));
after(async () => {
  await remove();
  rmSync(other, { recursive: true, force: true });
});
await fill(history, '20261123-aaaa', { windows: 13 });
await fill(history, '20261123-bbbb', { windows: 3, startedAt: START_AT + 3_600_000, verdict: 'fail' });
await fill(history, '20261125-live', { windows: 3, startedAt: START_AT + 9_600_000, active: true });
const file = join(other, 'run.json');
writeFileSync(file, `${JSON.stringify(madeReportedRun().summary)}\n`);

async function report(...args: readonly string[]) {
  const env = { SOURCE_DATE_EPOCH: '1796000000' };
  const program = soakd(['report', ...args], { env });
  const { code } = await program.ended(60_000);
  return { code, stdout: program.stdout.text, stderr: program.stderr.text };
}
const kept = (...args: readonly string[]) => report(...args, '--data', folder);

const check = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
  jsonSchema(reportSchema, 'draft-7'),
);
function faults(text: string): unknown {
  check(JSON.parse(text));
  return check.errors;
}

describe('soakd report', () => {
  it('writes Markdown of a run of the history to standard output, with a timeline', async () => {
    const { code, stdout, stderr } = await kept('20261123-a');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^# Load report: demo\n/);
    assert.match(stdout, /\*\*Open streams\.\*\*/);
  });

  it('writes a file in the format of its ending, replaces it, and leaves no part of it', async () => {
    const out = join(other, 'report.html');
    writeFileSync(out, 'old');
    const { code, stdout, stderr } = await kept('last-pass', '--out', out);
    assert.deepEqual([code, stdout, stderr], [0, '', '']);
    const first = readFileSync(out, 'utf8');
    assert.match(first, /^<!doctype html>[\s\S]*<\/html>\n$/);
    await kept('20261123-aaaa', '--out', out);
    assert.equal(readFileSync(out, 'utf8'), first, 'remaking changed it');
    assert.deepEqual(
      readdirSync(other).filter((name) => name.endsWith('.part')),
      [],
    );
  });

  it('writes JSON that is valid by its schema, of runs and files together', async () => {
    const { code, stdout, stderr } = await kept('last', file, '--format', 'json');
    assert.equal(code, 0, stderr);
    assert.equal(faults(stdout), null);
    const { sections } = JSON.parse(stdout);
    const summary = sections.find(({ id }: { id: string }) => id === 'executive-summary');
    assert.deepEqual(
      summary.values.map(({ run }: { run: string }) => run),
      ['20261123-bbbb', file],
    );
  });

  it('needs no history for files, whose windows are not kept', async () => {
    const { code, stdout, stderr } = await report(file, '--data', join(other, 'none'));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /## Timeline\n\nLeft out: The windows of the run are not kept/);
  });

  for (const [what, args, message] of [
    ['an active run', ['20261125-live'], /run 20261125-live has no summary: it is active/],
    ['an unknown run', ['nothing'], /the history has no run "nothing"/],
    [
      'an unknown format',
      ['last', '--format', 'pdf'],
      /found the format "pdf", expected one of html, md, json/,
    ],
    ['a price that is none', ['last', '--price-per-hour', 'x'], /found "x", expected a price such as 0\.12/],
    ['too many runs', Array.from({ length: 11 }, () => 'last'), /found 11 runs, expected at most 10/],
    ['a file that is none', [join(other, 'none.json')], /cannot read/],
  ] as const)
    it(`ends with 2 and says why for ${what}`, async () => {
      const { code, stderr } = await kept(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    });

  it('says which folder cannot be written', async () => {
    const { code, stderr } = await kept('last', '--out', join(other, 'none', 'x.html'));
    assert.deepEqual([code, /cannot be written/.test(stderr)], [4, true], stderr);
  });

  it('prints the schema of its JSON', async () => {
    const program = soakd(['schema', 'report']);
    assert.equal((await program.ended(30_000)).code, 0);
    assert.deepEqual(JSON.parse(program.stdout.text), {
      title: 'Report of soakd',
      ...jsonSchema(reportSchema, 'draft-7'),
    });
  });
});

describe('the JSON of a report', () => {
  for (const name of NAMES)
    it(`is valid by its schema with ${JSON.stringify(name)} in every field`, () => {
      assert.equal(faults(jsonReport(makeDocument(inputOf(hostileRun(name))))), null);
    });
});

it('the format follows the flag, then the ending of the file, then where it goes', () => {
  assert.equal(reportFormat('json', 'x.html'), 'json');
  assert.equal(reportFormat(undefined, 'x.MD'), 'md');
  assert.equal(reportFormat(undefined, 'report'), 'html');
  assert.equal(reportFormat(undefined, undefined), 'md');
});

it('windows are as narrow as 400 of them allow', () => {
  const HOUR = 3_600_000;
  assert.deepEqual(
    [60_000, HOUR, 6 * HOUR, 24 * HOUR, 1000 * HOUR].map(widthFor),
    [10_000, 10_000, 60_000, 600_000, 600_000],
  );
});
