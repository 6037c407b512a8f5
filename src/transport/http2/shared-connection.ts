import type { ClassifierResult } from '../../core/outcome.ts';
import type { Connection, ConnectionUser, HttpHeaders, HttpRequest } from '../connection.ts';
import type { DialTimes } from '../dial.ts';
import type { Session, SharedStream, StreamSeat } from './shared-stream.ts';

/** The sessions that a place may be on. */
export interface Sessions {
  /** Whether one has room for another stream. */
  readonly hasRoom: boolean;
  carry(stream: SharedStream): void;
  /** The place is of no more use. */
  left(place: StreamSeat): void;
}

/** One virtual user's place among the streams of shared HTTP/2 sessions. */
export class SharedConnection implements Connection, StreamSeat {
  readonly #sessions: Sessions;
  #user: ConnectionUser | undefined;
  #stream: SharedStream | undefined;
  /** What its last stream was on: whether the server agreed to the handshake is asked when that is over. */
  #session: Session | undefined;
  #destroyed = false;
  readAtMs = 0;
  reads = 0;
  /** The session has already classified this error. */
  readonly broken = undefined;
  readonly closed = false;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  get mustDial(): boolean {
    return !this.#sessions.hasRoom;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  get tlsRefusal(): ClassifierResult | undefined {
    return this.#session?.tlsRefusal;
  }

  send(user: ConnectionUser, request: HttpRequest): void {
    this.#user = user;
    const stream: SharedStream = {
      seat: this,
      request,
      session: undefined,
      http2: undefined,
      headed: false,
      owed: undefined,
    };
    this.#stream = stream;
    this.#sessions.carry(stream);
  }

  abort(user: ConnectionUser): void {
    if (this.#user === user) this.#cancel();
  }

  release(user: ConnectionUser): void {
    if (this.#user !== user) return;
    this.#user = undefined;
    this.#stream = undefined;
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#cancel();
    this.#sessions.left(this);
  }

  #cancel(): void {
    const stream = this.#stream;
    this.#user = undefined;
    this.#stream = undefined;
    if (stream !== undefined) stream.session?.cancel(stream);
  }

  // ── called by the session ──

  seated(session: Session): void {
    this.#session = session;
  }

  touched(readAtMs: number, reads: number): void {
    this.readAtMs = readAtMs;
    this.reads = reads;
  }

  connected(times: DialTimes): void {
    this.#user?.connected(times);
  }

  sent(): void {
    this.#user?.sent();
  }

  head(status: number, headers: HttpHeaders): void {
    this.#user?.head(status, headers);
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    this.#user?.data(bytes, start, end);
  }

  end(): void {
    this.#user?.end();
  }

  failed(error: Error): void {
    this.#user?.failed(error);
  }
}
