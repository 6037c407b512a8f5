/** By how much the limits of a stream have moved while soakd was frozen, ms: it could neither read nor send meanwhile. */
export class MovedLimits {
  /** Of the limit of the whole stream. */
  totalMs = 0;
  #phaseMs = 0;
  /** Start of the phase, or time of the last byte, from which the phase's limit counts. */
  #sinceMs = 0;

  /** @param sinceMs from when the limit of the phase counts, before the freeze */
  move(sinceMs: number, byMs: number): void {
    this.totalMs += byMs;
    this.#phaseMs = this.phaseMs(sinceMs) + byMs;
    this.#sinceMs = sinceMs;
  }

  /** Returns what the limit of a phase has moved; 0 where it counts from a later time than when it moved. */
  phaseMs(sinceMs: number): number {
    return sinceMs === this.#sinceMs ? this.#phaseMs : 0;
  }
}
