import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** Runs in the thread pool and does not block the event loop. */
const gzipAsync = promisify(gzip);

/** Caches the compressed text of objects for as long as the objects live. */
export class Compressed<T extends { readonly text: string }> {
  readonly #kept = new WeakMap<T, Promise<Buffer>>();
  readonly #compress: (text: string) => Promise<Buffer>;

  constructor(compress: (text: string) => Promise<Buffer> = (text) => gzipAsync(text)) {
    this.#compress = compress;
  }

  /** Returns the text of an object in gzip. Concurrent calls share one compression. */
  of(one: T): Promise<Buffer> {
    const kept = this.#kept.get(one);
    if (kept !== undefined) return kept;
    const made = this.#compress(one.text);
    this.#kept.set(one, made);
    made.catch(() => this.#kept.delete(one));
    return made;
  }
}
