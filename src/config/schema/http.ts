import type { SecretText } from '../../core/secret-text.ts';
import { STREAM_ID_HEADER } from '../../core/stream-id.ts';
import { isMapping, quote } from '../describe.ts';
import { choose, dictionary, Fault, list, mapping, scalar, then } from './combinators.ts';
import { oneOf, text } from './scalars.ts';
import { jsonSecretText, parseSecretText } from './secret-text.ts';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const URL_WANTED = 'a URL such as https://llm.example.com/v1/chat/completions';

/** Messages never quote the URL, which may hold a token. */
export function readUrl(value: unknown): URL | Fault {
  if (typeof value !== 'string') return new Fault(URL_WANTED, 'write a string');
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(value)?.[1]?.toLowerCase();
  const isHttp = scheme === 'http' || scheme === 'https';
  if (!isHttp && value.includes('://'))
    return new Fault(URL_WANTED, 'use http:// or https://', 'a URL of another scheme');
  if (!isHttp || !/^https?:\/\/[^/\\]/i.test(value) || !URL.canParse(value) || /[\s\p{Cc}]/u.test(value)) {
    return new Fault(
      URL_WANTED,
      'begin it with http:// or https:// and a host',
      'a string that is no such URL',
    );
  }
  const url = new URL(value);
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/i.test(value)) {
    return new Fault(
      'a URL without them',
      `send credentials in a header, as \${env:NAME}`,
      'a user name or password in the URL',
    );
  }
  if (value.includes('#'))
    return new Fault('a URL without one', 'remove everything from # on', 'a fragment in the URL');
  return url;
}

export const url = scalar(
  (value): string | Fault => {
    const result = readUrl(value);
    return result instanceof Fault ? result : result.href;
  },
  { type: 'string', format: 'uri', description: URL_WANTED },
);

const WELL_KNOWN = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);

const METHOD = 'an HTTP method such as GET or POST';

export const method = then(text(METHOD), (value) => {
  const upper = value.toUpperCase();
  if (!TOKEN.test(value)) return new Fault(METHOD, 'write one word');
  if (upper === 'CONNECT') return new Fault(`${METHOD} (CONNECT opens a tunnel)`, 'use another method');
  // Methods are case-sensitive by the standard, but `post` always means POST.
  return WELL_KNOWN.has(upper) ? upper : value;
});

/** Headers of the connection or of soakd; a user who set them would break every stream. */
const RESERVED = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
  // The header would reach the target as well.
  'proxy-authorization',
  STREAM_ID_HEADER,
]);

function faultOfHeaderName(header: string, earlier: readonly string[]): Fault | undefined {
  if (!TOKEN.test(header)) {
    return new Fault(
      'letters, digits and "-"',
      'write the name alone as the key',
      'a header name with other characters',
    );
  }
  if (RESERVED.has(header.toLowerCase())) {
    return new Fault('none that soakd or the connection sets', 'remove it', `the header ${quote(header)}`);
  }
  if (earlier.some((name) => name.toLowerCase() === header.toLowerCase())) {
    return new Fault(
      'each header once, whatever its case',
      'remove one of them',
      `the header ${quote(header)} a second time`,
    );
  }
  return undefined;
}

/** Allows only Latin-1 without control characters in a header: a line break would begin another header. */
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const headerValue = scalar(
  (value): SecretText | Fault => {
    if (typeof value !== 'string') return new Fault('a string', 'put it in quotes');
    if (/[\r\n]/.test(value))
      return new Fault('a string on one line', 'write it on one line without | or >', 'a line break');
    if (!HEADER_VALUE.test(value)) {
      return new Fault(
        'a string of Latin-1 without control characters',
        'encode it',
        'a character that headers cannot hold',
      );
    }
    return parseSecretText(value);
  },
  { type: 'string' },
  true,
);

/** Turns names to lower case, since header names are case-insensitive. */
export const headers = dictionary(
  faultOfHeaderName,
  headerValue,
  'a mapping of header names to values',
  `write for example { authorization: "Bearer \${env:API_KEY}" }`,
).transform(
  (record): Record<string, SecretText> =>
    Object.fromEntries(Object.entries(record).map(([header, value]) => [header.toLowerCase(), value])),
);

/** Request body: a text is sent unchanged, a mapping or list as JSON. */
export const body = scalar(
  (value): { kind: 'text' | 'json'; text: SecretText } | Fault => {
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) {
      return new Fault(
        'a string, or a mapping or list to be sent as JSON',
        'put it in quotes, or remove the key for no body',
      );
    }
    const kind = typeof value === 'string' ? 'text' : 'json';
    const result = kind === 'text' ? parseSecretText(value as string) : jsonSecretText(value);
    return result instanceof Fault ? result : { kind, text: result };
  },
  { type: ['string', 'object', 'array'], description: 'a string, or a mapping or list to be sent as JSON' },
  true,
);

const PROMPTS = 'prompts, or a mapping such as { file: prompts.txt }';

const promptList = list(text('a prompt, as text'), 1, 100_000, PROMPTS, 'write at least one');
const promptFile = mapping(
  { file: text('the path of a file of prompts') },
  'write for example { file: prompts.txt }',
);

export const prompts = choose<string[] | { file: string }>([promptList, promptFile], (value) =>
  isMapping(value) ? promptFile : promptList,
);

export const connection = oneOf(['reuse', 'fresh']).default('reuse');
