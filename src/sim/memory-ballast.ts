/** How often memory is allocated, ms. */
const EVERY_MS = 250;
const GRAIN_BYTES = 1_048_576;

/** Memory that is really allocated: every page of it is written to. */
export class MemoryBallast {
  readonly #grains: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;

  get bytes(): number {
    return this.#grains.length * GRAIN_BYTES;
  }

  /** @param wanted how many bytes are to be held now; they are rounded down to MiB */
  follow(wanted: () => number): void {
    this.drop();
    this.#timer = setInterval(() => {
      while (this.bytes + GRAIN_BYTES <= wanted()) this.#grains.push(Buffer.alloc(GRAIN_BYTES, 1));
    }, EVERY_MS);
  }

  drop(): void {
    clearInterval(this.#timer);
    this.#grains.length = 0;
  }
}
