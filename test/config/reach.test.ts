import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { type AdHocFlags, adHocConfig } from '../../src/config/ad-hoc.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { ConnectOptions, Target } from '../../src/core/target.ts';
import { problemsOf } from './problems-of.ts';

const REF = (kind: string): string => `\${${kind}}`;
const BASE = '/etc/soakd';

function parse(keys: string, options: Partial<Parameters<typeof parseConfig>[1]> = {}): Target {
  const text = `targets:
  - name: a
    url: https://llm.invalid/
${keys.replace(/^/gm, '    ')}
scenarios: { s: { target: a, stages: [{ users: 1, for: 1s }] } }
allow: [.invalid]
`;
  return parseConfig(text, { file: 'x.yaml', baseDir: BASE, ...options }).targets[0]!;
}

const connectOptionsOf = ({ tls, proxy, auth, names, socketPath }: ConnectOptions): ConnectOptions =>
  JSON.parse(JSON.stringify({ tls, proxy, auth, names, socketPath }));

describe('how a target is reached', () => {
  const table: readonly [keys: string, expected: ConnectOptions][] = [
    ['method: GET', {}],
    ['tls: { ca: ca.pem }', { tls: { caFile: `${BASE}/ca.pem` } }],
    [
      `tls: { cert: /a/c.pem, key: ../k.pem, passphrase: "${REF('file:p')}", serverName: x.invalid }`,
      {
        tls: {
          certFile: '/a/c.pem',
          keyFile: '/etc/k.pem',
          passphrase: [{ file: `${BASE}/p` }],
          serverName: 'x.invalid',
        },
      },
    ],
    ['proxy: none', { proxy: 'none' }],
    ['proxy: http://127.0.0.1:3128', { proxy: { url: 'http://127.0.0.1:3128/' } }],
    [
      `proxy: { url: "http://[::1]:1/", auth: { basic: { user: "${REF('env:U')}", password: "a$${REF('b')}" } } }`,
      { proxy: { url: 'http://[::1]:1/', auth: { user: [{ env: 'U' }], password: [`a${REF('b')}`] } } },
    ],
    [
      `auth: { basic: { user: me, password: "${REF('file:p')}" } }`,
      { auth: { kind: 'basic', user: ['me'], password: [{ file: `${BASE}/p` }] } },
    ],
    [
      'auth: { basic: { user: key, password: "" } }',
      { auth: { kind: 'basic', user: ['key'], password: [] } },
    ],
    [
      `auth: { bearer: "x-${REF('env:KEY')}" }`,
      { auth: { kind: 'bearer', token: { kind: 'text', text: ['x-', { env: 'KEY' }] } } },
    ],
    [
      'auth: { bearer: { file: token } }',
      { auth: { kind: 'bearer', token: { kind: 'file', file: `${BASE}/token`, everyMs: 60_000 } } },
    ],
    [
      `auth: { bearer: { file: "a$${REF('b')}", every: 1s } }`,
      { auth: { kind: 'bearer', token: { kind: 'file', file: `${BASE}/a${REF('b')}`, everyMs: 1000 } } },
    ],
    // A program without a slash is one of the PATH; what stands after it is what it is.
    [
      'auth: { bearer: { command: [get-token, ./a], lifetime: 10m } }',
      {
        auth: {
          kind: 'bearer',
          token: { kind: 'command', command: ['get-token', './a'], lifetimeMs: 600_000 },
        },
      },
    ],
    [
      'auth: { bearer: { command: [./get-token], lifetime: 1h } }',
      {
        auth: {
          kind: 'bearer',
          token: { kind: 'command', command: [`${BASE}/get-token`], lifetimeMs: 3_600_000 },
        },
      },
    ],
    [
      'resolve: { LLM.invalid.: [10.0.0.7, "::1"] }',
      { names: { fixed: { 'llm.invalid': ['10.0.0.7', '::1'] }, servers: [] } },
    ],
    [
      'dns: { servers: [10.0.0.53, "127.0.0.1:5353", "::1", "[::1]:53", "[::1]"] }',
      {
        names: { fixed: {}, servers: ['10.0.0.53', '127.0.0.1:5353', '::1', '[::1]:53', '[::1]'] },
      },
    ],
    [
      'proxy: http://p.invalid:1\nresolve: { p.invalid: [127.0.0.1] }',
      {
        proxy: { url: 'http://p.invalid:1/' },
        names: { fixed: { 'p.invalid': ['127.0.0.1'] }, servers: [] },
      },
    ],
    ['socket: app.sock', { socketPath: `${BASE}/app.sock` }],
    ['socket: /run/app.sock\nproxy: none', { socketPath: '/run/app.sock', proxy: 'none' }],
  ];
  for (const [keys, expected] of table)
    it(keys, () => assert.deepEqual(connectOptionsOf(parse(keys)), connectOptionsOf(expected)));

  it('by a Unix socket, the host needs no permission', () => {
    const keys = 'socket: /x.sock';
    const text = `targets: [{ name: a, url: "http://elsewhere.example/", ${keys} }]
scenarios: { s: { target: a, stages: [{ users: 1, for: 1s }] } }`;
    assert.equal(parseConfig(text, { file: 'x' }).targets[0]!.socketPath, '/x.sock');
  });
});

describe('secrets of it', () => {
  const files: Readonly<Record<string, string>> = {
    [`${BASE}/token`]: 'planted-token\n',
    [`${BASE}/two`]: 'planted token',
    [`${BASE}/empty`]: '',
  };
  const check = (keys: string, env: Record<string, string> = {}) =>
    parse(keys, {
      checkSecrets: true,
      env,
      readFile: (path) => {
        if (files[path] === undefined) throw new Error(`planted ${path}`);
        return Buffer.from(files[path]);
      },
    });

  it('may all be there', () => {
    const env = { A: 'planted-a', B: 'planted-b' };
    for (const keys of [
      `auth: { basic: { user: "${REF('env:A')}", password: "${REF('env:B')}" } }`,
      `auth: { bearer: "${REF('file:token')}" }`,
      'auth: { bearer: { file: token } }',
      // No program is run to check a configuration.
      'auth: { bearer: { command: [/no/such/program], lifetime: 1m } }',
      `tls: { cert: c, key: k, passphrase: "${REF('env:A')}" }`,
      `proxy: { url: "http://127.0.0.1:1", auth: { basic: { user: x, password: "${REF('env:A')}" } } }`,
    ])
      assert.doesNotMatch(JSON.stringify(check(keys, env)), /planted/);
  });

  const missing = 'expected a secret with a value; set it before soakd starts';
  const table: readonly [keys: string, line: string][] = [
    [
      `auth: { basic: { user: me, password: "${REF('env:NONE')}" } }`,
      `x.yaml:4:42 targets[0].auth.basic.password: found ${REF('env:NONE')} unset, empty or unreadable, ${missing}`,
    ],
    [
      `auth: { basic: { user: "${REF('env:NONE')}", password: "" } }`,
      `x.yaml:4:28 targets[0].auth.basic.user: found ${REF('env:NONE')} unset, empty or unreadable, ${missing}`,
    ],
    [
      `auth: { bearer: "${REF('file:none')}" }`,
      `x.yaml:4:21 targets[0].auth.bearer: found ${REF(`file:${BASE}/none`)} unset, empty or unreadable, ${missing}`,
    ],
    [
      'auth: { bearer: { file: empty } }',
      `x.yaml:4:29 targets[0].auth.bearer.file: found a file that is empty or unreadable, ${missing}`,
    ],
    [
      `tls: { cert: c, key: k, passphrase: "${REF('env:NONE')}" }`,
      `x.yaml:4:41 targets[0].tls.passphrase: found ${REF('env:NONE')} unset, empty or unreadable, ${missing}`,
    ],
    [
      `proxy: { url: "http://127.0.0.1:1", auth: { basic: { user: x, password: "${REF('env:NONE')}" } } }`,
      `x.yaml:4:77 targets[0].proxy.auth.basic.password: found ${REF('env:NONE')} unset, empty or unreadable, ${missing}`,
    ],
    [
      'auth: { bearer: { file: two } }',
      'x.yaml:4:29 targets[0].auth.bearer.file: found a token that holds spaces, line breaks or characters that are not ASCII, expected a token of visible ASCII characters on one line; fix the token',
    ],
  ];
  for (const [keys, line] of table)
    it(`are told where they are not: ${keys}`, () =>
      assert.deepEqual(problemsOf(() => check(keys)).details, [line]));
});

describe('flags', () => {
  const config = (flags: Partial<AdHocFlags>): Target =>
    adHocConfig({ target: 'https://127.0.0.1/', ...flags }, { cwd: BASE }).targets[0]!;

  it('say how a target is reached', () => {
    const tls = {
      ca: 'ca.pem',
      cert: 'c.pem',
      key: 'k.pem',
      keyPassphrase: REF('env:P'),
      serverName: 'x.invalid',
    };
    assert.deepEqual(config(tls).tls, {
      caFile: `${BASE}/ca.pem`,
      certFile: `${BASE}/c.pem`,
      keyFile: `${BASE}/k.pem`,
      passphrase: [{ env: 'P' }],
      serverName: 'x.invalid',
    });
    assert.equal(config({ proxy: 'none' }).proxy, 'none');
    assert.equal(config({ unixSocket: 'x.sock' }).socketPath, resolve(BASE, 'x.sock'));
    assert.deepEqual(config({ bearer: REF('env:KEY') }).auth, {
      kind: 'bearer',
      token: { kind: 'text', text: [{ env: 'KEY' }] },
    });
  });

  for (const [user, name, password] of [
    ['me:secret', ['me'], ['secret']],
    ['me:', ['me'], []],
    ['me:a:b', ['me'], ['a:b']],
    [`me:${REF('env:P')}`, ['me'], [{ env: 'P' }]],
    [`${REF('env:U')}:${REF('env:P')}:x`, [{ env: 'U' }], [{ env: 'P' }, ':x']],
    ['m$e:$', ['m$e'], ['$']],
  ] as const) {
    it(`--user ${user}`, () =>
      assert.deepEqual(config({ user }).auth, { kind: 'basic', user: name, password }));
  }

  const bad: readonly [flags: Partial<AdHocFlags>, line: RegExp][] = [
    [{ user: 'planted' }, /^--user: found a string without a name, or without ":", expected "name:password"/],
    [{ user: ':planted' }, /^--user: found a string without a name/],
    [{ user: 'me:planted', bearer: 'planted' }, /^--bearer: found bearer beside basic/],
    [
      { bearer: 'planted', header: ['authorization: planted'] },
      /^--header: found auth beside a header authorization, .*; remove the header$/,
    ],
    [{ cert: 'c.pem' }, /^--cert: found cert without key, .*; add --key$/],
    [
      { keyPassphrase: 'planted' },
      /^--key-passphrase: found passphrase without key, .* or add --cert and --key$/,
    ],
    [
      { ca: 'x', target: 'http://127.0.0.1/' },
      /^--target: found tls beside a URL of http:\/\/, .*leave out what is for TLS$/,
    ],
    [
      { proxy: 'http://me:planted@127.0.0.1:1' },
      /^--proxy: found a user name or password in the URL, .*; use a configuration file, where proxy: has auth:$/,
    ],
    [
      { proxy: 'http://p.example:1' },
      /^--proxy: found the host "p\.example", .*; add --allow p\.example, if/,
    ],
    [{ unixSocket: 'x', proxy: 'http://127.0.0.1:1' }, /^--proxy: found proxy beside socket/],
  ];
  for (const [flags, line] of bad) {
    it(`${JSON.stringify(flags)} is told by its flag`, () => {
      const { details } = problemsOf(() => config(flags));
      assert.equal(details.length, 1, details.join('\n'));
      assert.match(details[0]!, line);
      assert.doesNotMatch(details[0]!, /planted/);
    });
  }
});
