const BEAT_MS = 50;
/** Timers of an idle machine are this late, ms. */
const USUAL_MS = 10;

/** Measures how late timers of this process are: on a starved machine those of a program it watches are late, too. */
export class Lateness {
  readonly #late: { readonly at: number; readonly ms: number }[] = [];
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
  }

  /** Returns the sum of delays over the last milliseconds, ms. */
  sum(overMs: number): number {
    this.#beat();
    const from = performance.now() - overMs;
    return this.#late.filter(({ at }) => at >= from).reduce((sum, { ms }) => sum + ms, 0);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const at = performance.now();
    const ms = at - this.#last - BEAT_MS - USUAL_MS;
    this.#last = at;
    if (ms > 0) this.#late.push({ at, ms });
  }
}
