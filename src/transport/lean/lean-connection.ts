import type net from 'node:net';
import type { Connection, ConnectionUser, HttpRequest } from '../connection.ts';
import { type Dialling, type DialOptions, dial } from '../dial.ts';
import { foreignProtocol } from '../foreign-protocol.ts';
import { isKept, keepAliveMs } from './body-framing.ts';
import { FramingError } from './framing-error.ts';
import type { Head } from './head-reader.ts';
import { requestHead } from './request-text.ts';
import { ResponseParser, type ResponseSink } from './response-parser.ts';

/** Code of the error when a connection is destroyed under its stream. */
export const DESTROYED = 'CONNECTION_DESTROYED';
const CLOSED = 'CONNECTION_CLOSED';

/**
 * One read buffer for all sockets of this thread: each read is parsed before the next one. The system copies
 * into it, and a read allocates nothing.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/** Below the 5 s after which common servers close: a request must not cross with that. */
const KEPT_IDLE_MS = 4000;
/** Margin for a server that closes earlier than its keep-alive hint announces, ms. */
const HINT_MARGIN_MS = 2000;
const MAX_IDLE_MS = 600_000;

/** Plain HTTP/1.1 on a socket of its own, kept from stream to stream, and read as strictly as is safe. */
export class LeanConnection implements Connection, ResponseSink {
  readonly #host: string;
  readonly #options: DialOptions;
  readonly #parser: ResponseParser;
  #dialling: Dialling | undefined;
  #socket: net.Socket | undefined;
  #user: ConnectionUser | undefined;
  /** The request of the present user, until it is written. */
  #unsent: { readonly head: string; readonly body: string | undefined } | undefined;
  #method = '';
  #isLast = false;
  /** Whether the socket may carry another request after this one, and how long it may wait for it. */
  #isKept = false;
  #keptIdleMs = KEPT_IDLE_MS;
  #idle: NodeJS.Timeout | undefined;
  #destroyed = false;
  readAtMs = 0;
  reads = 0;
  broken: Error | undefined;
  closed = false;
  /** This transport does not support TLS. */
  readonly tlsRefusal = undefined;

  constructor(options: DialOptions) {
    const { origin } = options.route;
    this.#host = origin.slice(origin.indexOf('//') + 2);
    this.#options = options;
    this.#parser = new ResponseParser(this);
  }

  get mustDial(): boolean {
    return this.#socket === undefined;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  send(user: ConnectionUser, request: HttpRequest): void {
    clearTimeout(this.#idle);
    this.#user = user;
    this.#method = request.method;
    this.#isLast = request.last;
    try {
      this.#unsent = { head: requestHead(request, this.#host), body: request.body };
    } catch (error) {
      // Deferred: `failed` must not be called before `send` has returned.
      queueMicrotask(() => {
        if (this.#user === user) this.#fail(error as Error);
      });
      return;
    }
    if (this.#socket === undefined) this.#dial(user);
    // An end or unsolicited bytes that arrived on a kept connection meanwhile are handled first.
    else setImmediate(() => this.#reuse(user));
  }

  abort(user: ConnectionUser): void {
    if (this.#user === user) this.#drop();
  }

  release(user: ConnectionUser): void {
    if (this.#user !== user) return;
    this.#user = undefined;
    this.#unsent = undefined;
  }

  destroy(): void {
    this.#destroyed = true;
    const user = this.#user;
    this.#drop();
    user?.failed(coded(DESTROYED, 'the connection was destroyed'));
  }

  // ── called by the parser ──

  head(head: Head): void {
    const hintMs = keepAliveMs(head.headers);
    this.#keptIdleMs = hintMs === undefined ? KEPT_IDLE_MS : Math.min(MAX_IDLE_MS, hintMs - HINT_MARGIN_MS);
    this.#isKept = !this.#isLast && this.#keptIdleMs > 0 && isKept(head);
    this.#user!.head(head.status, head.headers);
  }

  data(bytes: Buffer, start: number, end: number): void {
    this.#user!.data(bytes, start, end);
  }

  end(surplus: boolean): void {
    const user = this.#user!;
    // The state is settled first: the user may send its next request from within `end`.
    this.#user = undefined;
    if (surplus || !this.#isKept) this.#drop();
    else this.#rest();
    user.end();
  }

  #reuse(user: ConnectionUser): void {
    if (this.#user !== user || this.#unsent === undefined) return;
    if (this.#socket === undefined) this.#dial(user);
    else this.#write(this.#socket, user);
  }

  #dial(user: ConnectionUser): void {
    this.broken = undefined;
    this.closed = false;
    let dialling: Dialling | undefined;
    let socket: net.Socket | undefined;
    const onread: net.OnReadOpts = {
      buffer: READ_BUFFER,
      callback: (length) => {
        if (socket !== undefined && this.#socket === socket) this.#read(length);
        return true;
      },
    };
    dialling = dial({ ...this.#options, onread }, (error, dialled, times) => {
      // Another one may be under way by now.
      if (this.#user !== user || this.#dialling !== dialling) {
        dialled?.destroy();
        return;
      }
      this.#dialling = undefined;
      if (dialled === null) {
        this.#fail(error!);
        return;
      }
      socket = dialled;
      this.#watch(dialled);
      user.connected(times);
      if (this.#user === user && this.#socket === socket) this.#write(dialled, user);
    });
    this.#dialling = dialling;
  }

  #watch(socket: net.Socket): void {
    this.#socket = socket;
    socket.once('end', () => {
      if (this.#socket !== socket) return;
      this.closed = true;
      if (this.#parser.close()) this.end(true);
      else this.#lose(coded(CLOSED, 'the other side closed the connection'));
    });
    socket.on('error', (error) => {
      if (this.#socket !== socket) return;
      this.broken ??= error;
      this.#lose(error);
    });
    socket.once('close', () => {
      if (this.#socket === socket) this.#lose(coded(CLOSED, 'the connection was closed'));
    });
  }

  #write(socket: net.Socket, user: ConnectionUser): void {
    const { head, body } = this.#unsent!;
    this.#unsent = undefined;
    this.#parser.expect(this.#method);
    if (body === undefined || body === '') socket.write(head, 'latin1');
    else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body, 'utf8');
      socket.uncork();
    }
    user.sent();
  }

  #read(length: number): void {
    this.reads++;
    this.readAtMs = this.#options.clock();
    if (this.#user === undefined || this.#unsent !== undefined) {
      // Unsolicited bytes: they could be mistaken for the next answer.
      this.#close();
      return;
    }
    const error = this.#parser.read(READ_BUFFER, length);
    if (error !== undefined) this.#fail(explained(error, length));
  }

  /** Waits for the next request, as long as the other side may. */
  #rest(): void {
    this.#idle = setTimeout(() => this.#drop(), this.#keptIdleMs);
    this.#idle.unref();
  }

  /** The socket is of no use any more. A user whose request is not on it gets another. */
  #lose(error: Error): void {
    if (this.#unsent === undefined) this.#fail(error);
    else this.#close();
  }

  /** Closes the socket and reports the error to the user. */
  #fail(error: Error): void {
    const user = this.#user;
    this.#drop();
    user?.failed(error);
  }

  /** Closes the socket without a report. The next stream dials. */
  #drop(): void {
    this.#user = undefined;
    this.#unsent = undefined;
    const dialling = this.#dialling;
    this.#dialling = undefined;
    dialling?.destroy();
    this.#close();
  }

  #close(): void {
    clearTimeout(this.#idle);
    this.#parser.stop();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }
}

/** @param length bytes of the last read */
function explained(error: Error, length: number): Error {
  if (!(error instanceof FramingError) || error.code !== 'BAD_STATUS_LINE') return error;
  const protocol = foreignProtocol(READ_BUFFER.subarray(0, length));
  return protocol === undefined ? error : new FramingError(error.code, protocol);
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
