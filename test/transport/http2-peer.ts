import { once } from 'node:events';
import http2, { type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { poll } from '../../support/poll.ts';
import type { Certificate } from './certificate.ts';

/** What the server does with one stream. */
export type Http2Answer = (
  stream: ServerHttp2Stream,
  nth: number,
  headers: http2.IncomingHttpHeaders,
) => void | Promise<void>;

/** A server of HTTP/2 under TLS, on loopback. */
export class Http2Peer {
  readonly #server: http2.Http2SecureServer;
  readonly #sessions = new Set<Http2Session>();
  readonly #sockets = new Set<Socket>();
  /** Sessions so far. */
  sessions = 0;
  streams = 0;
  /** Most streams that were open on one session at once. */
  together = 0;

  private constructor(answer: Http2Answer, certificate: Certificate, options: http2.SecureServerOptions) {
    this.#server = http2.createSecureServer({ ...certificate, ...options });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('session', (session) => {
      this.sessions++;
      this.#sessions.add(session);
      session.on('error', () => {});
      session.once('close', () => this.#sessions.delete(session));
    });
    const open = new WeakMap<Http2Session, number>();
    this.#server.on('stream', (stream, headers) => {
      const { session } = stream;
      stream.on('error', () => {});
      if (session !== undefined) {
        const now = (open.get(session) ?? 0) + 1;
        open.set(session, now);
        this.together = Math.max(this.together, now);
        stream.once('close', () => open.set(session, open.get(session)! - 1));
      }
      Promise.resolve(answer(stream, this.streams++, headers)).catch((error) => stream.destroy(error));
    });
    this.#server.on('sessionError', () => {});
    this.#server.on('tlsClientError', () => {});
  }

  static async listen(
    answer: Http2Answer,
    certificate: Certificate,
    options: http2.SecureServerOptions = {},
  ): Promise<Http2Peer> {
    const peer = new Http2Peer(answer, certificate, options);
    peer.#server.listen(0, '127.0.0.1');
    await once(peer.#server, 'listening');
    return peer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get open(): readonly Http2Session[] {
    return [...this.#sessions];
  }

  /** Resolves once this side sees all connections closed. */
  async released(): Promise<void> {
    await poll('close of all connections', () => (this.#sockets.size === 0 ? true : undefined), {
      everyMs: 5,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await turn();
  }
}

/** The head of a stream of events. */
export function events(stream: ServerHttp2Stream, more: http2.OutgoingHttpHeaders = {}): void {
  stream.respond({ ':status': 200, 'content-type': 'text/event-stream', ...more });
}
