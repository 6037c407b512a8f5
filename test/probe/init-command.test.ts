import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { SIMULATOR_PRESETS } from '../../src/catalog/presets.ts';
import { parseConfig } from '../../src/config/load.ts';
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts';
import { freePort } from '../../support/ports.ts';
import { soakd } from '../../support/process.ts';

describe('soakd init', () => {
  let simulator: Simulator;
  let folder: string;
  let out: string;
  before(async () => {
    simulator = await startSimulator(SIMULATOR_PRESETS.quick);
  });
  after(() => simulator.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'soakd-init-'));
    out = join(folder, 'first.yaml');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const ended = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const program = soakd(args, { env });
    const { code } = await program.ended(60_000);
    return { code, said: program.stdout.text, failed: program.stderr.text };
  };
  const written = () => readFileSync(out, 'utf8');

  it('writes a configuration that validates and runs, and says how', async () => {
    const url = `${simulator.url}/v1/chat/completions`;
    const made = await ended(['init', url, '--body', '{"stream":true}', '--name', 'chat', '--out', out]);
    assert.deepEqual(
      [made.code, made.said],
      [
        0,
        `${out}: written, with the target chat\n` +
          `  check it  soakd validate ${out}\n` +
          `  run it    soakd run chat --config ${out}\n` +
          `  serve it  soakd serve --config ${out}\n`,
      ],
      made.failed,
    );
    assert.match(written(), /^# Written by soakd init from a probe of http:\/\/127\.0\.0\.1/);
    const { targets } = parseConfig(written(), { file: out });
    assert.deepEqual([targets[0]?.format, targets[0]?.method], ['openai-chat', 'POST']);
    assert.equal((await ended(['validate', out])).code, 0);
    const ran = await ended(['run', 'chat', '--config', out, '--users', '2', '--for', '1s', '--json']);
    assert.ok(JSON.parse(ran.said).streams.finished.complete > 0, ran.failed);
  });

  it('keeps a secret of a header out of the file, and names the variable to set', async () => {
    const header = 'Authorization: Bearer s3cret-of-a-header';
    const made = await ended(['init', `${simulator.url}/sse`, '--header', header, '--out', out]);
    assert.equal(made.code, 0, made.failed);
    assert.match(made.said, /set API_KEY, then soakd validate/);
    assert.doesNotMatch(written() + made.said, /s3cret-of-a-header/);
    assert.match(written(), /authorization: "Bearer \$\{env:API_KEY\}"/);
    assert.equal((await ended(['validate', out], { API_KEY: 'x' })).code, 0);
  });

  it('replaces no file without --force', async () => {
    writeFileSync(out, 'mine');
    const kept = await ended(['init', `${simulator.url}/sse`, '--out', out]);
    assert.deepEqual(
      [kept.code, kept.failed],
      [
        2,
        `soakd: ${out}: found a file, expected none; give --out FILE to write another, or --force to replace it\n`,
      ],
    );
    assert.equal(written(), 'mine');
    assert.equal((await ended(['init', `${simulator.url}/sse`, '--out', out, '--force'])).code, 0);
    assert.match(written(), /^targets:/m);
  });

  it('writes nothing where the stream does not end well, and explains the stream', async () => {
    const dead = await ended(['init', `http://127.0.0.1:${await freePort()}/`, '--out', out]);
    assert.equal(dead.code, 1);
    assert.match(dead.failed, /expected one that ends well; \S+ is not written\n$/);
    assert.match(dead.failed, /✗ /);
    assert.throws(written, { code: 'ENOENT' });
  });

  it('a folder that is not there is reported', async () => {
    const lost = await ended(['init', '--out', join(folder, 'none', 'first.yaml')]);
    assert.equal(lost.code, 4);
    assert.match(lost.failed, /^soakd: \S+first\.yaml cannot be written: ENOENT/);
  });

  it('without a URL the target is the built-in simulator, and flags of a target are refused', async () => {
    const made = await ended(['init', '--out', out]);
    assert.equal(made.code, 0, made.failed);
    assert.equal(parseConfig(written(), { file: out }).targets[0]?.endpoint.kind, 'simulator');
    assert.equal((await ended(['validate', out])).code, 0);
    const refused = await ended(['init', '--out', join(folder, 'other.yaml'), '--header', 'x: 1']);
    assert.deepEqual(
      [refused.code, refused.failed],
      [2, 'soakd: found flags of a target without a URL, expected both; add the URL\n'],
    );
  });
});
