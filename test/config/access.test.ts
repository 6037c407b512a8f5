import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAccess } from '../../src/config/access.ts';
import { parseConfig } from '../../src/config/load.ts';
import { processSecrets, type SecretSource } from '../../src/config/secrets.ts';
import type { Config } from '../../src/core/scenario.ts';
import { problemsOf } from './problems-of.ts';

const REF = (inside: string): string => `\${${inside}}`;
const GOOD = 'planted-0123456789abcdef';
const OTHER = 'planted-fedcba9876543210';

const yaml = (serve: string): string =>
  `serve: ${serve}\ntargets: [{ name: a, simulator: {} }]\nscenarios: { s: { target: a, stages: [{ users: 1, for: 1s }] } }\n`;

/** Tokens that come from the variables A, B, … */
const tokens = (count: number): string =>
  `[${['A', 'B', 'C']
    .slice(0, count)
    .map((name) => `{ name: ${name.toLowerCase()}, role: read, token: "${REF(`env:${name}`)}" }`)
    .join(', ')}]`;

const load = (serve: string, env?: SecretSource['env']): Config =>
  parseConfig(yaml(serve), {
    file: 'x.yaml',
    baseDir: '/base',
    ...(env === undefined ? {} : { checkSecrets: true, env }),
  });

describe('tokens', () => {
  it('are references in the configuration, and values where they are asked for', () => {
    const { serve } = load(
      `{ tokens: [{ name: a, role: operate, token: "${REF('env:A')}" }, { name: f, role: read, token: "${REF('file:t')}" }] }`,
    );
    assert.deepEqual(serve.tokens[1]!.token, [{ file: '/base/t' }]);
    const from: SecretSource = { env: { A: GOOD }, baseDir: '/', readFile: () => `${OTHER}\n` };
    assert.deepEqual(readAccess({ serve }, from), {
      tokens: [
        { name: 'a', role: 'operate', value: GOOD },
        { name: 'f', role: 'read', value: OTHER },
      ],
      metrics: 'token',
    });
    assert.doesNotMatch(JSON.stringify(serve), /planted/);
  });

  for (const [serve, metrics] of [
    ['{}', 'open'],
    [`{ tokens: ${tokens(1)} }`, 'token'],
    [`{ tokens: ${tokens(1)}, metrics: open }`, 'open'],
    [`{ host: 0.0.0.0, tokens: ${tokens(1)} }`, 'token'],
  ] as const) {
    it(`leave metrics ${metrics} in ${serve.slice(0, 40)}…`, () =>
      assert.equal(load(serve).serve.metrics, metrics));
  }

  for (const host of ['127.0.0.1', '127.9.8.7', '::1', 'localhost', 'LOCALHOST'])
    it(`need not be there on ${host}`, () => assert.equal(load(`{ host: "${host}" }`).serve.host, host));
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'soak.localhost',
    'localhost.example.com',
    '127.1',
    '0x7f000001',
    '::ffff:10.0.0.1',
  ])
    it(`must be there on ${host}`, () =>
      assert.match(problemsOf(() => load(`{ host: "${host}" }`)).message, /without tokens/));

  const wrong: readonly [
    what: string,
    env: Record<string, string>,
    code: string,
    lines: readonly RegExp[],
  ][] = [
    ['unset', {}, 'SECRET_MISSING', [/serve\.tokens\[0\]\.token: found \$\{env:A\} unset/, /tokens\[1\]/]],
    ['empty', { A: '', B: GOOD }, 'SECRET_MISSING', [/\$\{env:A\} unset, empty/]],
    [
      'short',
      { A: 'planted-1234567', B: GOOD },
      'CONFIG_INVALID',
      [/found 15 characters in \$\{env:A\}, expected 16 to 512/],
    ],
    ['long', { A: 'planted-'.repeat(65), B: GOOD }, 'CONFIG_INVALID', [/found 520 characters/]],
    ['of two words', { A: `${GOOD} x`, B: OTHER }, 'CONFIG_INVALID', [/a space/]],
    ['of two lines', { A: `${GOOD}\n\n`, B: OTHER }, 'CONFIG_INVALID', [/a line break/]],
    ['beyond ASCII', { A: `${GOOD}é`, B: OTHER }, 'CONFIG_INVALID', [/outside ASCII in \$\{env:A\}/]],
    [
      'the same twice',
      { A: GOOD, B: GOOD },
      'CONFIG_INVALID',
      [/tokens\[1\]\.token: found in \$\{env:B\} the value of tokens\[0\]/],
    ],
    [
      'wrong in several ways',
      { A: 'planted', B: '' },
      'CONFIG_INVALID',
      [/7 characters/, /\$\{env:B\} unset/],
    ],
  ];
  for (const [what, env, code, lines] of wrong) {
    it(`that are ${what} are told by their references, at the check and when they are read`, () => {
      const { serve } = load(`{ tokens: ${tokens(2)} }`);
      for (const attempt of [
        () => load(`{ tokens: ${tokens(2)} }`, env),
        () => readAccess({ serve }, processSecrets('/', env)),
      ]) {
        const error = problemsOf(attempt);
        assert.equal(error.code, code);
        assert.equal(error.exitCode, 2);
        assert.equal(error.details.length, lines.length, error.details.join('\n'));
        for (const [i, pattern] of lines.entries()) assert.match(error.details[i]!, pattern);
        assert.doesNotMatch(`${error.stack}${error.details.join()}`, /planted/);
      }
    });
  }

  it('are checked beside the other mistakes of a file', () => {
    const text = yaml(`{ port: x, tokens: ${tokens(1)} }`).replace('port: x', 'start: nowhere');
    const { details } = problemsOf(() => parseConfig(text, { file: 'x.yaml', checkSecrets: true, env: {} }));
    assert.equal(details.length, 2, details.join('\n'));
  });
});
