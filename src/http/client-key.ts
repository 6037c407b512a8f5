import { isIP } from 'node:net';

/**
 * Returns the rate-limit key of a client: its IPv4 address, or the first 64 bits of its IPv6 address, since a client
 * usually owns the whole /64.
 * @param address remote address of the socket
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
  // An address with an embedded IPv4 tail has one group fewer in its text; its first 64 bits are the same.
  const length = bare.includes('.') ? 7 : 8;
  const zeros = after === undefined ? 0 : length - head.length - tail.length;
  return [...head, ...Array<string>(Math.max(0, zeros)).fill('0'), ...tail]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
