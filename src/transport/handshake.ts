import type { TLSSocket } from 'node:tls';
import type { ClassifierResult } from '../core/outcome.ts';
import { tlsMessage } from './tls-message.ts';

/**
 * Whether a server has agreed to a handshake: in TLS 1.3 a client finishes before the server checks its
 * certificate.
 */
export class Handshake {
  #confirmed: boolean;

  constructor(socket: TLSSocket) {
    this.#confirmed = socket.getProtocol() !== 'TLSv1.3';
    // A server sends tickets when it is through with the handshake, too.
    if (!this.#confirmed) socket.once('session', () => this.confirm());
  }

  /** Call when any bytes have arrived after the handshake. */
  confirm(): void {
    this.#confirmed = true;
  }

  /**
   * @param broken the error with which the connection broke, if it did
   * @param over it has been closed, at least by the other side
   * @returns the result of a connection that ended before the server agreed; `undefined` if it agreed
   */
  refusal(broken: Error | undefined, over: boolean): ClassifierResult | undefined {
    const { code = '', reason, message } = (broken ?? {}) as NodeJS.ErrnoException & { reason?: string };
    if (/^ERR_SSL_.*ALERT/.test(code)) {
      return {
        outcome: 'tls_error',
        detail: `${code}: ${tlsMessage(code, reason ?? message, false)}`.slice(0, 200),
      };
    }
    return this.#confirmed || !(over || broken !== undefined)
      ? undefined
      : { outcome: 'tls_error', detail: unconfirmed(code === 'ECONNRESET' ? 'reset' : 'closed') };
  }
}

function unconfirmed(how: 'reset' | 'closed'): string {
  return `UNCONFIRMED: ${how} before the server had agreed to the TLS handshake; if it wants a client certificate, --cert and --key (tls.cert, tls.key) show one`;
}
