import { ByteStore } from '../byte-store.ts';
import type { JsonCursor } from './cursor.ts';

/** Texts longer than this are not kept: 10,000 open streams keep one each. */
const MAX_BYTES = 2048;
/** After so many misses in a row there is nothing to recognise: each text has a number or a time of its own. */
const MAX_MISSES = 8;

/**
 * Knows a JSON text again that is the last one but for one string in it, as the deltas of an answer mostly are:
 * the same bytes before it, the same behind it. What lies between need only be a good string for the whole to
 * be good JSON that says the same. Comparing takes a third of the time of a walk.
 */
export class JsonTemplate {
  readonly #known = new ByteStore();
  /** Bytes before the string, with its first quote, and behind it, with its last. */
  #before = 0;
  #behind = 0;
  #misses = 0;

  /** Whether there is nothing to recognise in this stream. */
  get hopeless(): boolean {
    return this.#misses === MAX_MISSES;
  }

  /** @returns code points of the string where the text is the known one but for it; else −1 */
  match(bytes: Uint8Array, start: number, end: number, cursor: JsonCursor): number {
    const known = this.#known;
    const before = this.#before;
    const behind = this.#behind;
    // All that the socket delivers are buffers; they are compared by native code.
    if (before === 0 || end - start < before + behind || !(bytes instanceof Buffer)) return -1;
    const last = known.length - behind;
    for (let i = 0; i < behind; i++) if (bytes[end - behind + i] !== known.bytes[last + i]) return -1;
    if (bytes.compare(known.bytes, 0, before, start, start + before) !== 0) return -1;
    cursor.open(bytes, start + before - 1, end - behind + 1);
    const characters = cursor.text();
    if (!cursor.done()) return -1;
    this.#misses = 0;
    return characters;
  }

  /** Remembers a text that was not the known one, and the string in it: from its first quote to behind its last. */
  learn(bytes: Uint8Array, start: number, end: number, from: number, to: number): void {
    if (this.#misses === MAX_MISSES) return;
    this.#known.clear();
    this.#before = this.#behind = 0;
    if (++this.#misses === MAX_MISSES || end - start > MAX_BYTES) return;
    this.#known.append(bytes, start, end);
    this.#before = from + 1 - start;
    this.#behind = end - to + 1;
  }
}
