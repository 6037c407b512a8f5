import { gzipSync } from 'node:zlib';
import type { SimulatorOptions } from '../core/simulator.ts';
import type { FrameSet } from './frames.ts';

/** Faults that put a whole response in the place of the stream. */
export type WholeFault = keyof typeof WHOLES;

/** A response that is no stream. */
export interface Whole {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const PAGE =
  '<!doctype html>\n<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n';
/** `.invalid` never exists (RFC 2606). */
const ELSEWHERE = 'http://elsewhere.invalid/';
/** Chunks with content in an answer that is sent as gzip. */
const ZIPPED_CHUNKS = 12;

/** @param retryAfterMs absent: the response does not say */
export function errorResponse(status: number, message: string, retryAfterMs?: number): Whole {
  return {
    status,
    headers: {
      'content-type': JSON_TYPE,
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
    },
    body: Buffer.from(JSON.stringify({ error: { message, type: 'server_error', code: status } })),
  };
}

type Make = (options: SimulatorOptions, frames: FrameSet) => Whole;

const WHOLES = {
  http503: ({ retryAfterMs }) => errorResponse(503, 'simulated overload', retryAfterMs),
  http429: ({ retryAfterMs }) => errorResponse(429, 'simulated rate limit', retryAfterMs),
  redirect: () => ({ status: 302, headers: { location: ELSEWHERE }, body: Buffer.alloc(0) }),
  html: () => ({
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: Buffer.from(PAGE),
  }),
  gzip: (_options, frames) => ({
    status: 200,
    headers: { 'content-type': frames.contentType, 'content-encoding': 'gzip' },
    body: gzipSync(shortAnswer(frames)),
  }),
} satisfies Readonly<Record<string, Make>>;

/** @returns `undefined` for a fault that is one of a stream */
export function wholeFor(fault: string | undefined): Make | undefined {
  return fault !== undefined && Object.hasOwn(WHOLES, fault) ? WHOLES[fault as WholeFault] : undefined;
}

/** @param frames without chunks of HTTP */
function shortAnswer(frames: FrameSet): Buffer {
  const { opening } = frames;
  const index = opening.length + ZIPPED_CHUNKS;
  const content = Array.from({ length: ZIPPED_CHUNKS }, (_, i) =>
    frames.content(4, i / ZIPPED_CHUNKS, opening.length + i),
  );
  const end = { index, chunks: ZIPPED_CHUNKS, limited: false, promptTokens: 0, usage: false };
  return Buffer.concat([...opening, ...content, ...frames.closing(end)].map((frame) => frame.wire));
}
