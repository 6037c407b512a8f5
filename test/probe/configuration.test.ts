import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AdHocFlags, adHocConfig } from '../../src/config/ad-hoc.ts';
import { parseConfig } from '../../src/config/load.ts';
import { isSecretName, shownUrl } from '../../src/core/shown-url.ts';
import type { Terminal } from '../../src/core/target.ts';
import type { Format } from '../../src/formats/list.ts';
import { configurationFor } from '../../src/probe/configuration.ts';
import { shownHeader } from '../../src/probe/secret-headers.ts';

const URL_HERE = 'http://127.0.0.1:8002/stream?a=1&b=%20';

interface Case {
  readonly flags?: Partial<AdHocFlags>;
  readonly format?: Format;
  readonly terminal?: Terminal;
  readonly mediaType?: string;
}

const CASES: Readonly<Record<string, Case>> = {
  'a plain URL': {},
  'a port alone': { flags: { target: 'http://[::1]:80/' } },
  'another host': { flags: { target: 'https://llm.example.com/v1/chat', allow: ['llm.example.com'] } },
  'an address': { flags: { target: 'http://192.0.2.7/', allow: ['192.0.2.0/24'] } },
  'a method': { flags: { method: 'PUT' } },
  'a method that YAML reads as a value': { flags: { method: 'NULL' } },
  'a body of JSON': {
    flags: { body: '{"model":"a: b","n":[1,2.5,true,null,"#x"],"o":{},"s":"\\u0085\\u2028\\ud83d\\ude00"}' },
  },
  'a body of text': { flags: { body: 'line one\nline: two # no comment\t\u0007' } },
  'a body with a dollar sign': { flags: { body: '{"price":"$${5}"}' } },
  'a body with a reference': { flags: { body: `{"user":"$\{env:WHO}"}` } },
  'headers of all kinds': {
    flags: {
      header: [
        'accept: a/b',
        'x-empty:',
        'x-yes: yes',
        'x-quote: "a" \\ b',
        'x-money: $${5}',
        `x-ref: a $\{env:WHO} b`,
      ],
    },
  },
  'a terminal text': { format: 'sse', terminal: { kind: 'data', data: '"[DONE]": #' } },
  'a terminal event': { format: 'sse', terminal: { kind: 'event', event: 'yes' } },
  'a terminal path': { format: 'sse', terminal: { kind: 'path', path: 'a.0.b', equals: 'no' } },
  'another media type': { format: 'sse', mediaType: 'text/plain' },
  'the media type of the format': { format: 'ndjson', mediaType: 'application/jsonl' },
  'a Unix socket': { flags: { target: 'http://app.invalid/', unixSocket: '/run/app: x.sock' } },
  'files of TLS': {
    flags: {
      target: 'https://127.0.0.1/',
      ca: '/etc/ca.pem',
      cert: 'client.pem',
      key: 'client.key',
      keyPassphrase: `$\{env:WHO}`,
      serverName: 'llm.invalid',
    },
  },
  'basic authentication': { flags: { user: `me:$\{env:WHO}` } },
  'a token': { flags: { bearer: `$\{env:WHO}` } },
  'a proxy': { flags: { target: 'http://a.invalid/', proxy: 'http://p.invalid:1', allow: ['.invalid'] } },
  'no proxy': { flags: { proxy: 'none' } },
  timeouts: {
    flags: { ttfbTimeout: '1500ms', idleTimeout: '2s', totalTimeout: '60s', connectTimeout: '1s' },
  },
};

describe('the suggested configuration', () => {
  for (const [what, { flags = {}, format = 'raw', terminal, mediaType }] of Object.entries(CASES)) {
    it(`${what}: is valid, and sends what was sent`, () => {
      const target = adHocConfig({ target: URL_HERE, ...flags }).targets[0]!;
      const yaml = configurationFor({ target, format, terminal, mediaType });
      const config = parseConfig(yaml, { file: 'suggested' });
      const suggested = config.targets[0]!;
      assert.deepEqual(suggested.endpoint, target.endpoint, yaml);
      for (const key of ['tls', 'auth', 'proxy', 'socketPath'] as const)
        assert.deepEqual(suggested[key], target[key], yaml);
      assert.equal(suggested.method, target.method);
      const asText = (text: unknown) => JSON.stringify(text);
      assert.equal(
        asText(suggested.headers),
        asText({ ...target.headers, ...jsonHeader(suggested.headers) }),
      );
      assert.deepEqual(bodyOf(suggested.body), bodyOf(target.body));
      assert.deepEqual([suggested.format, suggested.terminal], [format, terminal]);
      assert.deepEqual(suggested.timeouts, target.timeouts);
      const odd = what === 'another media type' ? mediaType : undefined;
      assert.equal(suggested.expect.contentType, odd);
    });
  }

  it('has no secret that was typed out', () => {
    const header = ['authorization: Bearer abcdef', 'x-api-key: ghijkl', 'cookie: sid=mnopqr'];
    const body = '{"api_key":"stuvwx","max_tokens":5,"key":"kept"}';
    const target = adHocConfig({ target: `${URL_HERE}&access_token=yzyzyz`, header, body }).targets[0]!;
    const yaml = configurationFor({ target, format: 'sse', terminal: undefined, mediaType: undefined });
    for (const secret of ['abcdef', 'ghijkl', 'mnopqr', 'stuvwx', 'yzyzyz'])
      assert.ok(!yaml.includes(secret), yaml);
    assert.match(yaml, /"?max_tokens"?: 5, key: "kept"/);
    parseConfig(yaml, { file: 'suggested' });
  });
});

describe('secrets', () => {
  it('are known by their names', () => {
    const secret = [
      'Authorization',
      'x-api-key',
      'apiKey',
      'Cookie',
      'X-Auth-Token',
      'client_secret',
      'key',
      'sig',
    ];
    const open = ['accept', 'content-type', 'x-monkey', 'max_tokens_total', 'author', 'keyboard'];
    assert.deepEqual(
      secret.filter((name) => !isSecretName(name)),
      [],
    );
    assert.deepEqual(open.filter(isSecretName), []);
  });

  it('typed out become references, and references stay what they are', () => {
    assert.equal(shownHeader('authorization', ['Bearer abc']), `Bearer $\{env:API_KEY}`);
    assert.equal(shownHeader('authorization', ['Bearer ', { env: 'MINE' }]), `Bearer $\{env:MINE}`);
    assert.equal(shownHeader('x-api-key', ['abc']), `$\{env:X_API_KEY}`);
    assert.equal(shownHeader('x-plain', ['abc']), 'abc');
  });

  it('in a URL are masked', () => {
    assert.deepEqual(shownUrl('http://a/?b=1'), { url: 'http://a/?b=1', masked: false });
    assert.deepEqual(shownUrl('http://a/?token=1&b=2'), { url: 'http://a/?token=HIDDEN&b=2', masked: true });
  });
});

/** A body of JSON sets this header by itself once it is written as a mapping. */
function jsonHeader(headers: Readonly<Record<string, unknown>>): object {
  return 'content-type' in headers ? { 'content-type': headers['content-type'] } : {};
}

/** Bodies are the same when they are as JSON. */
function bodyOf(body: { readonly text: readonly unknown[]; readonly json: boolean } | undefined): unknown {
  if (body === undefined) return undefined;
  const text = body.text
    .map((part) => (typeof part === 'string' ? part : `<${JSON.stringify(part)}>`.replaceAll('"', "'")))
    .join('');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
