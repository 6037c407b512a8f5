import { Recent } from './recent.ts';

export interface Rate {
  /** Requests that come back each second. */
  readonly perSecond: number;
  /** Requests that may come at once. */
  readonly burst: number;
}

/** A bucket for each key: it holds `burst`, a request takes one, `perSecond` come back. Times in ms. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #buckets: Recent<{ readonly level: number; readonly atMs: number }>;

  /** @param mostKeys that are remembered; one that is forgotten has a full bucket again */
  constructor(rate: Rate, mostKeys = 10_000) {
    this.#rate = rate;
    this.#buckets = new Recent(mostKeys);
  }

  /** Takes one. @returns 0, or, when there is none, the ms until there is one again */
  take(key: string, nowMs: number): number {
    const level = this.#level(key, nowMs);
    const waitMs = this.#waitMs(level);
    this.#buckets.set(key, { level: waitMs > 0 ? level : level - 1, atMs: nowMs });
    return waitMs;
  }

  /** @returns what {@link take} would, without taking */
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
    // Rounding must not turn one away for no time at all.
    return level >= 1 - 1e-9 ? 0 : Math.ceil(((1 - level) / this.#rate.perSecond) * 1000);
  }
}
