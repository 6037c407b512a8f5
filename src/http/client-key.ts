import { isIP } from 'node:net';

/**
 * @param address of the socket
 * @returns what stands for one client: an IPv4 address, or the first 64 bits of an IPv6 one, since whoever has one of
 * those has the other 2^64 too
 */
export function clientKey(address: string): string {
  const bare = address.replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare);
  if (mapped !== null) return mapped[1]!;
  if (isIP(bare) !== 6) return bare;
  const [before, after] = bare.toLowerCase().split('::');
  const groups = (text: string | undefined): string[] =>
    text === undefined || text === '' ? [] : text.split(':');
  const head = groups(before);
  const tail = groups(after);
  // An address that ends as IPv4 does has one group less in its text; its first 64 bits are the same.
  const length = bare.includes('.') ? 7 : 8;
  const zeros = after === undefined ? 0 : length - head.length - tail.length;
  return [...head, ...Array<string>(Math.max(0, zeros)).fill('0'), ...tail]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
