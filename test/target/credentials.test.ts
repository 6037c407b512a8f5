import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SoakError } from '../../src/core/errors.ts';
import type { Auth, FreshToken } from '../../src/core/target.ts';
import { type Credential, credentialOf, faultOfToken } from '../../src/target/credentials.ts';

const VALUES: Readonly<Record<string, string>> = {
  KEY: 'planted-key',
  NAME: 'planted-name',
  COLON: 'a:planted',
  LINES: 'planted\nx',
};
const file: FreshToken = { kind: 'file', file: '/token', everyMs: 1000 };

function credential(auth: Auth, fetched: string | Error = 'planted-token'): Promise<Credential> {
  return credentialOf(auth, 'a', {
    resolveSecret: (text) =>
      text.map((part) => (typeof part === 'string' ? part : VALUES['env' in part ? part.env : '']!)).join(''),
    fetchToken: () => (fetched instanceof Error ? Promise.reject(fetched) : Promise.resolve(fetched)),
  });
}

describe('what is sent', () => {
  const coded = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const table: readonly [what: string, auth: Auth, expected: Credential][] = [
    [
      'basic',
      { kind: 'basic', user: ['me'], password: [{ env: 'KEY' }] },
      {
        authorization: `Basic ${coded('me:planted-key')}`,
        secrets: [coded('me:planted-key'), 'planted-key'],
      },
    ],
    [
      'basic with a name that is a secret, and letters of all kinds',
      { kind: 'basic', user: [{ env: 'NAME' }], password: ['gr\u00fc\u00df:e'] },
      {
        authorization: `Basic ${coded('planted-name:gr\u00fc\u00df:e')}`,
        secrets: [coded('planted-name:gr\u00fc\u00df:e'), 'gr\u00fc\u00df:e', 'planted-name'],
      },
    ],
    [
      'basic without a password',
      { kind: 'basic', user: ['key'], password: [] },
      { authorization: `Basic ${coded('key:')}`, secrets: [coded('key:')] },
    ],
    [
      'a token',
      { kind: 'bearer', token: { kind: 'text', text: ['x-', { env: 'KEY' }] } },
      { authorization: 'Bearer x-planted-key', secrets: ['x-planted-key'] },
    ],
    [
      'a token that is refreshed',
      { kind: 'bearer', token: file },
      {
        authorization: 'Bearer planted-token',
        secrets: ['planted-token'],
        refreshed: { source: file, known: ['planted-token'] },
      },
    ],
  ];
  for (const [what, auth, expected] of table)
    it(what, async () =>
      assert.deepEqual(
        { refreshed: undefined, ...(await credential(auth)) },
        { refreshed: undefined, ...expected },
      ),
    );

  const bad: readonly [what: string, auth: Auth, fetched: string | Error, message: RegExp][] = [
    [
      'a name with a colon',
      { kind: 'basic', user: [{ env: 'COLON' }], password: [] },
      '',
      /^the user of the auth: of a contains a ":"/,
    ],
    [
      'a token of several lines',
      { kind: 'bearer', token: { kind: 'text', text: [{ env: 'LINES' }] } },
      '',
      /^the bearer token of a holds spaces, line breaks/,
    ],
    [
      'a token that cannot be had',
      { kind: 'bearer', token: file },
      new Error('/token cannot be read: ENOENT'),
      /^cannot get the bearer token of a: \/token cannot be read: ENOENT$/,
    ],
  ];
  for (const [what, auth, fetched, message] of bad) {
    it(`${what} is an error that shows nothing of it`, async () => {
      await assert.rejects(credential(auth, fetched), (error) => {
        assert.ok(error instanceof SoakError);
        assert.equal(error.code, 'CANNOT_START');
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /planted/);
        return true;
      });
    });
  }
});

describe('a token', () => {
  const table: readonly [token: string, fault: RegExp | undefined][] = [
    ['abc', undefined],
    ['eyJ.a-b_c~d+e/f==', undefined],
    ['x'.repeat(16_384), undefined],
    ['x'.repeat(16_385), /longer/],
    ['', /empty/],
    ['a b', /spaces/],
    ['a\r\nx: y', /line breaks/],
    ['t\u00f6ken', /ASCII/],
    ['\u0000', /ASCII/],
  ];
  for (const [token, fault] of table) {
    it(`${JSON.stringify(token).slice(0, 20)} ${fault === undefined ? 'can be sent' : 'cannot be sent'}`, () => {
      if (fault === undefined) assert.equal(faultOfToken(token), undefined);
      else assert.match(faultOfToken(token)!, fault);
    });
  }
});
