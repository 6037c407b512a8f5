import { decode } from '../formats/json/values.ts';
import { LineParser } from '../formats/line-parser.ts';
import { formatNamed } from '../formats/list.ts';
import { SseParser } from '../formats/sse-parser.ts';

/** One chunk of a stream, for a person to read. */
export interface ShownChunk {
  /** Counted from 1. */
  readonly number: number;
  /** Monotonic, ms. */
  readonly atMs: number;
  /** Name of the event, where it has one. */
  readonly event?: string;
  /** What it held; of a long one the beginning and the end. */
  readonly text: string;
  /** Bytes of all that it held. */
  readonly bytes: number;
}

/** Chunks from the start that are kept. */
const FIRST_CHUNKS = 5;
/** Bytes of a chunk that are kept of its beginning, and of its end. */
const KEPT_BYTES = 200;

/** Keeps the first chunks of a stream and the last one. */
export class ChunkLog {
  readonly first: ShownChunk[] = [];
  last: ShownChunk | undefined;
  readonly #parser: { push(bytes: Uint8Array): void; end(): void } | undefined;
  #atMs = 0;
  #count = 0;

  /** @param format of events or of lines; all else is shown read by read */
  constructor(format: string | undefined) {
    const framing = format === undefined ? 'reads' : formatNamed(format).framing;
    if (framing === 'lines') this.#parser = new LineParser(this);
    else if (framing === 'events') this.#parser = new SseParser(this);
  }

  /** @param newRead false when these bytes came with the same read as those before */
  push(bytes: Uint8Array, newRead: boolean, atMs: number): void {
    this.#atMs = atMs;
    if (this.#parser !== undefined) this.#parser.push(bytes);
    else if (newRead || this.last === undefined) this.#add(undefined, bytes, 0, bytes.length);
    else this.#extend(bytes);
  }

  end(): void {
    this.#parser?.end();
  }

  /** Called by the parser of events. */
  event(name: string, bytes: Uint8Array, start: number, end: number): void {
    this.#add(name === '' ? undefined : name, bytes, start, end);
  }

  /** Called by the parser of events. */
  comment(): void {}

  /** Called by the parser of lines. */
  line(bytes: Uint8Array, start: number, end: number): void {
    this.#add(undefined, bytes, start, end);
  }

  #add(event: string | undefined, bytes: Uint8Array, start: number, end: number): void {
    this.#set({
      number: ++this.#count,
      atMs: this.#atMs,
      event,
      text: abridged(bytes, start, end),
      bytes: end - start,
    });
  }

  /** More of a read that HTTP's chunked encoding has split. */
  #extend(bytes: Uint8Array): void {
    const last = this.last!;
    const text = last.text + abridged(bytes, 0, bytes.length);
    const kept =
      text.length > 4 * KEPT_BYTES ? `${text.slice(0, KEPT_BYTES)}…${text.slice(-KEPT_BYTES)}` : text;
    this.#set({ ...last, text: kept, bytes: last.bytes + bytes.length });
  }

  #set(chunk: ShownChunk): void {
    this.last = chunk;
    if (chunk.number <= FIRST_CHUNKS) this.first[chunk.number - 1] = chunk;
  }
}

function abridged(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= 2 * KEPT_BYTES) return decode(bytes, start, end);
  return `${decode(bytes, start, start + KEPT_BYTES)}…${decode(bytes, end - KEPT_BYTES, end)}`;
}
