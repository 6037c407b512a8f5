import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { poll } from '../../support/poll.ts';

/** What the server does with one request, of which it has read head and body. */
export type Answer = (socket: net.Socket, nth: number) => void | Promise<void>;

export interface PeerOptions {
  readonly tls?: tls.TlsOptions;
  readonly port?: number;
  /** An address of loopback; absent: 127.0.0.1. */
  readonly host?: string;
  /** A Unix socket, in place of address and port. */
  readonly path?: string;
  /** Called before anything is read; where it destroys the socket, no request comes. */
  readonly onConnection?: (socket: net.Socket) => void;
}

/** A server on loopback that speaks HTTP only as far as its answers do. */
export class Peer {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly #faults: unknown[] = [];
  accepted = 0;
  requests = 0;
  /** Heads of the requests. */
  readonly heads: string[] = [];

  private constructor(answer: Answer, options: PeerOptions) {
    const onConnection = (socket: net.Socket): void => {
      this.accepted++;
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
      options.onConnection?.(socket);
      this.#serve(socket, answer);
    };
    this.#server =
      options.tls === undefined
        ? net.createServer(onConnection)
        : tls.createServer(options.tls, onConnection);
    // A handshake that the client refuses.
    this.#server.on('tlsClientError', () => {});
  }

  static async listen(answer: Answer, options: PeerOptions = {}): Promise<Peer> {
    const peer = new Peer(answer, options);
    if (options.path === undefined) peer.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    else peer.#server.listen(options.path);
    await once(peer.#server, 'listening');
    return peer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that are open on this side. */
  get open(): readonly net.Socket[] {
    return [...this.#sockets];
  }

  /** Resolves once this side sees all connections closed. */
  async released(): Promise<void> {
    await poll('close of all connections', () => (this.#sockets.size === 0 ? true : undefined), {
      everyMs: 5,
    });
  }

  /** @throws what an answer has thrown */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    if (this.#faults.length > 0) throw this.#faults[0];
  }

  #serve(socket: net.Socket, answer: Answer): void {
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (;;) {
        const end = text.indexOf('\r\n\r\n');
        if (end < 0) return;
        const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, end))?.[1] ?? 0);
        if (text.length < end + 4 + length) return;
        this.heads.push(text.slice(0, end));
        text = text.slice(end + 4 + length);
        const nth = this.requests++;
        Promise.resolve()
          .then(() => answer(socket, nth))
          .catch((error) => {
            this.#faults.push(error);
            // So that nobody waits for the rest of it.
            socket.destroy();
          });
      }
    });
  }
}

/** Writes bits of an answer one after another, each as a read of its own as far as the system lets it. */
export async function writeApart(socket: net.Socket, ...bits: (string | Uint8Array)[]): Promise<void> {
  for (const bit of bits) {
    if (socket.destroyed) return;
    socket.write(bit);
    await sleep(8);
  }
}

/** Writes as fast as the other side takes it, until it closes or `bytes` are over. */
export async function flood(
  socket: net.Socket,
  bit: string | Uint8Array,
  bytes = Number.POSITIVE_INFINITY,
): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  for (let sent = 0; sent < bytes && !socket.destroyed; sent += bit.length) {
    if (socket.write(bit)) continue;
    await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
  }
}

/** A response's head. */
export function head(status: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}

/** The head of events in chunked encoding. */
export const EVENTS_HEAD = head('200 OK', {
  'content-type': 'text/event-stream',
  'transfer-encoding': 'chunked',
});

/** One chunk of HTTP's chunked encoding for each text. */
export function chunked(...texts: (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      return [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')];
    }),
  );
}

/** The end of a chunked body. */
export const LAST_CHUNK = '0\r\n\r\n';
