import { subscribe } from 'node:diagnostics_channel';
import type { ClientHttp2Session, ClientHttp2Stream, Settings } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ClassifierResult } from '../../core/outcome.ts';
import { type Dialling, type DialOptions, dial } from '../dial.ts';
import { Handshake } from '../handshake.ts';
import { fieldsFor } from './fields.ts';
import { nodeHttp2 } from './node-http2.ts';
import {
  BrokenStream,
  goawayError,
  meaningOf,
  resetError,
  type Session,
  type SharedStream,
} from './shared-stream.ts';

interface SessionOptions {
  readonly dial: DialOptions;
  /** Most streams at a time; the server may allow fewer. */
  readonly streams: number;
  /** Takes streams that cannot be sent on this session. */
  readonly move: (stream: SharedStream) => void;
  /** The session takes no more streams. */
  readonly retired: () => void;
}

/** Flow-control windows, bytes; common values among clients. */
const STREAM_WINDOW = 262_144;
const CONNECTION_WINDOW = 524_288;
/** MB that Node lets a session hold: it counts streams, too, and refuses them beyond this. */
const SESSION_MEMORY_MB = 200;
/** Below the 5 s after which common servers close: a request must not cross with that. */
const IDLE_MS = 4000;

/**
 * Streams that ended with their connection. Node closes them with CANCEL then, as if the server had reset each.
 */
const disconnected = new WeakSet<ClientHttp2Stream>();

/** Streams that were closed before their end arrived. */
const cutShort = new WeakSet<ClientHttp2Stream>();
subscribe('http2.client.stream.close', (message) => {
  const { stream } = message as { stream: ClientHttp2Stream & { _readableState?: { ended?: boolean } } };
  // Node's public events report the end only after everything before it has been read.
  if (stream._readableState?.ended === false) cutShort.add(stream);
});

/**
 * One HTTP/2 session on one connection, shared by several streams. Not through undici: that sends again what was refused,
 * takes a reset without an error for an end, and loses ends that come together with the end of the connection.
 */
export class SharedSession implements Session {
  readonly #options: SessionOptions;
  readonly #waiting = new Set<SharedStream>();
  readonly #started = new Set<SharedStream>();
  #limit: number;
  /**
   * The server's settings have arrived. Before them only one stream is sent: the server may allow no more.
   */
  #settled = false;
  #retired = false;
  #dialling: Dialling | undefined;
  #socket: Socket | undefined;
  #session: ClientHttp2Session | undefined;
  #handshake: Handshake | undefined;
  #broken: Error | undefined;
  #goaway: { readonly code: number; readonly lastId: number } | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** Since the loop last turned, something was read. */
  #reading = false;
  #readAtMs = 0;
  #reads = 0;

  /** Dials at once. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.#limit = options.streams;
    this.#dialling = dial(options.dial, (error, socket, times) => {
      this.#dialling = undefined;
      if (socket === null) {
        this.#refuse(error!);
        return;
      }
      const [first] = this.#waiting;
      first?.seat.connected(times);
      this.#open(socket as TLSSocket);
    });
  }

  get hasRoom(): boolean {
    return !this.#isOver && this.#waiting.size + this.#started.size < this.#limit;
  }

  /** Streams hear of the end of their session before anybody hears of it from the session itself. */
  get #isOver(): boolean {
    return this.#retired || this.#session?.closed === true || this.#session?.destroyed === true;
  }

  get tlsRefusal(): ClassifierResult | undefined {
    return this.#handshake?.refusal(this.#broken, this.#retired);
  }

  carry(stream: SharedStream): void {
    clearTimeout(this.#idle);
    stream.session = this;
    stream.seat.seated(this);
    this.#waiting.add(stream);
    this.#startWaiting();
  }

  cancel(stream: SharedStream): void {
    const { http2: sent } = stream;
    this.#forget(stream);
    sent?.close(nodeHttp2().constants.NGHTTP2_CANCEL);
  }

  /** Takes no more streams from now on; open ones continue. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#options.retired();
    this.#endIfUnused();
  }

  destroy(): void {
    this.#retired = true;
    clearTimeout(this.#idle);
    this.#dialling?.destroy();
    this.#session?.destroy();
    this.#socket?.destroy();
  }

  /** Fails every stream that waits for the dial. */
  #refuse(error: Error): void {
    // First, so that a failed stream does not retry on this session.
    this.retire();
    for (const stream of [...this.#waiting]) this.#fail(stream, error);
  }

  #open(socket: TLSSocket): void {
    this.#socket = socket;
    this.#handshake = new Handshake(socket);
    // Registered before Node's own listener, so it runs before the streams are closed.
    socket.once('close', () => {
      for (const { http2: sent } of this.#started) if (sent?.closed === false) disconnected.add(sent);
    });
    const session = nodeHttp2().connect(this.#options.dial.route.origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
      maxSessionMemory: SESSION_MEMORY_MB,
      // It is kept here, from the server's settings on.
      peerMaxConcurrentStreams: this.#options.streams,
    });
    this.#session = session;
    session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW));
    session.on('remoteSettings', (settings) => this.#settle(settings));
    session.on('error', (error) => {
      this.#broken ??= error;
    });
    session.on('goaway', (code, lastId) => {
      this.#goaway ??= { code, lastId };
      this.#leave();
    });
    session.once('close', () => {
      this.#leave();
      // Node has notified each stream before this runs; a stream that it missed must not wait forever.
      setImmediate(() => {
        for (const stream of [...this.#started])
          this.#fail(stream, new BrokenStream('CLOSED', 'the connection was closed'));
      });
    });
    this.#startWaiting();
  }

  #settle({ maxConcurrentStreams = Number.POSITIVE_INFINITY }: Settings): void {
    this.#settled = true;
    this.#handshake?.confirm();
    this.#limit = Math.max(1, Math.min(this.#options.streams, maxConcurrentStreams));
    this.#startWaiting();
    // The others are not to wait for the end of these.
    this.#moveWaiting();
  }

  #startWaiting(): void {
    if (this.#session === undefined) return;
    if (this.#session.closed || this.#session.destroyed) {
      this.#leave();
      return;
    }
    const most = this.#settled ? this.#limit : 1;
    for (const stream of this.#waiting) {
      if (this.#started.size >= most) return;
      this.#start(stream, this.#session);
    }
  }

  #start(stream: SharedStream, session: ClientHttp2Session): void {
    const { body } = stream.request;
    this.#waiting.delete(stream);
    this.#started.add(stream);
    let sent: ClientHttp2Stream;
    try {
      sent = session.request(fieldsFor(stream.request), { endStream: body === undefined });
    } catch (error) {
      // Without its code: that a head cannot be written is not the target's doing.
      this.#fail(stream, new Error((error as Error).message));
      return;
    }
    stream.http2 = sent;
    this.#listen(stream, sent);
    if (body !== undefined) sent.end(body);
    stream.seat.sent();
  }

  #listen(stream: SharedStream, sent: ClientHttp2Stream): void {
    const { seat } = stream;
    const isOver = (): boolean => stream.http2 !== sent;
    const isRead = (bytes: Buffer): void => {
      if (isOver()) return;
      if (stream.owed !== undefined) stream.owed -= bytes.length;
      this.#touch(stream);
      seat.data(bytes, 0, bytes.length);
    };
    sent.once('response', (headers) => {
      if (isOver()) return;
      stream.headed = true;
      const length = headers['content-length'];
      if (length !== undefined) stream.owed = Number(length);
      this.#touch(stream);
      seat.head(Number(headers[':status']), headers);
      // Not earlier: Node emits a head after the data that arrived with it.
      sent.on('data', isRead);
    });
    // Node takes a reset without an error, or with CANCEL, for an end.
    sent.on('end', () => {
      if (isOver() || cutShort.has(sent)) return;
      if (stream.headed) {
        this.#forget(stream);
        seat.end();
      } else this.#fail(stream, endOf(sent));
    });
    // Its head could not be sent, after a GOAWAY that Node does not report. The next one would fail, too.
    sent.on('frameError', () => {
      if (isOver()) return;
      this.retire();
      this.#fail(stream, new BrokenStream('CLOSED', 'the connection takes no more streams'));
    });
    sent.on('error', (error) => {
      if (!isOver()) this.#fail(stream, this.#goneError(sent) ?? meaningOf(error, stream));
    });
    sent.on('close', () => {
      if (!isOver()) this.#fail(stream, this.#goneError(sent) ?? endOf(sent));
    });
  }

  /** @returns the error of a stream that ended because of a GOAWAY; `undefined` if that is not the cause */
  #goneError(sent: ClientHttp2Stream): Error | undefined {
    if (this.#goaway === undefined) return undefined;
    const { code, lastId } = this.#goaway;
    const left = code !== nodeHttp2().constants.NGHTTP2_NO_ERROR || sent.id === undefined || sent.id > lastId;
    return left ? goawayError(code) : undefined;
  }

  #fail(stream: SharedStream, error: Error): void {
    this.#forget(stream);
    stream.seat.failed(error);
  }

  #forget(stream: SharedStream): void {
    this.#waiting.delete(stream);
    this.#started.delete(stream);
    stream.session = undefined;
    stream.http2 = undefined;
    // No stream waits for this dial any more.
    if (this.#dialling !== undefined && this.#waiting.size === 0) this.retire();
    this.#endIfUnused();
  }

  /** Whatever is read in one turn of the loop was there when it began. */
  #touch(stream: SharedStream): void {
    if (!this.#reading) {
      this.#reading = true;
      this.#readAtMs = this.#options.dial.clock();
      this.#reads++;
      setImmediate(() => {
        this.#reading = false;
      });
    }
    stream.seat.touched(this.#readAtMs, this.#reads);
  }

  /** The server is closing: streams that are not sent yet move to another session. */
  #leave(): void {
    this.retire();
    this.#moveWaiting();
  }

  #moveWaiting(): void {
    const moved = [...this.#waiting];
    this.#waiting.clear();
    for (const stream of moved) stream.session = undefined;
    for (const stream of moved) this.#options.move(stream);
    this.#endIfUnused();
  }

  #endIfUnused(): void {
    if (this.#started.size + this.#waiting.size > 0) return;
    if (this.#retired) {
      // Not inside a callback of the session: its last frames are still to be written.
      setImmediate(() => this.destroy());
      return;
    }
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.retire(), IDLE_MS).unref();
  }
}

/** Returns why a stream is over that has had no end. */
function endOf(sent: ClientHttp2Stream): BrokenStream {
  return disconnected.has(sent)
    ? new BrokenStream('CLOSED', 'the connection ended without a reset of the stream')
    : resetError(sent.rstCode);
}
