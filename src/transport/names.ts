import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { Names } from '../core/target.ts';
import { NETWORK, type Network } from './dial.ts';
import { DnsClient } from './dns-client.ts';

/** @returns a lookup that knows a target's own names, asks its own servers, and else the system */
export function lookupFor(names: Names, system: Network['lookup']): Network['lookup'] {
  const { fixed, servers } = names;
  const ask = servers.length === 0 ? system : new DnsClient(servers).lookup;
  return (host, done) => {
    const addresses = Object.hasOwn(fixed, host) ? fixed[host] : undefined;
    if (addresses === undefined) ask(host, done);
    else {
      const found = addresses.map((address): LookupAddress => ({ address, family: isIP(address) }));
      process.nextTick(done, null, found);
    }
  };
}

/**
 * Looks a name up once, as streams to a target would.
 * @param names of the target; absent: as the system does it
 * @throws the error of DNS, with its code
 */
export function lookUp(host: string, names?: Names): Promise<LookupAddress[]> {
  const lookup = names === undefined ? NETWORK.lookup : lookupFor(names, NETWORK.lookup);
  return new Promise((resolve, reject) => {
    lookup(host, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}
