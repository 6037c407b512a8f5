const NO_BYTES = new Uint8Array(0);
/** A store that has grown beyond this is let go when it is emptied. */
const KEPT_BYTES = 16_384;

/** Bytes that grow by doubling, and take no more memory than a limit unless they are longer than it. */
export class ByteStore {
  bytes: Uint8Array = NO_BYTES;
  length = 0;
  readonly #limit: number;

  /** @param limit bytes */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  append(from: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    if (end - start < 64) for (let i = start; i < end; i++) this.bytes[this.length++] = from[i]!;
    else {
      this.bytes.set(from.subarray(start, end), this.length);
      this.length += end - start;
    }
  }

  push(byte: number): void {
    this.#reserve(1);
    this.bytes[this.length++] = byte;
  }

  clear(): void {
    this.length = 0;
    if (this.bytes.length > KEPT_BYTES) this.bytes = NO_BYTES;
  }

  #reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(
      Math.max(64, Math.min(this.bytes.length * 2, this.#limit), this.length + more),
    );
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
