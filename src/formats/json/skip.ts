import { characterLength, digitsFrom, escaped, plainFrom } from './bytes.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;

/** Nesting beyond this is left to JSON.parse, which has no stack to run out of. */
const MAX_DEPTH = 32;

/** @returns the bytes of a text to compare with: see {@link matches} */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

const TRUE = ascii('true');
const FALSE = ascii('false');
const NULL = ascii('null');

/** @returns whether the text is there, before the end */
export function matches(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

/** @returns where the white space that begins here ends */
export function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
    i++;
  }
  return i;
}

/** @returns where the string of valid UTF-8 that begins here, at its quote, ends; −1 where it is none */
function skipString(bytes: Uint8Array, at: number, end: number): number {
  let i = at + 1;
  for (;;) {
    i = plainFrom(bytes, i, end);
    if (i >= end) return -1;
    const byte = bytes[i]!;
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) {
      i = escaped(bytes, i, end);
      if (i < 0) return -1;
    } else {
      const length = byte < 0x80 ? 0 : characterLength(bytes, i, end);
      if (length === 0) return -1;
      i += length;
    }
  }
}

/** @returns where the JSON value that begins here, without space, ends; −1 where it is none or nested deep */
export function skipValue(bytes: Uint8Array, at: number, end: number, depth = 0): number {
  if (at >= end) return -1;
  const byte = bytes[at]!;
  if (byte === QUOTE) return skipString(bytes, at, end);
  // { and [
  if (byte === 0x7b || byte === 0x5b) {
    return depth === MAX_DEPTH ? -1 : skipNested(bytes, at, end, byte + 2, depth + 1);
  }
  if (byte === 0x74) return skipWord(bytes, at, end, TRUE);
  if (byte === 0x66) return skipWord(bytes, at, end, FALSE);
  if (byte === 0x6e) return skipWord(bytes, at, end, NULL);
  return skipNumber(bytes, at, end);
}

/** An object or an array; `close` is the byte that ends it, two above the one that begins it. */
function skipNested(bytes: Uint8Array, at: number, end: number, close: number, depth: number): number {
  let i = skipSpace(bytes, at + 1, end);
  if (i < end && bytes[i] === close) return i + 1;
  for (;;) {
    if (close === 0x7d) i = skipKey(bytes, i, end);
    if (i >= 0) i = skipValue(bytes, i, end, depth);
    if (i < 0) return -1;
    i = skipSpace(bytes, i, end);
    if (i >= end) return -1;
    if (bytes[i] === close) return i + 1;
    if (bytes[i] !== COMMA) return -1;
    i = skipSpace(bytes, i + 1, end);
  }
}

/** @returns where the value begins of the key that begins here; −1 where it is none */
function skipKey(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end || bytes[at] !== QUOTE) return -1;
  const after = skipString(bytes, at, end);
  return after < 0 ? -1 : skipColon(bytes, after, end);
}

/** @returns where what is behind the next colon begins; −1 where there is no colon */
export function skipColon(bytes: Uint8Array, at: number, end: number): number {
  const colon = skipSpace(bytes, at, end);
  return colon < end && bytes[colon] === COLON ? skipSpace(bytes, colon + 1, end) : -1;
}

function skipWord(bytes: Uint8Array, at: number, end: number, word: Uint8Array): number {
  return matches(bytes, at, end, word) ? at + word.length : -1;
}

function skipNumber(bytes: Uint8Array, at: number, end: number): number {
  const whole = bytes[at] === MINUS ? at + 1 : at;
  let i = digitsFrom(bytes, whole, end);
  if (i === whole || (i > whole + 1 && bytes[whole] === 48)) return -1;
  if (i < end && bytes[i] === POINT) {
    const from = i + 1;
    i = digitsFrom(bytes, from, end);
    if (i === from) return -1;
  }
  if (i < end && (bytes[i]! | 0x20) === 0x65) {
    i++;
    if (i < end && (bytes[i] === PLUS || bytes[i] === MINUS)) i++;
    const from = i;
    i = digitsFrom(bytes, from, end);
    if (i === from) return -1;
  }
  return i;
}
