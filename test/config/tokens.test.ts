import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fetchToken } from '../../src/config/tokens.ts';
import type { FreshToken } from '../../src/core/target.ts';
import { poll } from '../../support/poll.ts';
import { isRunning } from '../../support/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-tokens-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const file = (path: string): FreshToken => ({ kind: 'file', file: path, everyMs: 1000 });
const command = (...words: string[]): FreshToken => ({ kind: 'command', command: words, lifetimeMs: 1000 });
const script = (text: string): FreshToken => command('sh', '-c', text);

async function refused(source: FreshToken, message: RegExp, signal?: AbortSignal): Promise<void> {
  await assert.rejects(fetchToken(source, signal), (error: Error) => {
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /planted/);
    return true;
  });
}

describe('a token of a file', () => {
  it('is read anew each time, also where another file was put in its place', async () => {
    writeFileSync(at('token'), 'one\n');
    assert.equal(await fetchToken(file(at('token'))), 'one');
    writeFileSync(at('new'), '  two \r\n\n');
    renameSync(at('new'), at('token'));
    assert.equal(await fetchToken(file(at('token'))), 'two');
    // As Kubernetes does it: a link to a folder that is changed for another.
    writeFileSync(at('three'), 'three');
    symlinkSync('token', at('link'));
    assert.equal(await fetchToken(file(at('link'))), 'two');
    unlinkSync(at('link'));
    symlinkSync('three', at('link'));
    assert.equal(await fetchToken(file(at('link'))), 'three');
  });

  const bad: readonly [what: string, content: string | undefined, message: RegExp][] = [
    ['that is not there', undefined, /cannot be read: ENOENT/],
    ['that is empty', '\n', / is empty$/],
    ['of two lines', 'planted\nplanted', /line breaks/],
    ['that is no token but a log', 'planted '.repeat(10_000), /longer than 65536 bytes/],
  ];
  for (const [what, content, message] of bad) {
    it(`${what} is an error`, async () => {
      if (content !== undefined) writeFileSync(at('bad'), content);
      await refused(file(at(content === undefined ? 'none' : 'bad')), message);
    });
  }

  it('is no folder', () =>
    refused(file(folder), /cannot be read: it is a directory, expected a regular file/));
});

describe('a token of a command', () => {
  it('is what it prints, without the white space around it', async () => {
    assert.equal(await fetchToken(command('printf', '\\n tok-en \\n\\n')), 'tok-en');
  });

  it('is run without a shell: an argument is what it is', async () => {
    assert.equal(await fetchToken(command('printf', '%s', '$(id);`id`>x|y')), '$(id);`id`>x|y');
  });

  it('is not read from standard error', () =>
    refused(script('echo planted >&2'), /^the token from sh is empty$/));

  const bad: readonly [what: string, source: FreshToken, message: RegExp][] = [
    ['that is not there', command(at('no-such-program')), /cannot be run: spawn .* ENOENT$/],
    ['that fails', script('echo planted; exit 3'), /^sh ended with code 3$/],
    ['that is killed', script('echo planted; kill -9 $$'), /^sh ended with signal SIGKILL$/],
    [
      'that prints two lines',
      script('echo planted; echo planted'),
      /^the token from sh holds spaces, line breaks/,
    ],
    [
      'that never stops printing',
      script('while :; do echo planted planted planted; done'),
      /^sh printed more than 65536 bytes$/,
    ],
  ];
  for (const [what, source, message] of bad) it(`${what} is an error`, () => refused(source, message));

  it('that may not be run is an error', { skip: process.platform === 'win32' }, async () => {
    writeFileSync(at('program'), '#!/bin/sh\necho planted\n');
    chmodSync(at('program'), 0o600);
    await refused(command(at('program')), /cannot be run: spawn .* EACCES$/);
  });

  it('is ended with all that it started when nobody wants its token any more', async (t) => {
    const abort = new AbortController();
    t.after(() => abort.abort());
    const result = refused(script(`sleep 60 & echo $! > ${at('pid')}; wait`), /was ended/, abort.signal);
    const pid = await poll('pid', () => Number(readFileSync(at('pid'), 'utf8')) || undefined, { everyMs: 5 });
    assert.ok(isRunning(pid));
    abort.abort();
    await result;
    await poll('end of what it started', () => !isRunning(pid) || undefined, { everyMs: 5 });
    await refused(command('echo', 'planted'), /was ended/, abort.signal);
  });
});
