/** Parts of the grammar of JSON and of UTF-8, over bytes. */

/** `"` `\` `/` `b` `f` `n` `r` `t`: what may follow a backslash, but for `u`. */
const SIMPLE_ESCAPES = new Uint8Array(256);
for (const char of '"\\/bfnrt') SIMPLE_ESCAPES[char.charCodeAt(0)] = 1;

/** Hexadecimal digits. */
const HEX = new Uint8Array(256);
for (const char of '0123456789abcdefABCDEF') HEX[char.charCodeAt(0)] = 1;

/** What a string of ASCII is made of, but for its escapes. */
const PLAIN = new Uint8Array(256);
for (let byte = 0x20; byte < 0x80; byte++) PLAIN[byte] = 1;
PLAIN[0x22] = PLAIN[0x5c] = 0;

/** @returns where the plain ASCII of a string ends: at a quote, an escape or any other byte */
export function plainFrom(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && PLAIN[bytes[i]!] === 1) i++;
  return i;
}

/** @returns where the escape that begins here ends; −1 where it is none */
export function escaped(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end) return -1;
  const byte = bytes[at + 1]!;
  if (SIMPLE_ESCAPES[byte] === 1) return at + 2;
  if (byte !== 0x75 || at + 6 > end) return -1;
  for (let i = at + 2; i < at + 6; i++) if (HEX[bytes[i]!] === 0) return -1;
  return at + 6;
}

/** @returns whether a valid escape is one from \udc00 to \udfff */
export function isSecondHalf(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 1] !== 0x75 || (bytes[at + 2]! | 0x20) !== 0x64) return false;
  const third = bytes[at + 3]! | 0x20;
  return third >= 0x63 && third <= 0x66;
}

/** @returns where the decimal digits that begin here end */
export function digitsFrom(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && bytes[i]! >= 48 && bytes[i]! <= 57) i++;
  return i;
}

/** @returns bytes of the UTF-8 character of two or more that begins here; 0 where there is none (RFC 3629, 4) */
export function characterLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > end) return 0;
  const second = bytes[at + 1]!;
  if (second < lowestSecond(first) || second > highestSecond(first)) return 0;
  for (let i = at + 2; i < at + length; i++) if ((bytes[i]! & 0xc0) !== 0x80) return 0;
  return length;
}

/** What the second byte must at least be: forms longer than needed are none. */
export function lowestSecond(first: number): number {
  return first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
}

/** What it must at most be: no surrogates, nothing above U+10FFFF. */
export function highestSecond(first: number): number {
  return first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
}
