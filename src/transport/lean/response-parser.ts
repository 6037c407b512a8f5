import { framingOf } from './body-framing.ts';
import { FramingError } from './framing-error.ts';
import { type Head, HeadReader } from './head-reader.ts';

const LF = 10;
const CR = 13;
const HTAB = 9;
const SPACE = 32;
const SEMICOLON = 59;

/** Maximum bytes of a chunk's size line; its extensions are ignored, but must be bounded. */
const MAX_SIZE_LINE = 16_384;

// What the next byte is.
const NOTHING = 0;
const HEAD = 1;
const LENGTH_BODY = 2;
const CLOSE_BODY = 3;
const SIZE = 4;
const EXTENSION = 5;
const SIZE_LF = 6;
const CHUNK = 7;
const CHUNK_CR = 8;
const CHUNK_LF = 9;
const TRAILER = 10;

/** Value of a hexadecimal digit; −1 for any other byte. */
const HEX = Int8Array.from({ length: 256 }, (_, c) => {
  const digit = Number.parseInt(String.fromCharCode(c), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

/** Callbacks for one answer. Each call may stop the parser. */
export interface ResponseSink {
  /** Never one below 200. */
  head(head: Head): void;
  /** Part of the body, from `start` to `end`. */
  data(bytes: Buffer, start: number, end: number): void;
  /** @param surplus more has come than the answer */
  end(surplus: boolean): void;
}

/** HTTP/1.1 answers from bytes, incrementally and strictly (RFC 9112). Nothing is copied and nothing decoded. */
export class ResponseParser {
  readonly #sink: ResponseSink;
  readonly #head = new HeadReader();
  #method = '';
  #state = NOTHING;
  /** Bytes still to come of the body, or of the chunk. */
  #left = 0;
  #sizeLine = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** An answer is expected. @param method of its request */
  expect(method: string): void {
    this.#method = method;
    this.#state = HEAD;
    this.#head.expect(false);
  }

  /** Stops reading this answer. */
  stop(): void {
    this.#state = NOTHING;
  }

  /** The other side has closed. @returns whether that is the end of the answer as it should be */
  close(): boolean {
    return this.#state === CLOSE_BODY;
  }

  /** @returns what is wrong; nothing can be read after that */
  read(bytes: Buffer, length: number): FramingError | undefined {
    let at = 0;
    while (at < length) {
      switch (this.#state) {
        case NOTHING:
          return undefined;
        case HEAD: {
          at = this.#head.read(bytes, at, length);
          if (at < 0) return this.#head.error;
          const error = this.#begin(this.#head.head!, at < length);
          if (error !== undefined) return error;
          break;
        }
        case CLOSE_BODY:
          this.#sink.data(bytes, at, length);
          return undefined;
        case LENGTH_BODY: {
          const end = Math.min(length, at + this.#left);
          this.#left -= end - at;
          this.#sink.data(bytes, at, end);
          at = end;
          if (this.#left === 0 && this.#state === LENGTH_BODY) this.#finish(at < length);
          break;
        }
        case CHUNK: {
          const end = Math.min(length, at + this.#left);
          this.#left -= end - at;
          if (this.#left === 0) this.#state = CHUNK_CR;
          this.#sink.data(bytes, at, end);
          at = end;
          break;
        }
        case TRAILER:
          at = this.#head.read(bytes, at, length);
          if (at < 0) return this.#head.error;
          this.#finish(at < length);
          break;
        default:
          if (!this.#frame(bytes[at++]!)) return new FramingError('BAD_CHUNK');
      }
    }
    return undefined;
  }

  /** One byte between the data of chunks. @returns whether it may stand there */
  #frame(byte: number): boolean {
    switch (this.#state) {
      case SIZE: {
        const digit = HEX[byte]!;
        if (++this.#sizeLine > MAX_SIZE_LINE) return false;
        if (digit >= 0) {
          this.#left = this.#left * 16 + digit;
          return this.#left <= Number.MAX_SAFE_INTEGER;
        }
        // The first byte of the line has to be a digit.
        if (this.#sizeLine === 1) return false;
        this.#state = byte === SEMICOLON ? EXTENSION : SIZE_LF;
        return byte === SEMICOLON || byte === CR;
      }
      case EXTENSION:
        if (byte === CR) this.#state = SIZE_LF;
        else if (byte !== HTAB && (byte < SPACE || byte > 126)) return false;
        return ++this.#sizeLine <= MAX_SIZE_LINE;
      case SIZE_LF:
        if (this.#left === 0) this.#head.expect(true);
        this.#state = this.#left === 0 ? TRAILER : CHUNK;
        return byte === LF;
      case CHUNK_CR:
        this.#state = CHUNK_LF;
        return byte === CR;
      default:
        this.#expectChunk();
        return byte === LF;
    }
  }

  #expectChunk(): void {
    this.#state = SIZE;
    this.#left = 0;
    this.#sizeLine = 0;
  }

  #begin(head: Head, more: boolean): FramingError | undefined {
    if (head.status === 101) return new FramingError('UPGRADE');
    if (head.status < 200) {
      this.#head.expect(false);
      return undefined;
    }
    const framing = framingOf(head, this.#method);
    if (framing instanceof FramingError) return framing;
    if (framing.kind === 'chunked') this.#expectChunk();
    else {
      this.#left = framing.kind === 'length' ? framing.bytes : 0;
      this.#state = framing.kind === 'until-close' ? CLOSE_BODY : LENGTH_BODY;
    }
    const state = this.#state;
    this.#sink.head(head);
    if (framing.kind === 'none' && this.#state === state) this.#finish(more);
    return undefined;
  }

  #finish(surplus: boolean): void {
    this.#state = NOTHING;
    this.#sink.end(surplus);
  }
}
