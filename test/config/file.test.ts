import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig, parseConfig } from '../../src/config/load.ts';
import { problemsOf } from './problems-of.ts';

const GOOD = `targets: [{ name: a, simulator: {} }]
scenarios: { s: { target: a, stages: [{ users: 1, for: 1s }] } }
`;

const faults = (content: string | Uint8Array): readonly string[] =>
  problemsOf(() => parseConfig(content, { file: 'dir/soakd.yaml' })).details;

describe('a configuration file', () => {
  it('must be there', () => {
    const error = problemsOf(() => loadConfig('nowhere/soakd.yaml', { checkSecrets: false }));
    assert.equal(error.code, 'CONFIG_UNREADABLE');
    assert.deepEqual(error.details, [
      'nowhere/soakd.yaml:1:1: found no such file, expected a configuration file; give the path of one',
    ]);
  });

  it('must not be a directory', () => {
    const error = problemsOf(() => loadConfig(import.meta.dirname, { checkSecrets: false }));
    assert.equal(error.code, 'CONFIG_UNREADABLE');
    assert.match(
      error.message,
      /:1:1: found a directory, expected a configuration file; name the file in it$/,
    );
  });

  it('is found from the given directory, and called what the user called it', (t) => {
    const cwd = mkdtempSync(join(tmpdir(), 'soakd-config-'));
    t.after(() => rmSync(cwd, { recursive: true }));
    writeFileSync(join(cwd, 'good.yaml'), GOOD);
    writeFileSync(join(cwd, 'bad.yaml'), `${GOOD}worker: 1\n`);
    assert.equal(loadConfig('good.yaml', { checkSecrets: true, cwd }).targets[0]?.name, 'a');
    assert.match(
      problemsOf(() => loadConfig('./bad.yaml', { checkSecrets: true, cwd })).message,
      /^\.\/bad\.yaml:3:1 worker: /,
    );
  });

  it('must not be empty', () => {
    const line =
      'dir/soakd.yaml:1:1: found an empty file, expected targets and scenarios; write them as docs/configuration.md shows';
    for (const content of ['', '\n\n', '# only a comment', '\ufeff'])
      assert.deepEqual(faults(content), [line]);
  });

  it('must be UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from(`${GOOD}# planted-`),
      Buffer.from([0xe9]),
      Buffer.from('\nx: 1\n'),
    ]);
    assert.deepEqual(faults(bytes), [
      'dir/soakd.yaml:3:1: found bytes that are not UTF-8, expected text in UTF-8; save the file as UTF-8',
    ]);
    assert.match(faults(Buffer.from(`\ufeff${GOOD}`, 'utf16le'))[0]!, /found bytes that are not UTF-8/);
  });

  it('may begin with a byte order mark and have lines of Windows', () => {
    parseConfig(`\ufeff${GOOD.replaceAll('\n', '\r\n')}`, { file: 'x.yaml' });
    assert.match(
      faults(`${GOOD.replaceAll('\n', '\r\n')}colour: blue\r\n`)[0]!,
      /^dir\/soakd\.yaml:3:1 colour: /,
    );
  });

  it('must not be larger than 1 MiB', () => {
    const fill = (bytes: number): string => `${GOOD}#${'x'.repeat(bytes - GOOD.length - 1)}`;
    parseConfig(fill(1_048_576), { file: 'x.yaml' });
    assert.deepEqual(faults(fill(1_048_577)), [
      'dir/soakd.yaml:1:1: found more than 1 MiB, expected a configuration of at most 1 MiB; move prompts into a file of their own',
    ]);
  });

  it('must not be nested so deep that a parser breaks', () => {
    assert.deepEqual(faults('['.repeat(20_000)), [
      'dir/soakd.yaml:1:1: found values nested too deep, expected at most 32 levels; write it flatter',
    ]);
  });

  it('is checked soon, however many keys it has', () => {
    const keys = Array.from({ length: 50_000 }, (_, i) => `key${i}: 1`).join('\n');
    const started = performance.now();
    const lines = faults(keys);
    assert.ok(performance.now() - started < 30_000);
    assert.equal(lines.length, 101);
    assert.equal(lines[100], '… and 49902 more');
  });

  it('has its first 100 mistakes told, in the order of their places', () => {
    const hosts = Array.from({ length: 150 }, (_, i) => `  - "host ${i}"`).join('\n');
    const lines = faults(`${GOOD}allow:\n${hosts}\n`);
    assert.equal(lines.length, 101);
    assert.match(lines[0]!, /^dir\/soakd\.yaml:4:5 allow\[0\]: found "host 0", /);
    assert.match(lines[99]!, /^dir\/soakd\.yaml:103:5 allow\[99\]: /);
    assert.equal(lines[100], '… and 50 more');
  });

  it('cannot steer a terminal through a message', () => {
    const [line] = faults(`${GOOD}"\\e[31mred\\u202e\\x07": 1\n`);
    assert.ok(line?.includes('\\u001b[31mred\\u202e\\u0007'), line);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(line!, /[\u0000-\u001f\u202e]/);
  });
});
