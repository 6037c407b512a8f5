import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig, parseConfig } from '../../src/config/load.ts';
import { Fault } from '../../src/config/schema/combinators.ts';
import { jsonSecretText, parseSecretText } from '../../src/config/schema/secret-text.ts';
import { missingSecrets, resolveSecret, type SecretSource } from '../../src/config/secrets.ts';
import { problemsOf } from './problems-of.ts';

const REF = (kind: string): string => `\${${kind}}`;

const FROM: SecretSource = {
  env: { KEY: 'planted-key', QUOTED: 'a"b\\c\nd', EMPTY: '' },
  baseDir: '/base',
  readFile: (path) => {
    const files: Record<string, string> = {
      '/base/key.txt': 'planted-file\n',
      '/abs/two': 'x\r\n\r\n',
      '/base/none': '\n',
    };
    const text = files[path];
    if (text === undefined) throw new Error(`planted-error ${path}`);
    return text;
  },
};

describe('references in a text', () => {
  for (const [text, parts] of [
    ['', []],
    ['plain', ['plain']],
    [`Bearer ${REF('env:KEY')}`, ['Bearer ', { env: 'KEY' }]],
    [`${REF('env:_a1')}${REF('file:/run/secrets/a b')}`, [{ env: '_a1' }, { file: '/run/secrets/a b' }]],
    ['a $ b $x {c} }', ['a $ b $x {c} }']],
    [`$${REF('env:KEY')}`, [REF('env:KEY')]],
    [`$$${REF('env:KEY')} $${REF('')}`, [`$${REF('env:KEY')} ${REF('')}`]],
    [`x$${REF('a')}${REF('env:K')}y`, [`x${REF('a')}`, { env: 'K' }, 'y']],
  ] as const) {
    it(`are told apart in ${JSON.stringify(text)}`, () => assert.deepEqual(parseSecretText(text), parts));
  }

  for (const inside of [
    '',
    'KEY',
    'env',
    'env:',
    'env:1A',
    'env:A B',
    'env:A-B',
    'file:',
    'file: ',
    'vault:x',
    ' env:KEY',
    'ENV:KEY',
  ]) {
    it(`are refused as ${REF(inside)}`, () =>
      assert.ok(parseSecretText(`planted ${REF(inside)}`) instanceof Fault));
  }

  it('stay references inside JSON', () => {
    assert.deepEqual(jsonSecretText({ a: [`"${REF('env:KEY')}"`, 1], b: `$${REF('x')}` }), [
      '{"a":["\\"',
      { env: 'KEY' },
      `\\"",1],"b":"${REF('x')}"}`,
    ]);
  });
});

describe('resolving', () => {
  it('puts values of the environment and of files in their places', () => {
    const text = ['a ', { env: 'KEY' }, ' b ', { file: 'key.txt' }, ' c'] as const;
    assert.equal(resolveSecret(text, FROM), 'a planted-key b planted-file c');
  });

  it('removes one newline at the end of a file', () =>
    assert.equal(resolveSecret([{ file: '/abs/two' }], FROM), 'x\r\n'));

  it('escapes values, and only them, for JSON', () => {
    const text = jsonSecretText({ a: `x"${REF('env:QUOTED')}` });
    assert.ok(!(text instanceof Fault));
    assert.deepEqual(JSON.parse(resolveSecret(text, FROM, 'json')), { a: 'x"a"b\\c\nd' });
    assert.equal(resolveSecret([{ env: 'QUOTED' }], FROM), 'a"b\\c\nd');
  });

  for (const [reference, shown] of [
    [{ env: 'NONE' }, REF('env:NONE')],
    [{ env: 'EMPTY' }, REF('env:EMPTY')],
    [{ file: 'nowhere' }, REF('file:nowhere')],
    [{ file: 'none' }, REF('file:none')],
  ] as const) {
    it(`fails for ${shown}, which it names`, () => {
      assert.equal(
        missingSecrets(['x', reference, { env: 'KEY' }], FROM),
        `${shown} unset, empty or unreadable`,
      );
      assert.throws(
        () => resolveSecret([{ env: 'KEY' }, reference], FROM),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'SECRET_MISSING');
          assert.ok(error.message.endsWith(shown), error.message);
          assert.doesNotMatch(error.message, /planted/);
          return true;
        },
      );
    });
  }
});

describe('secrets of a configuration', () => {
  const text = `targets:
  - name: a
    url: http://127.0.0.1/
    headers:
      Authorization: "Bearer ${REF('env:KEY')}"
      x-file: "${REF('file:secrets/key.txt')}"
    body: { a: { b: "${REF('env:BODY')} ${REF('env:BODY')} ${REF('env:KEY')}" } }
scenarios: { s: { target: a, stages: [{ users: 1, for: 1s }] } }
`;

  const folder = (t: { after(fn: () => void): void }): string => {
    const dir = mkdtempSync(join(tmpdir(), 'soakd-secrets-'));
    t.after(() => rmSync(dir, { recursive: true }));
    mkdirSync(join(dir, 'conf/secrets'), { recursive: true });
    writeFileSync(join(dir, 'conf/soakd.yaml'), text);
    return dir;
  };

  it('stay references, with absolute paths, whatever is set', (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, 'conf/secrets/key.txt'), 'planted-file\n');
    const env = { KEY: 'planted-key', BODY: 'planted-body' };
    for (const checkSecrets of [true, false]) {
      const config = loadConfig('conf/soakd.yaml', { checkSecrets, env, cwd });
      assert.deepEqual(config.targets[0]?.headers, {
        authorization: ['Bearer ', { env: 'KEY' }],
        'x-file': [{ file: join(cwd, 'conf/secrets/key.txt') }],
        'content-type': ['application/json'],
      });
      assert.doesNotMatch(JSON.stringify(config), /planted/);
    }
  });

  it('are not looked for unless asked', (t) => {
    loadConfig('conf/soakd.yaml', { checkSecrets: false, env: {}, cwd: folder(t) });
  });

  it('must be set when asked, each told at its place', (t) => {
    const cwd = folder(t);
    const error = problemsOf(() =>
      loadConfig('conf/soakd.yaml', { checkSecrets: true, env: { KEY: 'planted-key' }, cwd }),
    );
    assert.equal(error.code, 'SECRET_MISSING');
    assert.equal(error.exitCode, 2);
    const rest = 'unset, empty or unreadable, expected a secret with a value; set it before soakd starts';
    assert.deepEqual(error.details, [
      `conf/soakd.yaml:6:15 targets[0].headers.x-file: found ${REF(`file:${join(cwd, 'conf/secrets/key.txt')}`)} ${rest}`,
      `conf/soakd.yaml:7:11 targets[0].body: found ${REF('env:BODY')} ${rest}`,
    ]);
  });

  it('are told among other mistakes, which then give the code', (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, 'conf/soakd.yaml'), `${text}workers: 0\n`);
    const error = problemsOf(() => loadConfig('conf/soakd.yaml', { checkSecrets: true, env: {}, cwd }));
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.equal(error.details.length, 4);
    assert.match(error.details[0]!, /^conf\/soakd\.yaml:5:22 targets\[0\]\.headers\.Authorization: /);
    assert.match(error.details[3]!, /workers/);
  });

  it('are told where something else of their target is wrong, and its prompts too', (t) => {
    const cwd = folder(t);
    const wrong = text.replace(/^( *)body:/m, '$1timeouts: { ttfb: 5 }\n$1body:');
    assert.notEqual(wrong, text);
    writeFileSync(
      join(cwd, 'conf/soakd.yaml'),
      wrong.replace(/^( *)body:/m, '$1prompts: { file: nowhere.txt }\n$1body:'),
    );
    const { details } = problemsOf(() => loadConfig('conf/soakd.yaml', { checkSecrets: true, env: {}, cwd }));
    const places = details.map((line) => line.split(' ')[1]);
    assert.deepEqual(places, [
      'targets[0].headers.Authorization:',
      'targets[0].headers.x-file:',
      'targets[0].timeouts.ttfb:',
      'targets[0].prompts:',
      'targets[0].prompts.file:',
      'targets[0].body:',
    ]);
  });

  it('must fit into a header', () => {
    const error = problemsOf(() =>
      parseConfig(text, {
        file: 'x.yaml',
        checkSecrets: true,
        env: { KEY: 'planted\r\nx: y', BODY: 'planted\nis fine in a body' },
        readFile: () => Buffer.from('planted-file'),
      }),
    );
    assert.deepEqual(error.details, [
      'x.yaml:5:22 targets[0].headers.Authorization: found a secret with a character that headers cannot hold, expected one line of Latin-1; fix the secret',
    ]);
  });
});
