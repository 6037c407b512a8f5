import type { ClientHttp2Stream } from 'node:http2';
import type { ClassifierResult } from '../../core/outcome.ts';
import type { ConnectionUser, HttpRequest } from '../connection.ts';
import { nodeHttp2 } from './node-http2.ts';

/** What carries streams, as they see it. */
export interface Session {
  /** The result of a session that ended before the server agreed to the handshake. */
  readonly tlsRefusal: ClassifierResult | undefined;
  /** Cancels one stream; the others of the session continue. */
  cancel(stream: SharedStream): void;
}

/** Callbacks of a session for one of its streams, besides those of the stream's user. */
export interface StreamSeat extends ConnectionUser {
  /** The stream was assigned to this session. */
  seated(session: Session): void;
  /** Something of this stream was read. */
  touched(readAtMs: number, reads: number): void;
}

/** One stream on its way to a session, or on it. */
export interface SharedStream {
  readonly seat: StreamSeat;
  readonly request: HttpRequest;
  /** Absent before the stream is assigned to a session, and after its end. */
  session: Session | undefined;
  /** Present from its start on, until it is over. */
  http2: ClientHttp2Stream | undefined;
  headed: boolean;
  /** Bytes of `content-length` that have not arrived yet; absent without that header. */
  owed: number | undefined;
}

/** Why a stream of HTTP/2 is over before its end, as the other side did it. */
export class BrokenStream extends Error {
  readonly code: 'RST_STREAM' | 'GOAWAY' | 'CLOSED';

  constructor(code: BrokenStream['code'], message: string) {
    super(message);
    this.name = 'BrokenStream';
    this.code = code;
  }
}

/** The answer is not HTTP/2 as RFC 9113 has it. */
export class BrokenProtocol extends Error {
  readonly code = 'HTTP2_PROTOCOL';

  constructor(message: string) {
    super(message);
    this.name = 'BrokenProtocol';
  }
}

/** Names of the codes of RFC 9113, section 7, by their numbers. */
let names: ReadonlyMap<number, string> | undefined;
const namesOfCodes = (): ReadonlyMap<number, string> =>
  new Map(
    Object.entries(nodeHttp2().constants).flatMap(([name, value]) =>
      // Those of the library itself are negative, and flags and states have other names.
      /^NGHTTP2_(NO_ERROR|[A-Z_]+_ERROR|SETTINGS_TIMEOUT|STREAM_CLOSED|REFUSED_STREAM|CANCEL|ENHANCE_YOUR_CALM|INADEQUATE_SECURITY|HTTP_1_1_REQUIRED)$/.test(
        name,
      ) &&
      typeof value === 'number' &&
      value >= 0
        ? [[value, name.slice('NGHTTP2_'.length)] as const]
        : [],
    ),
  );

/**
 * @param error of a stream, or of its session
 * @returns the error that the stream reports, in a form that is classified like an error of HTTP/1.1
 */
export function meaningOf(error: Error & { code?: string }, { headed, http2, owed }: SharedStream): Error {
  switch (error.code) {
    // From nghttp2 itself: the server does not speak HTTP/2.
    case 'ERR_HTTP2_ERROR':
      return new BrokenProtocol(error.message);
    case 'ERR_HTTP2_STREAM_ERROR': {
      const { NGHTTP2_NO_ERROR, NGHTTP2_PROTOCOL_ERROR } = nodeHttp2().constants;
      const code = http2?.rstCode ?? NGHTTP2_NO_ERROR;
      if (code !== NGHTTP2_PROTOCOL_ERROR) return resetError(code);
      // These are reset from this side. Others are mostly a proxy that has lost its upstream.
      if (!headed) return new BrokenProtocol(BAD_HEAD);
      return owed === undefined || owed === 0 ? resetError(code) : new BrokenProtocol(BAD_LENGTH);
    }
    case 'ERR_HTTP2_SESSION_ERROR':
    case 'ERR_HTTP2_STREAM_CANCEL':
      return new BrokenStream('CLOSED', `${error.message}: the connection was closed`);
    default:
      return error;
  }
}

const BAD_LENGTH = 'PROTOCOL_ERROR: the body is not as long as content-length says';
const BAD_HEAD =
  'PROTOCOL_ERROR: the head of the answer is not well formed, or the server found that of the request so';

/** @param code of RST_STREAM */
export function resetError(code: number): BrokenStream {
  return new BrokenStream('RST_STREAM', `${nameOf(code)}: the stream was reset`);
}

/** @param code of GOAWAY */
export function goawayError(code: number): BrokenStream {
  return new BrokenStream('GOAWAY', `${nameOf(code)}: the server takes no more streams on this connection`);
}

function nameOf(code: number): string {
  names ??= namesOfCodes();
  return names.get(code) ?? `code ${code}`;
}
