import type { HttpHeaders } from '../connection.ts';
import { FramingError } from './framing-error.ts';
import type { Head } from './head-reader.ts';

/** How the length of a body is determined (RFC 9112, 6.3). */
export type BodyFraming =
  | { readonly kind: 'none' | 'chunked' | 'until-close' }
  | { readonly kind: 'length'; readonly bytes: number };

const NONE: BodyFraming = { kind: 'none' };
const CHUNKED: BodyFraming = { kind: 'chunked' };
const UNTIL_CLOSE: BodyFraming = { kind: 'until-close' };

/**
 * Refuses framing that a proxy on the way could interpret differently: both framings at once, a repeated
 * length, a coding that was not requested.
 * @param method of the request
 */
export function framingOf({ status, headers }: Head, method: string): BodyFraming | FramingError {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  if (length !== undefined && encoding !== undefined) return new FramingError('TWO_FRAMINGS');
  if (encoding !== undefined) {
    const isChunked = typeof encoding === 'string' && encoding.toLowerCase() === 'chunked';
    if (!isChunked) return new FramingError('BAD_TRANSFER_ENCODING');
  }
  const bytes = length === undefined ? undefined : lengthOf(length);
  if (length !== undefined && bytes === undefined) return new FramingError('BAD_CONTENT_LENGTH');
  if (method === 'HEAD' || status === 204 || status === 304) return NONE;
  if (encoding !== undefined) return CHUNKED;
  if (bytes === undefined) return UNTIL_CLOSE;
  return bytes === 0 ? NONE : { kind: 'length', bytes };
}

function lengthOf(text: string | string[]): number | undefined {
  if (typeof text !== 'string' || !/^\d+$/.test(text)) return undefined;
  const bytes = Number(text);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** @returns whether the other side keeps the connection open after this answer (RFC 9112, 9.3) */
export function isKept({ minor, headers }: Head): boolean {
  const options = listOf(headers.connection);
  if (options.includes('close')) return false;
  // A framing that the version does not know is faulty, though it can be read.
  return minor === 1 || (options.includes('keep-alive') && headers['transfer-encoding'] === undefined);
}

function listOf(value: HttpHeaders[string]): string[] {
  if (value === undefined) return [];
  return value
    .toString()
    .toLowerCase()
    .split(',')
    .map((one) => one.trim());
}

/**
 * @returns how long the server announces to keep an idle connection, ms; `undefined` without an announcement
 */
export function keepAliveMs({ 'keep-alive': hint }: HttpHeaders): number | undefined {
  const seconds =
    hint === undefined ? undefined : /(?:^|[\s,;])timeout=(\d{1,9})/i.exec(hint.toString())?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
