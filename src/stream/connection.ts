import type net from 'node:net';
import { TLSSocket } from 'node:tls';
import { type buildConnector, Client, type Dispatcher } from 'undici';
import { ContinueFilter } from './continue.ts';
import { type DialError, type Dialling, type DialOptions, type DialTimes, dial } from './dial.ts';
import type { Finding } from './judge.ts';

/** What a connection tells the stream that uses it. */
export interface ConnectionUser {
  /** A new connection is usable. Not called where one was reused. */
  connected(times: DialTimes): void;
}

/**
 * One HTTP/1.1 connection at a time to one origin, kept from stream to stream. Knows when its socket became
 * readable, once for all that is parsed out of one read.
 */
export class Connection {
  readonly #client: Client;
  readonly #dial: DialOptions;
  #dialling: Dialling | undefined;
  #socket: net.Socket | undefined;
  #user: ConnectionUser | undefined;
  readonly #continue = new ContinueFilter();
  #destroyed = false;
  /** Time of the present read, ms. */
  readAtMs = 0;
  /** Counts reads: the same number means the same read. */
  reads = 0;
  #confirmed = true;
  /** The transport broke: the first that was said of it. undici takes a reset in a body that ends with the connection for a good end. */
  broken: Error | undefined;
  /** The other side has closed. */
  closed = false;

  constructor(origin: string, options: DialOptions) {
    this.#dial = options;
    this.#client = new Client(origin, {
      connect: (_options, callback) => this.#connect(callback),
      allowH2: false,
      pipelining: 1,
      // All limits are kept by the stream itself, on one clock.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 65_536,
      // Below the 5 s after which common servers close: a request must not cross with that.
      keepAliveTimeout: 4000,
      // Whatever the environment says: errors are told apart by this parser's.
      useMilo: false,
    });
  }

  /**
   * Under TLS 1.3 a client is through with the handshake before the server has looked at its certificate.
   * @returns what it means that this connection is over, where the server never agreed to the handshake
   */
  get tlsRefusal(): Finding | undefined {
    const { code = '', reason, message } = (this.broken ?? {}) as NodeJS.ErrnoException & { reason?: string };
    if (/^ERR_SSL_.*ALERT/.test(code)) {
      return { outcome: 'tls_error', detail: `${code}: ${reason ?? message}`.slice(0, 200) };
    }
    if (this.#confirmed || !(this.closed || this.broken !== undefined)) return undefined;
    return { outcome: 'tls_error', detail: UNCONFIRMED };
  }

  /** Whether a stream started now would have to dial. */
  get mustDial(): boolean {
    return this.#socket === undefined || this.#socket.destroyed;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  dispatch(
    user: ConnectionUser,
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): void {
    this.#user = user;
    this.#continue.expect();
    this.#client.dispatch(options, handler);
  }

  /** The stream is over: nothing of it is held. */
  release(user: ConnectionUser): void {
    if (this.#user === user) this.#user = undefined;
  }

  /** Ends a dial that takes too long, or whatever is open. The connection cannot be used again. */
  destroy(): void {
    this.#destroyed = true;
    this.#user = undefined;
    this.#dialling?.destroy();
    this.#client.destroy().catch(ignore);
  }

  #connect(callback: buildConnector.Callback): void {
    this.broken = undefined;
    this.closed = false;
    this.#confirmed = true;
    this.#continue.expect();
    this.#dialling = dial(this.#dial, (error: DialError | null, socket, times) => {
      this.#dialling = undefined;
      if (socket !== null) this.#watch(socket);
      if (error === null) this.#user?.connected(times);
      if (socket === null) callback(error!, null);
      else callback(null, socket);
    });
  }

  #watch(socket: net.Socket): void {
    this.#socket = socket;
    // Registered before undici's own listeners, so it runs before they parse.
    socket.on('readable', () => {
      this.reads++;
      this.readAtMs = this.#dial.clock();
      if (!this.#continue.passed) this.#skipContinue(socket);
    });
    socket.once('end', () => {
      this.closed = true;
    });
    socket.on('error', (error) => {
      this.broken ??= error;
    });
    if (socket instanceof TLSSocket && socket.getProtocol() === 'TLSv1.3') this.#awaitConfirmation(socket);
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
  }

  /** A server sends tickets, or anything at all, when it is through with the handshake, too. */
  #awaitConfirmation(socket: TLSSocket): void {
    this.#confirmed = false;
    const confirm = (): void => {
      this.#confirmed ||= socket.bytesRead > 0;
    };
    socket.once('session', () => {
      this.#confirmed = true;
    });
    socket.once('readable', confirm);
  }

  #skipContinue(socket: net.Socket): void {
    const bytes: Buffer | null = socket.read();
    const rest = bytes === null ? undefined : this.#continue.take(bytes);
    if (rest !== undefined) socket.unshift(rest);
  }
}

const UNCONFIRMED =
  'UNCONFIRMED: closed before the server had agreed to the TLS handshake: it may want a client certificate, or refuse this one';

function ignore(): void {}
