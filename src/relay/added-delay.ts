/** Delay that a line really added, from the read of bytes to their write, ms; `null` without any bytes. */
export interface AddedDelay {
  /** Parts that were handed on: reads, or pieces of them where a bandwidth is kept. */
  readonly count: number;
  readonly meanMs: number | null;
  readonly minMs: number | null;
  readonly maxMs: number | null;
}

/** Sums up delays. */
export class DelayCounters {
  count = 0;
  bytes = 0;
  #sumMs = 0;
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = 0;

  add(delayMs: number, bytes: number): void {
    this.count++;
    this.bytes += bytes;
    this.#sumMs += delayMs;
    this.#minMs = Math.min(this.#minMs, delayMs);
    this.#maxMs = Math.max(this.#maxMs, delayMs);
  }

  get added(): AddedDelay {
    if (this.count === 0) return { count: 0, meanMs: null, minMs: null, maxMs: null };
    return {
      count: this.count,
      meanMs: round(this.#sumMs / this.count),
      minMs: round(this.#minMs),
      maxMs: round(this.#maxMs),
    };
  }
}

/** Microseconds are as fine as anybody wants them in a log. */
export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
