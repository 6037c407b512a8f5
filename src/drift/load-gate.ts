/** What to do with a window of a target. Windows of different loads cannot be compared. */
export type Admission = 'use' | 'skip' | 'restart';

/** Relative difference below which two loads count as one: its effect is too small to report. */
const SAME = 0.02;
/** Windows that a new load must last before it replaces the old one: a quarter of the old one's, within these. */
const HOLD = { least: 5, most: 60 } as const;

/** State of a gate, for a resume. */
export interface GateState {
  readonly load: number;
  readonly used: number;
  readonly next: number;
  readonly held: number;
}

/**
 * Admits the windows of one steady load and skips those of ramps, spikes and pauses. A new load that lasts restarts
 * the series.
 */
export class LoadGate {
  #load = Number.NaN;
  #used = 0;
  #next = Number.NaN;
  #held = 0;

  get state(): GateState {
    return { load: this.#load, used: this.#used, next: this.#next, held: this.#held };
  }

  restore({ load, used, next, held }: GateState): void {
    this.#load = load;
    this.#used = used;
    this.#next = next;
    this.#held = held;
  }

  /** @param load wanted throughout the window: users, or arrivals a second; 0 while paused or draining */
  admit(load: number): Admission {
    if (!(load > 0)) return 'skip';
    if (close(load, this.#load)) {
      this.#used++;
      this.#held = 0;
      return 'use';
    }
    this.#held = close(load, this.#next) ? this.#held + 1 : 1;
    if (this.#held === 1) this.#next = load;
    // The skipped windows of the new load count as its warm-up.
    const wanted = Math.min(HOLD.most, Math.max(HOLD.least, Math.floor(this.#used / 4)));
    if (this.#held <= wanted) return 'skip';
    this.#load = this.#next;
    this.#used = 1;
    this.#held = 0;
    return 'restart';
  }
}

/** Returns whether a load that moved between two levels counts as steady; `false` where it reached 0. */
export function isSteady(least: number, most: number): boolean {
  return least > 0 && close(least, most);
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME * b;
}
