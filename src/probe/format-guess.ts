import type { FirstPart, StreamFormat } from '../formats/format.ts';
import { decode, type JsonObject, parseObject } from '../formats/json/values.ts';
import { allFormats, formatNamed } from '../formats/list.ts';
import { SseParser } from '../formats/sse-parser.ts';

/** What a body looks like, and why. */
export interface Guess {
  /** Absent where it is not a stream of any format: a web page. */
  readonly format?: string;
  /** The body is one document and not a stream of parts. */
  readonly document: boolean;
  readonly reasons: readonly string[];
  /** Its first event or line is a message of JSON-RPC 2.0. */
  readonly jsonRpc?: boolean;
}

/** Bytes after which the guess is made in any case. */
const GUESS_BYTES = 16_384;

/** @returns the media type of a `content-type` header, lower case, without parameters */
export function mediaType(contentType: string | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() || undefined;
}

/**
 * @param type media type of the response
 * @param bytes the body so far
 * @param over the body is complete, or is not waited for
 * @returns `undefined` while more bytes are needed
 */
export function guessFormat(type: string | undefined, bytes: Uint8Array, over: boolean): Guess | undefined {
  const must = over || bytes.length >= GUESS_BYTES;
  const text = decode(bytes, 0, Math.min(bytes.length, GUESS_BYTES)).replace(/^\ufeff/, '');
  const typeReason = type === undefined ? 'no content-type' : `content-type is ${type}`;
  if (type === 'text/event-stream') return guessEvents(typeReason, bytes, must);
  if (
    /^(text\/html|application\/xhtml\+xml)$/.test(type ?? '') ||
    /^\s*<(!doctype html|html)\b/i.test(text)
  ) {
    return {
      document: true,
      reasons: [typeReason, 'the body begins like an HTML page'].slice(0, text === '' ? 1 : 2),
    };
  }
  const field = /^(?:data|event|id|retry|):/.test(text);
  if (field) return guessEvents(`${typeReason}, but the body begins as server-sent events do`, bytes, must);
  // An array is one document, too; a long one is recognised before its end.
  if (/\bjson$/.test(type ?? '') && text.trimStart().startsWith('['))
    return { format: 'raw', document: true, reasons: [typeReason, 'the body is one JSON document'] };
  if (!must && /^(?:d(?:ata?)?|e(?:v(?:e(?:nt?)?)?)?|id?|r(?:e(?:t(?:ry?)?)?)?)?$/.test(text))
    return undefined;
  const lines = formatNamed('ndjson').contentTypes.includes(type ?? '');
  if (lines || text.trimStart().startsWith('{')) return guessLines(typeReason, lines, text.trimStart(), must);
  return { format: 'raw', document: false, reasons: [typeReason, 'neither events nor lines of JSON'] };
}

function guessLines(typeReason: string, isType: boolean, text: string, must: boolean): Guess | undefined {
  const end = text.indexOf('\n');
  if (end < 0 && !must) return undefined;
  const line = Buffer.from(end < 0 ? text : text.slice(0, end));
  const parsed = parseObject(line, 0, line.length);
  const first = typeof parsed === 'string' ? undefined : parsed;
  const more = end >= 0 && /\S/.test(text.slice(end));
  // One line may be a whole answer in one piece, until a second one begins.
  if (!isType && !more && first !== undefined && !must) return undefined;
  if (!isType && (first === undefined || !more)) {
    return { format: 'raw', document: true, reasons: [typeReason, 'the body is one JSON document'] };
  }
  const reasons = isType ? [typeReason] : [typeReason, 'each line of the body is a JSON object'];
  const guessed = guessFrom('lines', { name: '', data: first });
  return {
    format: guessed?.format ?? 'ndjson',
    document: false,
    reasons: [
      ...reasons,
      ...(guessed === undefined ? [] : [guessed.reason]),
      ...(isJsonRpc(first) ? ['its first line is a message of JSON-RPC 2.0'] : []),
    ],
    ...(isJsonRpc(first) ? { jsonRpc: true } : {}),
  };
}

function isJsonRpc(data: JsonObject | undefined): boolean {
  return data?.jsonrpc === '2.0';
}

/** Asks the formats in their order. */
function guessFrom(
  framing: StreamFormat['framing'],
  first: FirstPart,
): { readonly format: string; readonly reason: string } | undefined {
  for (const format of allFormats()) {
    const reason = format.framing === framing ? format.guess?.(first) : undefined;
    if (reason !== undefined) return { format: format.name, reason };
  }
  return undefined;
}

function guessEvents(typeReason: string, bytes: Uint8Array, must: boolean): Guess | undefined {
  const first = firstEvent(bytes, must);
  if (first === undefined) {
    if (must && isDocument(bytes))
      return { format: 'sse', document: true, reasons: [typeReason, 'the body is one JSON document'] };
    return must
      ? { format: 'sse', document: false, reasons: [typeReason, 'the body has no event with data'] }
      : undefined;
  }
  const guessed = guessFrom('events', first);
  const reason =
    guessed?.reason ??
    (first.data === undefined
      ? 'the data of its first event is not a JSON object'
      : isJsonRpc(first.data)
        ? 'its first event is a message of JSON-RPC 2.0'
        : 'the JSON of its first event matches no known API');
  return {
    format: guessed?.format ?? 'sse',
    document: false,
    reasons: [typeReason, reason],
    ...(isJsonRpc(first.data) ? { jsonRpc: true } : {}),
  };
}

/** Whether the whole body is one JSON document, regardless of its content type. */
function isDocument(bytes: Uint8Array): boolean {
  const text = decode(bytes, 0, Math.min(bytes.length, GUESS_BYTES)).trim();
  if (!/^[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Returns the first event with data that is not a ping. */
function firstEvent(bytes: Uint8Array, over: boolean): FirstPart | undefined {
  let first: FirstPart | undefined;
  const parser = new SseParser({
    event(name, from, start, end) {
      if (name === 'ping' || start === end) return;
      const data = parseObject(from, start, end);
      first ??= { name, data: typeof data === 'string' ? undefined : data };
    },
    comment() {},
  });
  parser.push(bytes);
  if (over) parser.end();
  return first;
}
