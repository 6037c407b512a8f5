import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { Allowlist } from '../core/allow.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import type { Names } from '../core/target.ts';

/** @param names what a target has to say of them; absent: as the system does it */
export type Lookup = (host: string, names?: Names) => Promise<readonly LookupAddress[]>;

/**
 * Checks a host against the allowlist before anything is sent to it.
 * @param host as `normalizeHost` gives it
 * @returns the addresses that it has now and that may be dialled
 * @throws SoakError TARGET_NOT_ALLOWED, CANNOT_START (a name that cannot be looked up)
 */
export async function checkHost(host: string, allowlist: Allowlist, lookup: Lookup): Promise<string[]> {
  if (allowlist.classifyHost(host) === 'no')
    throw notAllowed(host, 'it is not on the allowlist, which holds loopback and what allow: names');
  if (isIP(host) !== 0) return [host];
  let found: string[];
  try {
    found = (await lookup(host)).map((a) => a.address);
  } catch (error) {
    throw new SoakError('CANNOT_START', `${host} cannot be looked up: ${messageOf(error)}`, [], error);
  }
  // A name that the list holds may point anywhere, but then to where it points now.
  const allowed = allowlist.namesHost(host) ? found : found.filter((a) => allowlist.coversAddress(a));
  if (allowed.length === 0) throw notAllowed(host, `it points to ${found.join(', ')}, outside the allowlist`);
  return allowed;
}

function notAllowed(host: string, why: string): SoakError {
  return new SoakError('TARGET_NOT_ALLOWED', `${host} is refused: ${why}; nothing was sent`, [
    `to load a host that you are allowed to load, add it to allow: in the configuration, or give --allow ${host}`,
  ]);
}
