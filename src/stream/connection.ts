import type net from 'node:net';
import { type buildConnector, Client, type Dispatcher } from 'undici';
import { type DialError, type DialOptions, type DialTimes, dial } from './dial.ts';

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
  #dialling: net.Socket | undefined;
  #socket: net.Socket | undefined;
  #user: ConnectionUser | undefined;
  #destroyed = false;
  /** Time of the present read, ms. */
  readAtMs = 0;
  /** Counts reads: the same number means the same read. */
  reads = 0;
  /** The transport broke. undici takes a reset in a body that ends with the connection for a good end. */
  broken: Error | undefined;

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
    });
  }

  /** Whether a stream started now would have to dial. */
  get mustDial(): boolean {
    return this.#socket === undefined;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  dispatch(user: ConnectionUser, options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#user = user;
    this.#client.dispatch(options, handler);
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
    });
    socket.on('error', (error) => {
      this.broken = error;
    });
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
  }
}

function ignore(): void {}
