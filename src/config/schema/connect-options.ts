import { isIP } from 'node:net';
import type { z } from 'zod';
import { faultOfAllowEntry, normalizeHost } from '../../core/allow.ts';
import type { SecretText } from '../../core/secret-text.ts';
import { type ConnectOptions, type ProxyChoice, type TlsFiles, TRANSPORTS } from '../../core/target.ts';
import { isMapping, quote } from '../describe.ts';
import { auth, proxyAuth } from './auth.ts';
import { choose, dictionary, Fault, list, mapping, scalar } from './combinators.ts';
import { readUrl } from './http.ts';
import { oneOf, text, whole } from './scalars.ts';
import { secretText } from './secret-text.ts';

const NAME = 'the name that a certificate is for, such as llm.example.com';

const serverName = text(NAME, (value) => {
  if (isIP(value) !== 0) return new Fault(NAME, 'remove it: an address in the URL is verified as it is');
  return /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/.test(value)
    ? undefined
    : new Fault(NAME, 'write the name alone, without scheme and port');
});

const pem = () => text('the path of a PEM file');

const tls = mapping(
  {
    ca: pem().optional(),
    cert: pem().optional(),
    key: pem().optional(),
    passphrase: secretText('the passphrase of the key').optional(),
    serverName: serverName.optional(),
    minVersion: oneOf(['TLSv1.2', 'TLSv1.3']).optional(),
  },
  { advice: 'write for example { ca: ca.pem }', checks: [notEmpty, pairOfKeys, passphraseOfKey] },
).transform(
  ({ ca, cert, key, ...asWritten }): TlsFiles => ({ caFile: ca, certFile: cert, keyFile: key, ...asWritten }),
);

interface Given {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: SecretText | undefined;
}

function* notEmpty(_: unknown, written: Readonly<Record<string, unknown>>): Iterable<Fault> {
  if (Object.keys(written).length > 0) return;
  const expected = 'at least one of ca, cert with key, minVersion, serverName';
  yield new Fault(expected, 'write for example { ca: ca.pem }, or remove tls:');
}

function* pairOfKeys({ cert, key }: Given): Iterable<Fault> {
  if ((cert === undefined) === (key === undefined)) return;
  const [there, missing] = cert === undefined ? (['key', 'cert'] as const) : (['cert', 'key'] as const);
  yield new Fault('both, or none of them', `add ${missing}:`, `${there} without ${missing}`, [there], 'key', {
    advice: `add --${missing}`,
  });
}

function* passphraseOfKey({ passphrase, key }: Given): Iterable<Fault> {
  if (passphrase === undefined || key !== undefined) return;
  const advice = 'remove it, or add cert: and key:';
  yield new Fault('a key that it opens', advice, 'passphrase without key', ['passphrase'], 'key', {
    advice: 'remove it, or add --cert and --key',
  });
}

const ADDRESS = 'an address such as 10.0.0.7 or "::1"';

const address = text(ADDRESS, (value) =>
  isIP(value) === 0 ? new Fault(ADDRESS, 'write the address alone, without port and brackets') : undefined,
);

function faultOfHostName(name: string, earlier: readonly string[]): Fault | undefined {
  const bare = normalizeHost(name);
  if (isIP(bare) !== 0 || /^[*.]/.test(bare) || faultOfAllowEntry(bare) !== undefined)
    return new Fault(
      'a host name',
      'write the name alone, without scheme and port',
      `the name ${quote(name)}`,
    );
  if (earlier.every((other) => normalizeHost(other) !== bare)) return undefined;
  return new Fault(
    'each name once, whatever its case',
    'put its addresses into one list',
    `the name ${quote(name)} a second time`,
  );
}

/** Addresses by name, lower case. */
const resolve = dictionary(
  faultOfHostName,
  list(address, 1, 16, 'addresses', 'write for example [10.0.0.7]'),
  'a mapping of host names to lists of addresses',
  'write for example { llm.example.com: [10.0.0.7] }',
).transform(
  (record): Record<string, string[]> =>
    Object.fromEntries(Object.entries(record).map(([name, addresses]) => [normalizeHost(name), addresses])),
);

const SERVER = 'the address of a DNS server such as 10.0.0.53 or 127.0.0.1:5353';

const server = text(SERVER, (value) => {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(value);
  const host = isIP(value) !== 0 ? value : (match?.[1] ?? match?.[2] ?? '');
  const port = isIP(value) !== 0 ? 53 : Number(match?.[3] ?? 53);
  return isIP(host) !== 0 && port >= 1 && port <= 65_535
    ? undefined
    : new Fault(SERVER, 'write an address and, after a colon, its port; an IPv6 one with a port in brackets');
});

const dns = mapping(
  { servers: list(server, 1, 8, 'addresses of DNS servers', 'write for example [10.0.0.53]') },
  'write for example { servers: [10.0.0.53] }',
);

const WANTED = 'the URL of a proxy such as http://proxy.example.com:3128';

/** Messages never quote the URL, which may hold a password. */
function readProxyUrl(value: unknown): string | Fault {
  if (typeof value !== 'string' || value === '') return new Fault(WANTED, 'write a string');
  if (/^[^/?#]*(\/\/)?[^/?#]*@/.test(value)) {
    return new Fault(
      'a URL without them',
      `write { url: …, auth: { basic: { user: …, password: "\${env:PASSWORD}" } } }`,
      'a user name or password in the URL',
      [],
      'value',
      { advice: 'use a configuration file, where proxy: has auth:' },
    );
  }
  const url = readUrl(value);
  if (url instanceof Fault) return new Fault(WANTED, 'begin it with http:// and a host', url.found);
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

const JSON_URL = { type: 'string', description: WANTED };
const proxyUrl = scalar(readProxyUrl, JSON_URL);

const plain = scalar((value): ProxyChoice | Fault => {
  if (value === 'none') return 'none';
  const url = readProxyUrl(value);
  if (!(url instanceof Fault)) return { url };
  return new Fault(`none, or ${WANTED}`, url.advice, url.found, [], 'value', url.byFlag);
}, JSON_URL);

const withAuth = mapping(
  { url: proxyUrl, auth: proxyAuth.optional() },
  'write for example { url: http://proxy.example.com:3128 }',
).transform((given): ProxyChoice => given);

const proxy = choose<ProxyChoice>([plain, withAuth], (value) => (isMapping(value) ? withAuth : plain));

/** Maximum of streams per connection, above the limit of any known server. */
const MAX_STREAMS = 10_000;

const http2 = mapping(
  { streamsPerConnection: whole(1, MAX_STREAMS) },
  'write for example { streamsPerConnection: 100 }',
);

/** Connect options of a target. */
export const CONNECT_KEYS = {
  tls: tls.optional(),
  proxy: proxy.optional(),
  auth: auth.optional(),
  resolve: resolve.optional(),
  dns: dns.optional(),
  socket: text('the path of a Unix socket').optional(),
  http2: http2.optional(),
  transport: oneOf(TRANSPORTS).optional(),
};

/** Parsed connect options. */
export type GivenConnectOptions = Partial<z.output<z.ZodObject<typeof CONNECT_KEYS>>>;

/** Combines the keys into connect options. Paths stay as written. */
export function connectOptionsOf(given: GivenConnectOptions): ConnectOptions {
  const { tls, proxy, auth, socket: socketPath, http2, transport } = given;
  const names = (given.resolve ?? given.dns) && {
    fixed: given.resolve ?? {},
    servers: given.dns?.servers ?? [],
  };
  return { tls, proxy, auth, names, socketPath, http2, transport };
}
