import type { Outcome } from '../core/outcome.ts';
import { tlsMessage } from './tls-message.ts';

/** A failed dial, with its outcome for the stream. */
export class DialError extends Error {
  readonly outcome: Extract<Outcome, 'connect_error' | 'tls_error' | 'generator_lost'>;
  /** Code of the system's error. Not called `code`: undici would treat some of them as its own. */
  readonly reason: string;

  constructor(outcome: DialError['outcome'], reason: string, message: string) {
    super(message);
    this.name = 'DialError';
    this.outcome = outcome;
    this.reason = reason;
  }
}

/** Reason of the error when a name points to an address outside the allowlist. */
export const ADDRESS_NOT_ALLOWED = 'ADDRESS_NOT_ALLOWED';

const OWN_FAULTS = new Set([
  'EMFILE',
  'ENFILE',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'ENOBUFS',
  'ENOMEM',
  'EAI_MEMORY',
]);

/**
 * @returns whether a system error code means that the generator lacks a resource, which is not the target's
 * fault
 */
export function isOwnFault(code: string): boolean {
  return OWN_FAULTS.has(code);
}

/** What a dial was doing when it failed. */
export type DialPart = 'connect' | 'tunnel' | 'tls';

/** Error codes for an IPv6 address on a machine without IPv6. */
const NO_IPV6 = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH', 'EHOSTUNREACH']);

/** Node's message for a connection that ended during the handshake; its code wrongly names a reset. */
const HUNG_UP = /^Client network socket disconnected/;

/** Returns the error of a handshake in which the other side closed: no certificate was found wrong. */
export function closedInHandshake(): DialError {
  return new DialError('tls_error', 'CLOSED', 'the connection was closed during the TLS handshake');
}

type SystemError = NodeJS.ErrnoException & { readonly address?: string; readonly reason?: string };

/**
 * @param to words for a peer that is not the target itself
 * @param unix it was a Unix socket
 * @param http2 HTTP/2 was asked for
 */
export function dialErrorOf(
  error: SystemError,
  part: DialPart,
  to = '',
  unix = false,
  http2 = false,
): DialError {
  if (error instanceof DialError) return error;
  const one = error instanceof AggregateError ? decisive(error.errors) : error;
  const code = one.code ?? error.code ?? 'UNKNOWN';
  // OpenSSL's own words end in places of its source.
  const said = one.reason ?? (one.message || error.message);
  if (part === 'tls' && HUNG_UP.test(said)) return closedInHandshake();
  const message = to + (part === 'tls' ? tlsMessage(code, said, http2) : said);
  // On a Unix socket EAGAIN means that the listener's queue is full.
  if (isOwnFault(code) && !(unix && code === 'EAGAIN')) return new DialError('generator_lost', code, message);
  return new DialError(part === 'tls' ? 'tls_error' : 'connect_error', code, message);
}

/** Returns the error to report of several addresses: one of the generator's own, else the last. */
function decisive(tried: readonly SystemError[]): SystemError {
  // A missing route for IPv6 means nothing when the other addresses answered.
  const reached = tried.filter((e) => !(e.address?.includes(':') && NO_IPV6.has(e.code ?? '')));
  const described = reached.length > 0 ? reached : tried;
  return described.find((e) => isOwnFault(e.code ?? '')) ?? described.at(-1)!;
}
