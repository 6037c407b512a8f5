import type { ClassifierResult } from '../core/outcome.ts';
import type { DialTimes } from './dial.ts';

/** A request. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query; the whole URL for a request to a proxy. */
  readonly path: string;
  /** Name, value, name, value, … */
  readonly headers: readonly string[];
  /** `undefined` for none. */
  readonly body: string | undefined;
  /** The connection is not to be used again. */
  readonly last: boolean;
}

/** Fields of a head by lower-case name; repeated ones as a list. */
export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Callbacks of the stream that uses a connection. The connection calls exactly one of `end` and `failed`,
 * once, and nothing afterwards.
 */
export interface ConnectionUser {
  /** A new connection is usable. Not called where one was reused. */
  connected(times: DialTimes): void;
  /** The request is written. */
  sent(): void;
  /** @param status of the answer itself, never one below 200 */
  head(status: number, headers: HttpHeaders): void;
  /** A part of the body, without its framing, from `start` to `end`. The bytes are only there during the call. */
  data(bytes: Uint8Array, start: number, end: number): void;
  /** The body ended as its framing says. */
  end(): void;
  failed(error: Error): void;
}

/**
 * A place for one stream at a time to one origin, kept from stream to stream. Nothing is dialled before the first.
 * Knows when its socket became readable, once for all that is parsed out of one read.
 */
export interface Connection {
  /** Whether a stream started now would have to dial. */
  readonly mustDial: boolean;
  readonly destroyed: boolean;
  /** Time of the present read, ms. */
  readonly readAtMs: number;
  /** Counts reads: the same number means the same read. */
  readonly reads: number;
  /** The first error with which the transport broke; `undefined` if it did not. */
  readonly broken: Error | undefined;
  /** The other side has closed. */
  readonly closed: boolean;
  /** The result of a connection that ended before the server agreed to the TLS handshake. */
  readonly tlsRefusal: ClassifierResult | undefined;
  /** Sends a request; opens a connection if none is open. Not called while a stream uses this one. */
  send(user: ConnectionUser, request: HttpRequest): void;
  /** Abandons the stream of this user, which gets at most a call of `failed`. The next stream dials. */
  abort(user: ConnectionUser): void;
  /** Ends the use by this stream, and drops all references to it. */
  release(user: ConnectionUser): void;
  /** Ends a pending dial or an open connection. The connection cannot be used again. */
  destroy(): void;
}
