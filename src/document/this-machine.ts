import { isLoopback } from '../core/loopback.ts';

/** Returns whether the streams of an address stay on the machine of soakd: a simulator, or loopback. */
export function isOnThisMachine(url: string): boolean {
  return url === 'simulator' || (URL.canParse(url) && isLoopback(new URL(url).hostname));
}
