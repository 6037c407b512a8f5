import { Recent } from './recent.ts';

export interface Rate {
  /** Requests added to the bucket each second. */
  readonly perSecond: number;
  /** Size of the bucket: requests that may arrive at once. */
  readonly burst: number;
}

/** Token bucket for each key: holds `burst`, refills at `perSecond`. Times in ms. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #buckets: Recent<{ readonly level: number; readonly atMs: number }>;

  /** @param mostKeys keys to remember; a forgotten key starts with a full bucket */
  constructor(rate: Rate, mostKeys = 10_000) {
    this.#rate = rate;
    this.#buckets = new Recent(mostKeys);
  }

  /** Takes one request from the bucket. Returns 0, or the ms until the empty bucket has one. */
  take(key: string, nowMs: number): number {
    const level = this.#level(key, nowMs);
    const waitMs = this.#waitMs(level);
    this.#buckets.set(key, { level: waitMs > 0 ? level : level - 1, atMs: nowMs });
    return waitMs;
  }

  /** Returns what {@link take} would return, without taking. */
  wait(key: string, nowMs: number): number {
    return this.#waitMs(this.#level(key, nowMs));
  }

  get size(): number {
    return this.#buckets.size;
  }

  #level(key: string, nowMs: number): number {
    const { perSecond, burst } = this.#rate;
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return burst;
    return Math.min(burst, bucket.level + (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond);
  }

  #waitMs(level: number): number {
    // Rounding must not refuse a request with a wait of 0 ms.
    return level >= 1 - 1e-9 ? 0 : Math.ceil(((1 - level) / this.#rate.perSecond) * 1000);
  }
}
