import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { DoctorReport, State } from '../../src/doctor/check.ts';
import { doctorText } from '../../src/doctor/text.ts';
import { freePort } from '../../support/ports.ts';
import { soakd } from '../../support/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-doctor-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('soakd doctor', () => {
  it('passes one user on this machine, and tells a person', async () => {
    const program = soakd(['doctor', '--users', '1']);
    assert.equal((await program.ended(30_000)).code, 0, program.output);
    assert.match(program.stdout.text, /^\n {2}1 user: OK/);
    assert.match(program.stdout.text, /\n {2}✓ node +\d/);
    assert.equal(program.stderr.text, '');
  });

  it('fails a target that is not there with exit code 1, and tells a program', async () => {
    const file = join(folder, 'soakd.yaml');
    writeFileSync(
      file,
      `targets: [{ name: here, url: "http://127.0.0.1:${await freePort()}/" }]\nscenarios: { s: { target: here, stages: [{ users: 3, for: 1s }] } }\n`,
    );
    const program = soakd(['doctor', '--json', '--config', file]);
    assert.equal((await program.ended(30_000)).code, 1, program.output);
    const report: DoctorReport = JSON.parse(program.stdout.text);
    assert.deepEqual([report.schema, report.users, report.ok], [1, 3, false]);
    assert.deepEqual(
      report.checks.filter((c) => c.state === 'fail').map((c) => c.name),
      ['target here'],
    );
  });

  it('refuses numbers of users that are none, and configurations that are wrong', async () => {
    const bad = soakd(['doctor', '--users', '0']);
    assert.equal((await bad.ended(30_000)).code, 2, bad.output);
    assert.match(bad.stderr.text, /found "0", expected a number of users/);
    const missing = soakd(['doctor', '--config', join(folder, 'none.yaml')]);
    assert.equal((await missing.ended(30_000)).code, 2, missing.output);
    assert.match(missing.stderr.text, /no such file/);
  });
});

describe('the report for a person', () => {
  const check = (name: string, state: State, advice: string[] = []) => ({
    name,
    state,
    found: `${'word '.repeat(30)}end`,
    wanted: 'more',
    advice,
  });

  it('counts what is wrong, wraps texts and leaves commands whole', () => {
    const command = `sysctl -w ${'x'.repeat(120)}`;
    const text = doctorText({
      schema: 1,
      users: 2500,
      ok: false,
      checks: [check('a', 'ok'), check('b', 'warn'), check('c', 'fail', [command]), check('d', 'unknown')],
    });
    assert.match(text, /^\n {2}2,500 users: FAIL \(1 failure, 1 warning, 1 unknown\)\n/);
    assert.ok(text.includes(`→ ${command}\n`));
    for (const line of text.split('\n')) assert.ok(line.length <= 110 || line.includes(command), line);
    assert.match(text, /\n {2}✗ c +word/);
  });

  it('gives a long name a line of its own', () => {
    const name = `target ${'n'.repeat(40)}`;
    const text = doctorText({ schema: 1, users: 1, ok: true, checks: [check(name, 'ok')] });
    assert.match(text, /1 user: OK\n\n {2}✓ target n+\n {18}word/);
  });
});
