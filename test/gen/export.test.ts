import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { exportCommand } from '../../src/cli/export.ts';
import { writeExport } from '../../src/cli/export-files.ts';
import { SoakError } from '../../src/core/errors.ts';
import { needs } from '../../support/needs.ts';
import { soakd } from '../../support/process.ts';
import { said } from '../../support/promtool.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soakd-export-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, 'out', name);
const text = (name: string) => readFileSync(at(name), 'utf8');

describe('what an export writes', () => {
  const write = (files: Readonly<Record<string, string | undefined>>, force = false) =>
    writeExport(join(folder, 'out'), files, force);
  const refused = (files: Readonly<Record<string, string | undefined>>): readonly string[] => {
    try {
      write(files);
    } catch (error) {
      assert.ok(error instanceof SoakError && error.code === 'USAGE');
      return error.details;
    }
    throw new Error('it was not refused');
  };

  it('is made with its folder, and made anew by the next one', () => {
    write({ 'a.yml': 'one\n', 'b.yml': 'two\n' });
    assert.equal(text('a.yml'), 'one\n');
    const done = write({ 'a.yml': 'three\n', 'b.yml': 'two\n' });
    assert.equal(text('a.yml'), 'three\n');
    assert.deepEqual(
      done.map((line) => line.replace(/^.*\//, '')),
      ['a.yml: written', 'b.yml: unchanged'],
    );
  });

  it('never replaces what was edited or is somebody else’s; all such files are named, none is touched', () => {
    write({ 'a.yml': 'one\n', 'b.yml': 'two\n' });
    writeFileSync(at('a.yml'), 'one, edited\n');
    writeFileSync(at('c.yml'), 'mine\n');
    const lines = refused({ 'a.yml': 'new\n', 'b.yml': 'new\n', 'c.yml': 'new\n' });
    assert.equal(lines.length, 2);
    assert.match(
      lines[0]!,
      /a\.yml: found a file that was edited since its export, expected the file as soakd exported it; move it away to keep it, or give --force to replace it$/,
    );
    assert.match(
      lines[1]!,
      /c\.yml: found a file that soakd did not export, expected no file, or a file that soakd exported; move it away to keep it, or give --force to replace it$/,
    );
    assert.deepEqual([text('a.yml'), text('b.yml'), text('c.yml')], ['one, edited\n', 'two\n', 'mine\n']);

    writeExport(join(folder, 'out'), { 'a.yml': 'new\n', 'b.yml': 'new\n', 'c.yml': 'new\n' }, true);
    assert.deepEqual([text('a.yml'), text('b.yml'), text('c.yml')], ['new\n', 'new\n', 'new\n']);
    write({ 'c.yml': 'newer\n' });
    assert.equal(text('c.yml'), 'newer\n');
  });

  it('takes a file of the same text for its own', () => {
    write({});
    writeFileSync(at('a.yml'), 'one\n');
    write({ 'a.yml': 'one\n' });
    write({ 'a.yml': 'two\n' });
    assert.equal(text('a.yml'), 'two\n');
  });

  it('takes away what is no longer wanted, if it is its own and not edited', () => {
    write({ 'a.yml': 'one\n', 'b.yml': 'two\n' });
    writeFileSync(at('mine.yml'), 'mine\n');
    const done = write({ 'a.yml': undefined, 'mine.yml': undefined, 'none.yml': undefined });
    assert.deepEqual(
      [existsSync(at('a.yml')), existsSync(at('b.yml')), existsSync(at('mine.yml'))],
      [false, true, true],
    );
    assert.equal(done.length, 1);
    writeFileSync(at('b.yml'), 'edited\n');
    assert.match(refused({ 'b.yml': undefined })[0]!, /b\.yml: found a file that was edited/);
  });

  it('with notes that cannot be read takes nothing for its own', () => {
    write({ 'a.yml': 'one\n' });
    writeFileSync(at('.soakd-export.json'), '{ broken');
    assert.equal(refused({ 'a.yml': 'two\n' }).length, 1);
  });

  it('says when the folder cannot be one', () => {
    writeFileSync(join(folder, 'file'), '');
    assert.throws(
      () => writeExport(join(folder, 'file'), { 'a.yml': 'one\n' }, false),
      (error) => error instanceof SoakError && error.code === 'CANNOT_START',
    );
  });
});

const CONFIG = `
targets:
  - { name: chat, url: "http://127.0.0.1:1/", thresholds: { ttfb-p95: 1.2s } }
  - { name: slow, url: "http://127.0.0.1:1/", headers: { x: "\${env:SOAKD_TEST_UNSET}" }, thresholds: { duration-mean: off } }
scenarios:
  s: { target: chat, stages: [{ users: 1, for: 1s }] }
thresholds: { success-rate: 98%, target-cpu: off, target-memory: off, target-network: off }
`;

describe('soakd export', () => {
  const run = async (...args: string[]) => {
    const program = soakd(['export', ...args], { cwd: folder });
    const { code } = await program.ended(20_000);
    return { code, out: program.stdout.text, err: program.stderr.text };
  };

  it('rules: writes those of the configuration, without its secrets being there', {
    skip: needs('promtool'),
  }, async () => {
    writeFileSync(join(folder, 'soakd.yaml'), CONFIG);
    const base = 'https://docs.example.invalid/alerts.md';
    const { code, out, err } = await run('rules', '--out', 'out', '--runbook-base', base, '--job', 'soak-eu');
    assert.equal(code, 0, err);
    const files = readdirSync(join(folder, 'out')).filter((name) => name.endsWith('.rules.yml'));
    assert.equal(out.trim().split('\n').length, files.length);
    assert.equal(files.includes('soak-target-hosts.rules.yml'), false);
    const check = said('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', ...files.map(at)]);
    assert.equal(check.status, 0, check.text);
    assert.match(text('soak-success.rules.yml'), /ratio_increase5m > 0\.02$/m);
    assert.match(
      text('soak-latency.rules.yml'),
      /over_1200ms_per_observed:ratio_increase5m\{target="chat"\} > 0\.05$/m,
    );
    assert.match(text('soak-latency.rules.yml'), /mean5m\{target!="slow"\} > 40$/m);
    assert.match(text('soak-generator.rules.yml'), /up\{job="soak-eu"\}/);
    assert.match(
      text('soak-generator.rules.yml'),
      /runbook_url: https:\/\/docs\.example\.invalid\/alerts\.md#soakdown$/m,
    );
    assert.match(text('soak-success.rules.yml'), /^# Made by `soakd export rules` from soakd\.yaml/);
  });

  it('runbook: has the limits of the configuration, and nothing of what is off for all', async () => {
    writeFileSync(join(folder, 'soakd.yaml'), CONFIG);
    const { code, err } = await run('runbook', '-o', 'out');
    assert.equal(code, 0, err);
    const page = text('alerts.md');
    assert.match(
      page,
      /^\| \[SoakTTFBHigh\]\(#soakttfbhigh\) \| warning \| TTFB p95 > 2\.5 s \(chat: 1\.2 s\) over 5m/m,
    );
    assert.match(page, /^- \*\*warning\*\* \(`success-rate`\): success rate < 98 %/m);
    assert.doesNotMatch(page, /SoakTargetCpuHigh\]/);
    // Every link of the table leads to a chapter.
    for (const [, anchor] of page.matchAll(/\]\(#(\w+)\)/g))
      assert.match(page, new RegExp(`^### ${anchor}$`, 'im'));
  });

  it('alertmanager: wants no configuration', { skip: needs('amtool') }, async () => {
    const { code, err } = await run('alertmanager', '-o', 'out', '--webhook', 'http://127.0.0.1:9/x?a="b"');
    assert.equal(code, 0, err);
    const check = said('amtool', ['check-config', at('alertmanager.yml')]);
    assert.equal(check.status, 0, check.text);
    assert.match(text('alertmanager.yml'), /127\.0\.0\.1:9\/x\?a=/);
  });

  const MISTAKES: readonly [what: string, args: string[], says: RegExp][] = [
    [
      'a thing that cannot be exported',
      ['rule', '-o', 'out'],
      /found "rule", expected one of rules, runbook, alertmanager/,
    ],
    ['no folder', ['rules'], /--out <folder>/],
    ['no configuration', ['rules', '-o', 'out'], /soakd\.yaml:1:1: found no such file/],
    ['a job that is none', ['rules', '-o', 'out', '--job', 'a"b'], /found "a"b", expected the name of a job/],
    ['an address that is none', ['alertmanager', '-o', 'out', '--webhook', 'x'], /found "x", expected a URL/],
  ];
  for (const [what, args, says] of MISTAKES) {
    it(`with ${what} says so and writes nothing`, async () => {
      const inFolder = args.map((arg) => (arg === 'out' ? join(folder, 'out') : arg));
      const config = ['--config', join(folder, 'soakd.yaml')];
      const command = exportCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => {} });
      await assert.rejects(command.parseAsync([...inFolder, ...config], { from: 'user' }), says);
      assert.equal(existsSync(join(folder, 'out')), false);
    });
  }
});
