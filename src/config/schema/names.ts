import { isIP } from 'node:net';
import { faultOfAllowEntry, normalizeHost } from '../../core/allow.ts';
import { quote } from '../describe.ts';
import { dictionary, Fault, list } from './combinators.ts';
import { mapping } from './mapping.ts';
import { text } from './scalars.ts';

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
export const resolve = dictionary(
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

export const dns = mapping(
  { servers: list(server, 1, 8, 'addresses of DNS servers', 'write for example [10.0.0.53]') },
  'write for example { servers: [10.0.0.53] }',
);
