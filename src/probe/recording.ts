import type { ClassifierResult } from '../formats/classifier.ts';
import type { Connection, ConnectionUser, HttpHeaders, HttpRequest } from '../transport/connection.ts';

/** Bytes of a body that are kept to guess its format where no classifier reads it. */
const KEPT_BYTES = 16_384;

/** A connection that remembers what came back for its one stream: the headers, and the start of the body. */
export class RecordingConnection implements Connection {
  readonly #inner: Connection;
  headers: HttpHeaders = {};
  /** Reads of the socket that held bytes of the body. */
  bodyReads = 0;
  #body: Buffer[] = [];
  #kept = 0;
  #lastRead = -1;
  #recorder: ConnectionUser | undefined;

  constructor(inner: Connection) {
    this.#inner = inner;
  }

  /** The start of the body. */
  get body(): Buffer {
    return Buffer.concat(this.#body);
  }

  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  get mustDial(): boolean {
    return this.#inner.mustDial;
  }

  get destroyed(): boolean {
    return this.#inner.destroyed;
  }

  get readAtMs(): number {
    return this.#inner.readAtMs;
  }

  get reads(): number {
    return this.#inner.reads;
  }

  get broken(): Error | undefined {
    return this.#inner.broken;
  }

  get closed(): boolean {
    return this.#inner.closed;
  }

  get tlsRefusal(): ClassifierResult | undefined {
    return this.#inner.tlsRefusal;
  }

  send(user: ConnectionUser, request: HttpRequest): void {
    this.#recorder = {
      connected: (times) => user.connected(times),
      sent: () => user.sent(),
      head: (status, headers) => {
        this.headers = headers;
        user.head(status, headers);
      },
      data: (bytes, start, end) => {
        this.#record(bytes.subarray(start, end));
        user.data(bytes, start, end);
      },
      end: () => user.end(),
      failed: (error) => user.failed(error),
    };
    this.#inner.send(this.#recorder, request);
  }

  abort(): void {
    if (this.#recorder !== undefined) this.#inner.abort(this.#recorder);
  }

  release(): void {
    if (this.#recorder !== undefined) this.#inner.release(this.#recorder);
  }

  destroy(): void {
    this.#inner.destroy();
  }

  #record(chunk: Uint8Array): void {
    if (this.reads !== this.#lastRead) this.bodyReads++;
    this.#lastRead = this.reads;
    if (this.#kept >= KEPT_BYTES) return;
    const part = Buffer.from(chunk.subarray(0, KEPT_BYTES - this.#kept));
    this.#body.push(part);
    this.#kept += part.length;
  }
}
