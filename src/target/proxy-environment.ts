import { BlockList, isIP } from 'node:net';
import { normalizeHost } from '../core/allow.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says of a URL. `variable` is where it says so, for messages. */
export interface EnvironmentProxy {
  readonly variable: string;
  /** As it stands there: a password may be in it. */
  readonly value: string;
}

/**
 * `HTTP_PROXY` is not among them: where a program runs under CGI, the header `Proxy:` of a request would be it.
 */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  'http:': ['http_proxy', 'all_proxy', 'ALL_PROXY'],
  'https:': ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
};

/** @returns the proxy that the conventions of curl have for a URL; `undefined` for none */
export function proxyFromEnvironment(url: URL, env: Environment): EnvironmentProxy | undefined {
  const variable = (VARIABLES[url.protocol] ?? []).find((name) => isSet(env[name]));
  if (variable === undefined) return undefined;
  const exempt = isSet(env.no_proxy) ? env.no_proxy : env.NO_PROXY;
  return isExempt(url, exempt ?? '') ? undefined : { variable, value: env[variable]!.trim() };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}

/**
 * @param list hosts parted by commas or spaces: `*` for all, a name (which stands for the names below it, too, with
 * or without a dot before it), an address, a range; each but `*` and ranges with `:port` if wanted
 */
export function isExempt(url: URL, list: string): boolean {
  const host = normalizeHost(url.hostname);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => fits(entry.toLowerCase(), host, port));
}

function fits(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inRange(entry, host);
  const { name, port: only } = apart(entry);
  if (only !== undefined && only !== port) return false;
  const bare = name.replace(/^\*?\./, '').replace(/\.$/, '');
  if (bare === '') return false;
  if (isIP(host) !== 0) return isIP(bare) !== 0 && inRange(bare, host);
  return host === bare || host.endsWith(`.${bare}`);
}

/** An IPv6 address has colons of its own: a port needs brackets around it. */
function apart(entry: string): { readonly name: string; readonly port: string | undefined } {
  const bracketed = /^\[(.*)\](?::(\d+))?$/.exec(entry);
  if (bracketed !== null) return { name: bracketed[1]!, port: bracketed[2] };
  const plain = isIP(entry) === 6 ? null : /^(.*):(\d+)$/.exec(entry);
  return plain === null ? { name: entry, port: undefined } : { name: plain[1]!, port: plain[2] };
}

function inRange(range: string, host: string): boolean {
  const [address = '', prefix] = range.replace(/[[\]]/g, '').split('/');
  const family = isIP(address);
  const bits = family === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (family === 0 || isIP(host) === 0 || !(length >= 0 && length <= bits)) return false;
  const list = new BlockList();
  list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}
