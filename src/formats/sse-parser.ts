import { ByteStore } from './byte-store.ts';
import { decode } from './json/values.ts';
import { MAX_EVENT_BYTES } from './limits.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
/** Bytes of a line that are looked at one by one; beyond them native search is faster. */
const NEAR = 48;

/** Where parsed events go. The bytes are valid only during the call. */
export interface SseSink {
  /** An event with data; several data lines are joined by LF. `name` is '' where the event has none. */
  event(name: string, bytes: Uint8Array, start: number, end: number): void;
  comment(): void;
}

const DATA = ascii('data');
const EVENT = ascii('event');
const NO_BYTES = new Uint8Array(0);

/**
 * Server-sent events from bytes, incrementally (WHATWG HTML, 9.2.6). Only what is delivered is looked at:
 * nothing is decoded here. A line that lies in one read is not copied.
 */
export class SseParser {
  readonly #sink: SseSink;
  readonly maxEventBytes: number;
  /** The start of a line whose end has not come yet. */
  #partial: ByteStore;
  /** The data of the event so far; used once it has several lines or outlives its read. */
  #data: ByteStore;
  #dataLines = 0;
  /** While an event has one data line that lies in the current read: where. */
  #bytes: Uint8Array = NO_BYTES;
  #start = 0;
  #end = 0;
  #inRead = false;
  #name = '';
  #skipLf = false;
  /** Bytes of a byte order mark still to be looked for; −1 afterwards. */
  #bom = 0;
  /** A line or an event was over the limit; nothing more is parsed. */
  overflow = false;

  /** @param maxEventBytes longest line, and longest data of an event */
  constructor(sink: SseSink, maxEventBytes: number = MAX_EVENT_BYTES) {
    this.#sink = sink;
    this.maxEventBytes = maxEventBytes;
    this.#partial = new ByteStore(maxEventBytes);
    this.#data = new ByteStore(maxEventBytes);
  }

  push(bytes: Uint8Array, from = 0, n = bytes.length): void {
    let i = this.#bom >= 0 ? this.#skipBom(bytes, from, n) : from;
    if (i < n && this.#skipLf) {
      this.#skipLf = false;
      if (bytes[i] === LF) i++;
    }
    let lf = -1;
    let cr = -1;
    while (i < n && !this.overflow) {
      const start = i;
      const near = Math.min(n, i + NEAR);
      while (i < near && bytes[i] !== LF && bytes[i] !== CR) i++;
      if (i === near && i < n) {
        // Native search pays on long lines only. Neither end is looked for twice in one stretch of a read.
        if (lf < i) lf = indexOrEnd(bytes, LF, i, n);
        if (cr < i) cr = indexOrEnd(bytes, CR, i, n);
        i = Math.min(lf, cr);
      }
      // Wherever the line was split.
      if (this.#partial.length + i - start > this.maxEventBytes) {
        this.#overflow();
        return;
      }
      if (i === n) {
        this.#partial.append(bytes, start, n);
        break;
      }
      if (this.#partial.length > 0) {
        this.#partial.append(bytes, start, i);
        this.#line(this.#partial.bytes, 0, this.#partial.length, false);
        this.#partial.clear();
      } else {
        this.#line(bytes, start, i, true);
      }
      if (bytes[i] === CR) {
        if (i + 1 < n) i += bytes[i + 1] === LF ? 2 : 1;
        else {
          this.#skipLf = true;
          i++;
        }
      } else i++;
    }
    if (this.#inRead) this.#keep();
  }

  /** The body is over: a last event without its blank line counts. */
  end(): void {
    if (this.overflow) return;
    if (this.#partial.length > 0) {
      this.#line(this.#partial.bytes, 0, this.#partial.length, false);
      this.#partial.clear();
    }
    this.#dispatch();
  }

  #skipBom(bytes: Uint8Array, from: number, end: number): number {
    let i = from;
    while (this.#bom >= 0 && i < end) {
      if (bytes[i] !== BOM[this.#bom]) {
        // The bytes that looked like its start belong to the first line.
        if (this.#bom > 0) this.#partial.append(BOM, 0, this.#bom);
        this.#bom = -1;
        return i;
      }
      i++;
      if (++this.#bom === BOM.length) this.#bom = -1;
    }
    return i;
  }

  #line(bytes: Uint8Array, start: number, end: number, inRead: boolean): void {
    if (start === end) {
      this.#dispatch();
      return;
    }
    if (bytes[start] === COLON) {
      this.#sink.comment();
      return;
    }
    if (isField(bytes, start, end, DATA))
      this.#dataLine(bytes, valueStart(bytes, start + 4, end), end, inRead);
    else if (isField(bytes, start, end, EVENT)) {
      this.#name = decode(bytes, valueStart(bytes, start + 5, end), end);
    }
  }

  #dataLine(bytes: Uint8Array, start: number, end: number, inRead: boolean): void {
    if (this.#dataLines++ === 0) {
      this.#bytes = bytes;
      this.#start = start;
      this.#end = end;
      this.#inRead = true;
      // The partial line is overwritten by the next one.
      if (!inRead) this.#keep();
      return;
    }
    if (this.#inRead) this.#keep();
    this.#data.push(LF);
    this.#data.append(bytes, start, end);
    if (this.#data.length > this.maxEventBytes) this.#overflow();
  }

  #overflow(): void {
    this.overflow = true;
    this.#partial = new ByteStore();
    this.#data = new ByteStore();
    this.#inRead = false;
    this.#bytes = NO_BYTES;
  }

  /** Copies the one data line out of a read that is about to go. */
  #keep(): void {
    this.#data.append(this.#bytes, this.#start, this.#end);
    this.#inRead = false;
    this.#bytes = NO_BYTES;
  }

  #dispatch(): void {
    if (this.#dataLines > 0) {
      if (this.#inRead) this.#sink.event(this.#name, this.#bytes, this.#start, this.#end);
      else {
        this.#sink.event(this.#name, this.#data.bytes, 0, this.#data.length);
        this.#data.clear();
      }
      this.#dataLines = 0;
      this.#inRead = false;
      this.#bytes = NO_BYTES;
    }
    this.#name = '';
  }
}

/** @returns where the byte is, from an index on; the end where it is not before that */
function indexOrEnd(bytes: Uint8Array, byte: number, from: number, end: number): number {
  const at = bytes.indexOf(byte, from);
  return at < 0 ? end : Math.min(at, end);
}

const BOM = Uint8Array.of(0xef, 0xbb, 0xbf);
function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

function isField(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  const after = start + name.length;
  if (after > end || (after < end && bytes[after] !== COLON)) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}

/** Where the value begins: behind the colon, if there is one, and one space. */
function valueStart(bytes: Uint8Array, colon: number, end: number): number {
  if (colon >= end) return end;
  return bytes[colon + 1] === SPACE && colon + 1 < end ? colon + 2 : colon + 1;
}
