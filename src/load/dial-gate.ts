/**
 * Spreads dials evenly: at most `perSecond`, with no burst saved up, so that a listen queue is not flooded
 * by the generator. A reservation is kept in order.
 */
export class DialGate {
  readonly #intervalMs: number;
  #freeMs = 0;

  constructor(perSecond: number) {
    this.#intervalMs = 1000 / perSecond;
  }

  /** Reserves a dial. @returns when the caller may dial: `nowMs` or later */
  reserve(nowMs: number): number {
    // Timers have whole milliseconds: a late one does not lose the dials that were due meanwhile.
    const atMs = Math.max(this.#freeMs, nowMs - TOLERANCE_MS);
    this.#freeMs = atMs + this.#intervalMs;
    return Math.max(atMs, nowMs);
  }
}

const TOLERANCE_MS = 5;
