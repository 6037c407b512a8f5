import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** In the thread pool: the event loop is not blocked. */
const gzipAsync = promisify(gzip);

/** Keeps the compressed form of objects that hold a text, for as long as they live. */
export class Compressed<T extends { readonly text: string }> {
  readonly #kept = new WeakMap<T, Promise<Buffer>>();
  readonly #compress: (text: string) => Promise<Buffer>;

  constructor(compress: (text: string) => Promise<Buffer> = (text) => gzipAsync(text)) {
    this.#compress = compress;
  }

  /** Returns the text of an object in gzip; compressed once, also when several ask at the same time. */
  of(one: T): Promise<Buffer> {
    const kept = this.#kept.get(one);
    if (kept !== undefined) return kept;
    const made = this.#compress(one.text);
    this.#kept.set(one, made);
    made.catch(() => this.#kept.delete(one));
    return made;
  }
}
