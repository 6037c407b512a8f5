import { BlockList, isIP } from 'node:net';

/**
 * The hosts that may be loaded: loopback always, every other host only if it is listed. A *name* is checked
 * before it is looked up, an *address* when it is dialled.
 */
export interface Allowlist {
  /**
   * @returns `yes`: this name or literal address may be used (the addresses of a name are checked at
   * dialling); `look-up`: nothing names it, but ranges are allowed and its addresses may lie in one; `no`:
   * refused.
   */
  classifyHost(host: string): 'yes' | 'look-up' | 'no';
  /** Whether an address may be dialled because of its range alone. */
  coversAddress(address: string): boolean;
  /** Whether an entry names this host, so that the addresses it has when a run starts may be dialled. */
  namesHost(host: string): boolean;
}

/** @returns the host of an allow entry, lower case, without brackets or trailing dot */
export function normalizeHost(host: string): string {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return bare.toLowerCase().replace(/\.$/, '');
}

/** @returns what is wrong with an allow entry, or `undefined` */
export function faultOfAllowEntry(entry: string): string | undefined {
  const slash = entry.indexOf('/');
  if (slash >= 0) {
    const family = isIP(entry.slice(0, slash));
    const prefix = entry.slice(slash + 1);
    if (family === 0) return 'the part before "/" is not an address';
    if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128))
      return 'the prefix length is out of range';
    return undefined;
  }
  if (isIP(normalizeHost(entry)) !== 0) return undefined;
  const name = normalizeHost(entry).replace(/^(\*\.|\.)/, '');
  // A URL whose host ends in a number is read as an address, however it is written: such a name never matches.
  if (
    !/^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/.test(name) ||
    /(^|\.)(\d+|0x[0-9a-f]*)$/.test(name)
  ) {
    return 'it is neither a host name, a suffix such as .example.com, an address nor a CIDR range';
  }
  return undefined;
}

/** @param entries checked before by {@link faultOfAllowEntry} */
export function buildAllowlist(entries: readonly string[]): Allowlist {
  const ranges = new BlockList();
  ranges.addSubnet('127.0.0.0', 8, 'ipv4');
  ranges.addAddress('::1', 'ipv6');
  const names = new Set<string>();
  const suffixes: string[] = [];
  let hasRanges = false;
  for (const entry of entries) {
    const slash = entry.indexOf('/');
    const host = normalizeHost(slash >= 0 ? entry.slice(0, slash) : entry);
    const family = isIP(host);
    if (family !== 0) {
      const type = family === 4 ? 'ipv4' : 'ipv6';
      if (slash >= 0) ranges.addSubnet(host, Number(entry.slice(slash + 1)), type);
      else ranges.addAddress(host, type);
      hasRanges = true;
    } else if (/^(\*\.|\.)/.test(host)) suffixes.push(host.replace(/^\*?/, ''));
    else names.add(host);
  }

  const coversAddress = (address: string): boolean => {
    const family = isIP(address);
    return family !== 0 && ranges.check(address, family === 4 ? 'ipv4' : 'ipv6');
  };
  const namesHost = (host: string): boolean => {
    const name = normalizeHost(host);
    return names.has(name) || suffixes.some((s) => name.endsWith(s));
  };
  const classifyHost = (host: string): 'yes' | 'look-up' | 'no' => {
    const name = normalizeHost(host);
    if (isIP(name) !== 0) return coversAddress(name) ? 'yes' : 'no';
    // RFC 6761: these names are loopback by definition; their addresses are checked all the same.
    if (name === 'localhost' || name.endsWith('.localhost') || namesHost(name)) return 'yes';
    return hasRanges ? 'look-up' : 'no';
  };
  return { classifyHost, coversAddress, namesHost };
}

/** @returns whether a run that was checked at its start may dial this address of this host */
export type AddressGuard = (address: string) => boolean;

/**
 * @param pinned addresses that the target's name had when the run started. A name that points elsewhere
 * later is refused, unless its new address lies in an allowed range.
 */
export function addressGuard(allowlist: Allowlist, pinned: readonly string[]): AddressGuard {
  const known = new Set(pinned);
  return (address) => allowlist.coversAddress(address) || known.has(address);
}
