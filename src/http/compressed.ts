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

/** What follows a coding in `Accept-Encoding`: `;q=` with at most three decimals (RFC 9110, 12.4.2). */
const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;

/**
 * Returns whether a response is to be compressed with gzip: where the client accepts it, and does not like the
 * identity better (RFC 9110, 12.5.3). A coding with an invalid weight is ignored.
 */
export function prefersGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const weights = new Map<string, number>();
  for (const part of header.split(',')) {
    const [coding, weight, ...more] = part.split(';').map((p) => p.trim());
    const q = weight === undefined ? 1 : Number(WEIGHT.exec(weight)?.[1] ?? Number.NaN);
    if (coding && more.length === 0 && !Number.isNaN(q)) weights.set(coding.toLowerCase(), q);
  }
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}
