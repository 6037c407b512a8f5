import type { HttpHeaders } from '../connection.ts';
import { FramingError } from './framing-error.ts';

const HTAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;

/** Maximum length of a head, or of a trailer, bytes; a longer one is refused. */
const MAX_LENGTH = 65_536;
const VERSION = Buffer.from('HTTP/1.');

// What the next byte is.
const IN_VERSION = 0;
const MINOR = 1;
const BEFORE_STATUS = 2;
const STATUS = 3;
const AFTER_STATUS = 4;
const REASON = 5;
const LINE_LF = 6;
const FIELD_START = 7;
const NAME = 8;
const VALUE = 9;
const LAST_LF = 10;
const DONE = 11;

const TOKEN = table((c) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(c)));
/** Whatever may stand in a value or a reason: no control character but the tab. */
const TEXT = table((c) => c === HTAB || (c >= SPACE && c !== 127));

function table(holds: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, c) => Number(holds(c)));
}

/** A complete head. */
export interface Head {
  readonly status: number;
  /** 0 or 1, of HTTP/1. */
  readonly minor: number;
  readonly headers: HttpHeaders;
}

/**
 * Reads the head of a response byte by byte, so that what is none is known at its first wrong byte (RFC 9112, 4 and
 * 5). Lines end in CRLF and in nothing else; no line is folded; nothing stands between a name and its colon.
 */
export class HeadReader {
  #state = IN_VERSION;
  #count = 0;
  #minor = 0;
  #status = 0;
  #digits = 0;
  /** The part of a head that arrived with earlier reads. */
  #held: Buffer | undefined;
  #isTrailer = false;
  /** The complete head. Absent for a trailer, which is discarded. */
  head: Head | undefined;
  error: FramingError | undefined;

  /** @param isTrailer only fields follow, and they are discarded */
  expect(isTrailer: boolean): void {
    this.#state = isTrailer ? FIELD_START : IN_VERSION;
    this.#isTrailer = isTrailer;
    this.#count = 0;
    this.#status = 0;
    this.#digits = 0;
    this.#held = undefined;
    this.head = undefined;
    this.error = undefined;
  }

  /**
   * @param bytes of the read, from `start` to `end`
   * @returns where the head ended; −1 while it is incomplete, or when it is malformed (see `error`)
   */
  read(bytes: Buffer, start: number, end: number): number {
    const stop = Math.min(end, start + MAX_LENGTH - this.#count);
    for (let i = start; i < stop; i++) {
      const state = this.#step(bytes[i]!);
      if (state < 0) return -1;
      this.#state = state;
      if (state === DONE) {
        if (!this.#isTrailer) this.head = this.#finish(bytes, start, i + 1);
        return i + 1;
      }
    }
    this.#count += stop - start;
    if (stop < end) this.#fail('HEAD_TOO_LARGE');
    else if (!this.#isTrailer) this.#hold(bytes, start, end);
    return -1;
  }

  /** @returns the next state; −1 for a byte that must not stand here */
  #step(byte: number): number {
    switch (this.#state) {
      case IN_VERSION:
        if (byte !== VERSION[this.#digits]) return this.#fail('BAD_STATUS_LINE');
        if (++this.#digits < VERSION.length) return IN_VERSION;
        this.#digits = 0;
        return MINOR;
      case MINOR:
        this.#minor = byte - 48;
        return this.#minor === 0 || this.#minor === 1 ? BEFORE_STATUS : this.#fail('BAD_STATUS_LINE');
      case BEFORE_STATUS:
        return byte === SPACE ? STATUS : this.#fail('BAD_STATUS_LINE');
      case STATUS:
        if (byte < 48 || byte > 57) return this.#fail('BAD_STATUS_LINE');
        this.#status = this.#status * 10 + byte - 48;
        if (++this.#digits < 3) return STATUS;
        return this.#status < 100 ? this.#fail('BAD_STATUS_LINE') : AFTER_STATUS;
      case AFTER_STATUS:
        if (byte === SPACE) return REASON;
        return byte === CR ? LINE_LF : this.#fail('BAD_STATUS_LINE');
      case REASON:
        if (TEXT[byte] === 1) return REASON;
        return byte === CR ? LINE_LF : this.#fail('BAD_STATUS_LINE');
      case LINE_LF:
        return byte === LF ? FIELD_START : this.#fail('BAD_FIELD');
      case FIELD_START:
        if (TOKEN[byte] === 1) return NAME;
        return byte === CR ? LAST_LF : this.#fail('BAD_FIELD');
      case NAME:
        if (TOKEN[byte] === 1) return NAME;
        return byte === COLON ? VALUE : this.#fail('BAD_FIELD');
      case VALUE:
        if (TEXT[byte] === 1) return VALUE;
        return byte === CR ? LINE_LF : this.#fail('BAD_FIELD');
      default:
        return byte === LF ? DONE : this.#fail('BAD_FIELD');
    }
  }

  #fail(code: FramingError['code']): -1 {
    this.error = new FramingError(code);
    return -1;
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    const more = bytes.subarray(start, end);
    this.#held = this.#held === undefined ? Buffer.from(more) : Buffer.concat([this.#held, more]);
  }

  #finish(bytes: Buffer, start: number, end: number): Head {
    const rest = bytes.toString('latin1', start, end);
    const text = this.#held === undefined ? rest : this.#held.toString('latin1') + rest;
    this.#held = undefined;
    return { status: this.#status, minor: this.#minor, headers: fieldsOf(text) };
  }
}

/** @param text a whole head that is well formed */
function fieldsOf(text: string): HttpHeaders {
  // Without a prototype: names of its members are names like any other.
  const fields: Record<string, string | string[]> = Object.create(null);
  let at = text.indexOf('\r\n') + 2;
  for (let end = text.indexOf('\r\n', at); end > at; end = text.indexOf('\r\n', at)) {
    const colon = text.indexOf(':', at);
    const name = text.slice(at, colon).toLowerCase();
    const value = trimmed(text, colon + 1, end);
    const known = fields[name];
    if (known === undefined) fields[name] = value;
    else if (typeof known === 'string') fields[name] = [known, value];
    else known.push(value);
    at = end + 2;
  }
  return fields;
}

/** Without the spaces and tabs around it; other white space is part of a value. */
function trimmed(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === HTAB;
}
