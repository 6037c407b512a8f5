import { isUtf8 } from 'node:buffer';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns the text of some UTF-8 bytes; what is not UTF-8 becomes U+FFFD */
export function decode(bytes: Uint8Array, start: number, end: number): string {
  // Reads of the socket are buffers already: nothing is made but the text.
  if (bytes instanceof Buffer) return bytes.toString('utf8', start, end);
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

/** Where JSON.parse fails on a number that JSON does not have. */
const NOT_A_NUMBER = /(?<=^|[[:,]\s*)-?(?:NaN|Infinity)(?=\s*(?:[,\]}]|$))/g;

/**
 * @returns the JSON value that some bytes hold, or a text that says why they hold none: to follow a noun, as in
 * "a line is not JSON"
 */
export function parseJson(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly value: unknown } | string {
  if (!isUtf8(bytes.subarray(start, end))) return 'is not valid UTF-8';
  const text = decode(bytes, start, end);
  try {
    return { value: JSON.parse(text) };
  } catch {
    return text.search(NOT_A_NUMBER) >= 0 && parses(text.replace(NOT_A_NUMBER, '0'))
      ? 'holds NaN or Infinity, which JSON does not have'
      : 'is not JSON';
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** As {@link parseJson}, for what has to be an object. */
export function parseObject(bytes: Uint8Array, start: number, end: number): JsonObject | string {
  const parsed = parseJson(bytes, start, end);
  if (typeof parsed === 'string') return parsed;
  return isObject(parsed.value) ? parsed.value : 'is not a JSON object';
}

/** @returns the value at a path of keys and indexes, of what the JSON itself holds */
export function valueAt(value: unknown, keys: readonly string[]): unknown {
  let at = value;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as JsonObject)[key];
  }
  return at;
}
