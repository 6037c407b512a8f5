import type { ProxyChoice } from '../../core/connect-options.ts';
import { isMapping } from '../describe.ts';
import { proxyAuth } from './auth.ts';
import { choose, Fault, scalar } from './combinators.ts';
import { readUrl } from './http.ts';
import { mapping } from './mapping.ts';

const WANTED = 'the URL of a proxy such as http://proxy.example.com:3128';

/** Messages never quote the URL, which may hold a password. */
function readProxyUrl(value: unknown): string | Fault {
  if (typeof value !== 'string' || value === '') return new Fault(WANTED, 'write a string');
  if (/^[^/?#]*(\/\/)?[^/?#]*@/.test(value)) {
    return new Fault(
      'a URL without them',
      `write { url: …, auth: { basic: { user: …, password: "\${env:PASSWORD}" } } }`,
      'a user name or password in the URL',
    );
  }
  const url = readUrl(value);
  if (url instanceof Fault)
    return new Fault(WANTED, 'begin it with http:// and a host', url.schemaIssue.found);
  if (url.protocol !== 'http:')
    return new Fault(
      WANTED,
      'use http://: TLS to the target goes through it all the same',
      'a URL of https://',
    );
  if (url.pathname !== '/' || url.search !== '')
    return new Fault(WANTED, 'remove what follows the host and port', 'a URL with a path');
  return url.href;
}

export const proxyUrl = scalar(readProxyUrl);

const plain = scalar((value): ProxyChoice | Fault => {
  if (value === 'none') return 'none';
  const url = readProxyUrl(value);
  if (!(url instanceof Fault)) return { url };
  const { advice, found } = url.schemaIssue;
  return new Fault(`none, or ${WANTED}`, advice, found);
});

const withAuth = mapping(
  { url: proxyUrl, auth: proxyAuth.optional() },
  'write for example { url: http://proxy.example.com:3128 }',
).transform(
  (given): ProxyChoice =>
    given.auth === undefined ? { url: given.url } : { url: given.url, auth: given.auth },
);

export const proxy = choose<ProxyChoice>([plain, withAuth], (value) => (isMapping(value) ? withAuth : plain));

/** Returns the host of a proxy as written, for the allowlist check. */
export function proxyHostOf(written: unknown): string | undefined {
  const url = readProxyUrl(isMapping(written) ? written.url : written);
  return url instanceof Fault ? undefined : new URL(url).hostname;
}
