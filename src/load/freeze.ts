/**
 * Delay of a timer beyond which soakd was frozen, ms: it was stopped, frozen, starved, or its loop was blocked. Less than
 * that is the load of a busy machine, which the measurement lag shows.
 */
const FREEZE_MS = 1000;

/** A time in which a thread did nothing. Monotonic ms. */
export interface Freeze {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The middle of a freeze: what was before it happened before the freeze, the rest after it. Its ends are known only
 * to the interval of the beats, and reads may come before the beat that ends it.
 */
export function middleOf({ fromMs, toMs }: Freeze): number {
  return (fromMs + toMs) / 2;
}

/** Returns the length of a freeze, ms. */
export function lengthOf({ fromMs, toMs }: Freeze): number {
  return toMs - fromMs;
}

/** Notices that a thread was frozen: a beat came much later than its interval. */
export class Heartbeat {
  readonly #clock: () => number;
  readonly #intervalMs: number;
  #lastMs: number;

  /** @param clock monotonic ms @param intervalMs how often {@link beat} is called at least */
  constructor(clock: () => number, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#lastMs = clock();
  }

  /** Returns the freeze that ends now, if one does. Call before anything that is due is carried out. */
  beat(): Freeze | undefined {
    const toMs = this.#clock();
    const fromMs = this.#lastMs;
    this.#lastMs = toMs;
    return toMs - fromMs >= this.#intervalMs + FREEZE_MS ? { fromMs, toMs } : undefined;
  }
}
