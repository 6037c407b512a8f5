import { BlockList, isIP } from 'node:net';
import { normalizeHost } from './allow.ts';

/**
 * @param host as one listens on it or as it stands in a URL, without port
 * @returns whether it is loopback regardless of a resolver: a literal of 127.0.0.0/8 or ::1, or `localhost`
 */
export function isLoopback(host: string): boolean {
  const bare = normalizeHost(host);
  if (bare === 'localhost') return true;
  const family = isIP(bare);
  if (family === 0) return false;
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  return loopback.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}
