import type net from 'node:net';
import { TLSSocket } from 'node:tls';
import type { buildConnector, Client, Dispatcher } from 'undici';
import type { ClassifierResult } from '../core/outcome.ts';
import type { Connection, ConnectionUser, HttpRequest } from './connection.ts';
import { ContinueFilter } from './continue.ts';
import { type DialError, type Dialling, type DialOptions, dial } from './dial.ts';
import { Handshake } from './handshake.ts';
import { loadUndici } from './load-undici.ts';

/** HTTP/1.1 as undici reads it: one connection at a time, kept from stream to stream. */
export class UndiciConnection implements Connection {
  readonly #client: Client;
  readonly #dial: DialOptions;
  #dialling: Dialling | undefined;
  #socket: net.Socket | undefined;
  #user: ConnectionUser | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  readonly #continue = new ContinueFilter();
  #destroyed = false;
  readAtMs = 0;
  reads = 0;
  #handshake: Handshake | undefined;
  /** undici takes a reset in a body that ends with the connection for a good end. */
  broken: Error | undefined;
  closed = false;

  constructor(options: DialOptions) {
    this.#dial = options;
    const { Client } = loadUndici();
    this.#client = new Client(options.route.origin, {
      connect: (_options, callback) => this.#connect(callback),
      allowH2: false,
      pipelining: 1,
      // All limits are kept by the stream itself, on one clock.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 65_536,
      // Below the 5 s after which common servers close: a request must not cross with that.
      keepAliveTimeout: 4000,
      // Overrides the environment: the classification of errors relies on this parser's messages.
      useMilo: false,
    });
  }

  /** The result of a connection that closed before the server agreed to the TLS handshake. */
  get tlsRefusal(): ClassifierResult | undefined {
    return this.#handshake?.refusal(this.broken, this.closed);
  }

  get mustDial(): boolean {
    return this.#socket === undefined || this.#socket.destroyed;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  send(user: ConnectionUser, { method, path, headers, body, last }: HttpRequest): void {
    this.#user = user;
    this.#controller = undefined;
    this.#continue.expect();
    this.#client.dispatch(
      {
        path,
        method: method as Dispatcher.HttpMethod,
        headers: headers as string[],
        body: body ?? null,
        reset: last,
      },
      this.#handlerFor(user),
    );
  }

  abort(user: ConnectionUser): void {
    if (this.#user !== user) return;
    if (this.#controller === undefined) this.destroy();
    else this.#controller.abort(new Error('ended by soakd'));
  }

  release(user: ConnectionUser): void {
    if (this.#user !== user) return;
    this.#user = undefined;
    this.#controller = undefined;
  }

  destroy(): void {
    this.#destroyed = true;
    this.#user = undefined;
    this.#dialling?.destroy();
    this.#client.destroy().catch(ignore);
  }

  #handlerFor(user: ConnectionUser): SentHandler {
    return {
      onRequestStart: (controller) => {
        if (this.#user === user) this.#controller = controller;
        else controller.abort(new Error('the stream is over'));
      },
      onRequestSent: () => user.sent(),
      onResponseStart: (_controller, status, headers) => {
        if (status >= 200) user.head(status, headers);
      },
      onResponseData: (_controller, bytes) => user.data(bytes, 0, bytes.length),
      onResponseEnd: () => {
        if (this.broken === undefined) user.end();
        else user.failed(this.broken);
      },
      onResponseError: (_controller, error) => user.failed(error),
    };
  }

  #connect(callback: buildConnector.Callback): void {
    this.broken = undefined;
    this.closed = false;
    this.#handshake = undefined;
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
    if (socket instanceof TLSSocket) {
      const handshake = new Handshake(socket);
      this.#handshake = handshake;
      socket.once('readable', () => {
        if (socket.bytesRead > 0) handshake.confirm();
      });
    }
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
  }

  #skipContinue(socket: net.Socket): void {
    const bytes: Buffer | null = socket.read();
    const rest = bytes === null ? undefined : this.#continue.take(bytes);
    if (rest !== undefined) socket.unshift(rest);
  }
}

/** undici calls one more than its types say. */
type SentHandler = Dispatcher.DispatchHandler & { onRequestSent(): void };

function ignore(): void {}
