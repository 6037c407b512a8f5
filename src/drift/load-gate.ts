/** What to do with a window of a target: what it did under one load says nothing of what it does under another. */
export type Admission = 'use' | 'skip' | 'restart';

/** Loads this close to one another are one load: what such a change does to a target is beneath what is told. */
const SAME = 0.02;
/** Windows that a new load must hold before the old one is forgotten: a quarter of what that has, within these. */
const HOLD = { least: 5, most: 60 } as const;

/**
 * Tells the windows of one steady load from those of ramps, spikes and pauses. A spike is left out; a load that
 * stays is a new beginning.
 */
export class LoadGate {
  #load = Number.NaN;
  #used = 0;
  #next = Number.NaN;
  #held = 0;

  /** @param load as it was wanted throughout the window: users, or arrivals a second; 0 while paused or draining */
  admit(load: number): Admission {
    if (!(load > 0)) return 'skip';
    if (close(load, this.#load)) {
      this.#used++;
      this.#held = 0;
      return 'use';
    }
    this.#held = close(load, this.#next) ? this.#held + 1 : 1;
    if (this.#held === 1) this.#next = load;
    // The windows that it held before count as the warm-up.
    const wanted = Math.min(HOLD.most, Math.max(HOLD.least, Math.floor(this.#used / 4)));
    if (this.#held <= wanted) return 'skip';
    this.#load = this.#next;
    this.#used = 1;
    this.#held = 0;
    return 'restart';
  }
}

/** @returns whether a load that moved between two levels was one load; not where there was none */
export function isSteady(least: number, most: number): boolean {
  return least > 0 && close(least, most);
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME * b;
}
