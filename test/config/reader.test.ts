import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigReader, type ReaderOptions } from '../../src/config/reader/config-reader.ts';
import { SoakError } from '../../src/core/errors.ts';
import { poll } from '../../support/poll.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-reader-'));
const file = join(folder, 'soakd.yaml');
const readers: ConfigReader[] = [];
after(() => {
  for (const reader of readers) reader.close();
  rmSync(folder, { recursive: true, force: true });
});
const readerOf = (options?: ReaderOptions): ConfigReader => {
  const reader = new ConfigReader(file, options);
  readers.push(reader);
  return reader;
};

process.env.READER_TOKEN = 'planted-reader-0123456789';
const yaml = (scenarios: number): string =>
  `
serve: { tokens: [{ name: op, role: operate, token: "\${env:READER_TOKEN}" }] }
targets:
  - { name: first, url: "http://127.0.0.1:9/", method: POST, body: "{{prompt}}", prompts: { file: prompts.txt }, labels: { a: b } }
  - { name: second, url: "http://127.0.0.1:9/", body: { p: ["{{prompt}}"] }, prompts: { file: prompts.txt }, tls: {} }
  - { name: third, url: "http://127.0.0.1:9/", body: "{{prompt}}", prompts: [one, two], thresholds: { ttfb-p95: 1s } }
  - { name: fourth, simulator: { preset: quick } }
scenarios:
  constructor: { target: fourth, stages: [{ users: 1, for: 1s }] }
${Array.from({ length: scenarios }, (_, i) => `  s${i}: { target: fourth, stages: [{ users: ${1 + (i % 90)}, for: 5m }, { users: 3, for: 1m }] }`).join('\n')}
`.replace(', tls: {}', '');
const promptsOf = (count: number): string =>
  Array.from({ length: count }, (_, i) => `prompt ${i}`).join('\n');
const write = (scenarios: number, prompts: number): void => {
  writeFileSync(join(folder, 'prompts.txt'), promptsOf(prompts));
  writeFileSync(file, yaml(scenarios));
};

describe('the thread that reads configurations', () => {
  it('returns what loadConfig returns, frozen, with the values of tokens', async () => {
    write(3, 12_345);
    const expected = loadConfig(file, { checkSecrets: true });
    const { config, access } = await readerOf().read(expected);
    // Strict: prototypes too, by which a reload would take what is the same for changed.
    assert.deepStrictEqual(config, expected);
    assert.equal(Object.getPrototypeOf(config.scenarios), null);
    assert.ok(Object.isFrozen(config.targets[0]!.prompts) && Object.isFrozen(config.targets[2]!.timeouts));
    assert.equal(access.tokens[0]!.value, process.env.READER_TOKEN);
  });

  it('keeps the list of prompts that are the same, and no other', async () => {
    write(1, 12_345);
    const known = loadConfig(file, { checkSecrets: true });
    assert.equal(known.targets[0]!.prompts, known.targets[1]!.prompts);
    const reader = readerOf();
    const same = await reader.read(known);
    for (const [i, { prompts }] of known.targets.entries())
      assert.equal(same.config.targets[i]!.prompts, prompts);
    for (const count of [12_344, 12_346, 7000]) {
      write(1, count);
      const { config } = await reader.read(known);
      assert.deepEqual(config.targets[0]!.prompts, promptsOf(count).split('\n'));
      assert.equal(config.targets[0]!.prompts, config.targets[1]!.prompts);
    }
    writeFileSync(join(folder, 'prompts.txt'), promptsOf(12_345).replace('prompt 9000', 'prompt other'));
    const { config } = await reader.read(known);
    assert.equal(config.targets[0]!.prompts.length, 12_345);
    assert.equal(config.targets[0]!.prompts[9000], 'prompt other');
  });

  it('leaves the main thread free while a large configuration is read', async () => {
    write(1, 10);
    const reader = readerOf();
    // Its start is not what is compared.
    const { config: known } = await reader.read(loadConfig(file, { checkSecrets: true }));
    write(2500, 300_000);
    const fromMs = performance.now();
    let lastMs = fromMs;
    let longestMs = 0;
    const timer = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 1);
    const { config } = await reader.read(known);
    longestMs = Math.max(longestMs, performance.now() - lastMs);
    clearInterval(timer);
    const tookMs = performance.now() - fromMs;
    assert.equal(config.targets[0]!.prompts.length, 300_000);
    assert.ok(longestMs < tookMs / 3, `blocked for ${longestMs} ms of ${tookMs} ms`);
  });

  it('passes on the code and all lines of an error, and reads again', async () => {
    write(1, 10);
    const reader = readerOf();
    const { config: known } = await reader.read(loadConfig(file, { checkSecrets: true }));
    writeFileSync(file, yaml(1).replace('preset: quick', 'preset: slow').replace('for: 1s', 'for: 1'));
    await assert.rejects(reader.read(known), (error) => {
      assert.ok(error instanceof SoakError);
      assert.equal(error.code, 'CONFIG_INVALID');
      assert.equal(error.details.length, 2);
      assert.match(error.message, /soakd\.yaml:\d+:\d+ /);
      return true;
    });
    writeFileSync(file, yaml(1).replace('READER_TOKEN', 'READER_UNSET'));
    await assert.rejects(reader.read(known), { code: 'SECRET_MISSING' });
    rmSync(file);
    await assert.rejects(reader.read(known), { code: 'CONFIG_UNREADABLE' });
    write(1, 10);
    assert.deepStrictEqual((await reader.read(known)).config, known);
  });

  it('ends at the bound of its heap, and the process does not; the next read has a new one', async () => {
    write(1, 10);
    const known = loadConfig(file, { checkSecrets: true });
    write(8000, 10);
    const reader = readerOf({ heapMiB: 40 });
    await assert.rejects(reader.read(known), (error) => {
      assert.ok(error instanceof SoakError);
      assert.equal(error.code, 'CONFIG_UNREADABLE');
      assert.match(error.message, /needs more than 40 MiB of memory/);
      return true;
    });
    write(1, 10);
    assert.equal(Object.keys((await reader.read(known)).config.scenarios).length, 2);
  });

  it('ends when it has no work, and at the end of soakd', async () => {
    write(1, 10);
    const known = loadConfig(file, { checkSecrets: true });
    const reader = readerOf({ idleMs: 50 });
    await reader.read(known);
    await poll('its end', () => !reader.isStarted || undefined);
    const reading = reader.read(known);
    assert.ok(reader.isStarted);
    reader.close();
    await assert.rejects(reading, { code: 'CANNOT_START' });
    await assert.rejects(reader.read(known), { code: 'CANNOT_START' });
    assert.ok(!reader.isStarted);
  });
});
