import type { ServerResponse } from 'node:http';

/** Bytes that wait for a slow reader: beyond, its stream is closed, and it resumes from what it has. */
export const MAX_WAITING_BYTES = 4 * 2 ** 20;

/** Output of a viewer: the part of a response that a stream of events needs. */
export type ViewerOutput = Pick<
  ServerResponse,
  'write' | 'end' | 'destroy' | 'writableLength' | 'once' | 'off'
>;

/** One open stream of events. */
export class Viewer {
  readonly #output: ViewerOutput;
  readonly #isAllowed: () => boolean;
  /** Messages that wait until the reader has what it missed; `undefined`: it has. */
  #waiting: { readonly messages: Buffer[]; bytes: number } | undefined;
  #isClosed = false;

  /** @param isAllowed whether the token or the session of the viewer is still valid */
  constructor(output: ViewerOutput, isAllowed: () => boolean) {
    this.#output = output;
    this.#isAllowed = isAllowed;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isAllowed(): boolean {
    return this.#isAllowed();
  }

  /** Holds back what {@link send} gets, until {@link release}. */
  hold(): void {
    this.#waiting ??= { messages: [], bytes: 0 };
  }

  release(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const one of waiting?.messages ?? []) this.send(one);
  }

  /** Sends messages. Viewers share the buffer, so what waits for many slow readers is in memory once. */
  send(messages: Buffer): void {
    if (this.#isClosed) return;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      waiting.messages.push(messages);
      waiting.bytes += messages.length;
    } else this.#output.write(messages);
    if ((waiting?.bytes ?? 0) + this.#output.writableLength > MAX_WAITING_BYTES) this.drop();
  }

  /** Sends messages before those that are held back. Resolves when the reader has taken them, or is gone. */
  async sendFirst(messages: Buffer): Promise<void> {
    if (this.#isClosed || this.#output.write(messages)) return;
    await new Promise<void>((done) => {
      const taken = (): void => {
        this.#output.off('drain', taken);
        this.#output.off('close', taken);
        done();
      };
      this.#output.once('drain', taken);
      this.#output.once('close', taken);
    });
  }

  /** Call when the connection is gone. */
  closed(): void {
    this.#isClosed = true;
    this.#waiting = undefined;
  }

  /** Ends the stream; what waits is still sent. */
  end(): void {
    if (this.#isClosed) return;
    this.closed();
    this.#output.end();
  }

  /** Closes the connection at once. */
  drop(): void {
    if (this.#isClosed) return;
    this.closed();
    this.#output.destroy();
  }
}
