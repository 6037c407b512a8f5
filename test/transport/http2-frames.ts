import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { Certificate } from './certificate.ts';

/** Types of frames of RFC 9113, section 6. */
const TYPES = { DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, GOAWAY: 7 } as const;
const END_STREAM = 1;
const END_HEADERS = 4;
const ACK = 1;
const PREFACE = 24;

function frame(type: number, flags: number, id: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

function number(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}

/** A field of a head, written out in full (RFC 7541, 6.2.2). */
export function field(name: string, value: string): Buffer {
  const text = (s: string) => Buffer.concat([Buffer.of(s.length), Buffer.from(s, 'latin1')]);
  return Buffer.concat([Buffer.of(0), text(name), text(value)]);
}

export const SETTINGS = frame(TYPES.SETTINGS, 0, 0, Buffer.alloc(0));
const HEAD_OF_EVENTS = Buffer.concat([Buffer.of(0x88), field('content-type', 'text/event-stream')]);

export const headers = (id: number, block: Buffer = HEAD_OF_EVENTS): Buffer =>
  frame(TYPES.HEADERS, END_HEADERS, id, block);
export const data = (id: number, text: string, last = false): Buffer =>
  frame(TYPES.DATA, last ? END_STREAM : 0, id, Buffer.from(text));
export const reset = (id: number, code: number): Buffer => frame(TYPES.RST_STREAM, 0, id, number(code));
export const goaway = (lastId: number, code: number): Buffer =>
  frame(TYPES.GOAWAY, 0, 0, Buffer.concat([number(lastId), number(code)]));
/** What a server of single frames does when a request has come whole. */
export type FrameAnswer = (socket: tls.TLSSocket, id: number, nth: number) => void;

/** Speaks HTTP/2 as far as its answers do: what a good library would never send. */
export class FramePeer {
  readonly #server: tls.Server;
  readonly #sockets = new Set<tls.TLSSocket>();
  readonly resets: { readonly id: number; readonly code: number }[] = [];
  sessions = 0;
  streams = 0;

  private constructor(answer: FrameAnswer, certificate: Certificate, greets: boolean) {
    this.#server = tls.createServer({ ...certificate, ALPNProtocols: ['h2'] }, (socket) => {
      this.sessions++;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
      if (greets) socket.write(SETTINGS);
      this.#read(socket, answer, greets);
    });
    this.#server.on('tlsClientError', () => {});
  }

  static async listen(
    answer: FrameAnswer,
    certificate: Certificate,
    /** Settings are sent and acknowledged; else the answer does that, too. */
    greets = true,
  ): Promise<FramePeer> {
    const peer = new FramePeer(answer, certificate, greets);
    peer.#server.listen(0, '127.0.0.1');
    await once(peer.#server, 'listening');
    return peer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #read(socket: tls.TLSSocket, answer: FrameAnswer, greets: boolean): void {
    let bytes = Buffer.alloc(0);
    let from = PREFACE;
    socket.on('data', (part) => {
      bytes = Buffer.concat([bytes, part]);
      while (bytes.length >= from + 9) {
        const length = bytes.readUIntBE(from, 3);
        if (bytes.length < from + 9 + length) return;
        const [type, flags] = [bytes[from + 3]!, bytes[from + 4]!];
        const id = bytes.readUInt32BE(from + 5);
        const payload = bytes.subarray(from + 9, from + 9 + length);
        from += 9 + length;
        if (greets && type === TYPES.SETTINGS && flags === 0)
          socket.write(frame(TYPES.SETTINGS, ACK, 0, Buffer.alloc(0)));
        if (type === TYPES.RST_STREAM) this.resets.push({ id, code: payload.readUInt32BE(0) });
        const whole = (type === TYPES.HEADERS || type === TYPES.DATA) && (flags & END_STREAM) !== 0;
        if (whole) answer(socket, id, this.streams++);
      }
    });
  }
}
