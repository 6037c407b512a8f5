import { ByteStore } from './byte-store.ts';
import { MAX_EVENT_BYTES } from './limits.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;

/** Where parsed lines go. The bytes are valid only during the call. */
export interface LineSink {
  /** A line that is not blank, without its end. */
  line(bytes: Uint8Array, start: number, end: number): void;
}

/** Lines from bytes, incrementally, as NDJSON has them: LF or CRLF, blank lines left out. */
export class LineParser {
  readonly #sink: LineSink;
  readonly maxEventBytes: number;
  readonly #partial: ByteStore;
  /** A line was over the limit; nothing more is parsed. */
  overflow = false;

  /** @param maxEventBytes longest line */
  constructor(sink: LineSink, maxEventBytes: number = MAX_EVENT_BYTES) {
    this.#sink = sink;
    this.maxEventBytes = maxEventBytes;
    this.#partial = new ByteStore(maxEventBytes);
  }

  push(bytes: Uint8Array, from = 0, length = bytes.length): void {
    let start = from;
    while (!this.overflow) {
      const found = bytes.indexOf(LF, start);
      const end = found < length ? found : -1;
      const stop = end < 0 ? length : end;
      if (this.#partial.length + stop - start > this.maxEventBytes) {
        this.overflow = true;
        this.#partial.clear();
        return;
      }
      if (end < 0) {
        if (stop > start) this.#partial.append(bytes, start, stop);
        return;
      }
      if (this.#partial.length > 0) {
        this.#partial.append(bytes, start, end);
        this.#flush();
      } else this.#emit(bytes, start, end);
      start = end + 1;
    }
  }

  /** The body is over: a last line without its end counts. */
  end(): void {
    if (!this.overflow && this.#partial.length > 0) this.#flush();
  }

  #flush(): void {
    this.#emit(this.#partial.bytes, 0, this.#partial.length);
    this.#partial.clear();
  }

  #emit(bytes: Uint8Array, start: number, end: number): void {
    let stop = end;
    while (stop > start && isBlank(bytes[stop - 1]!)) stop--;
    if (stop > start) this.#sink.line(bytes, start, stop);
  }
}

function isBlank(byte: number): boolean {
  return byte === CR || byte === SPACE || byte === TAB;
}
