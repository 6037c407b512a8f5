import type { ClassifierResult } from './classifier.ts';

/** Bytes of the last data that are kept and shown. */
export const SHOWN_BYTES = 48;

/**
 * The beginning of the last data of a stream, for the detail of a truncated one: it distinguishes a wrong
 * `terminal:` from an answer that was cut short. Costs one small copy for each part, 0.3 µs where thousands of
 * streams take turns in the cache, and allocates nothing after the first.
 */
export class LastData {
  #bytes: Uint8Array | undefined;
  #kept = 0;
  #length = 0;
  #name = '';

  /** @param name of the event, empty where it has none */
  keep(name: string, bytes: Uint8Array, start: number, end: number): void {
    this.#bytes ??= new Uint8Array(SHOWN_BYTES);
    this.#name = name;
    this.#length = end - start;
    this.#kept = Math.min(this.#length, SHOWN_BYTES);
    for (let i = 0; i < this.#kept; i++) this.#bytes[i] = bytes[start + i]!;
  }

  /** Adds the last data to the detail of a stream that is truncated; other results are returned as they are. */
  explain(result: ClassifierResult): ClassifierResult {
    if (result.outcome !== 'truncated' || this.#bytes === undefined) return result;
    const event = this.#name === '' ? '' : ` of event ${this.#name.slice(0, 40)}`;
    const data = shownBytes(this.#bytes.subarray(0, this.#kept));
    const cut = this.#length > this.#kept ? '...' : '';
    return { ...result, detail: `${result.detail ?? 'truncated'}; last data${event}: ${data}${cut}` };
  }
}

/** @returns bytes as text on one line; characters that were cut in two are left out */
export function shownBytes(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(bytes)
    .replace(/\ufffd+$/, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}
