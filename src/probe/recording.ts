import { Connection } from '../stream/connection.ts';

type Dispatch = Parameters<Connection['dispatch']>;
type Handler = Dispatch[2] & { onRequestSent?(): void };

/** Bytes of a body that are kept to tell what it looks like where no judge reads it. */
const KEPT_BYTES = 16_384;

/** A connection that remembers what came back: the headers, and the start of the body. */
export class RecordingConnection extends Connection {
  headers: Readonly<Record<string, string | string[] | undefined>> = {};
  /** Reads of the socket that held bytes of the body. */
  bodyReads = 0;
  #body: Buffer[] = [];
  #kept = 0;
  #lastRead = -1;

  /** The start of the body. */
  get body(): Buffer {
    return Buffer.concat(this.#body);
  }

  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  override dispatch(user: Dispatch[0], options: Dispatch[1], handler: Handler): void {
    const recorder: Handler = {
      onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
      onRequestSent: () => handler.onRequestSent?.(),
      onResponseStart: (controller, status, headers, message) => {
        if (status >= 200) this.headers = headers;
        return handler.onResponseStart?.(controller, status, headers, message);
      },
      onResponseData: (controller, chunk) => {
        this.#record(chunk);
        return handler.onResponseData?.(controller, chunk);
      },
      onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
      onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
    };
    super.dispatch(user, options, recorder);
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
