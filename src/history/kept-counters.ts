import type { History } from './history.ts';

/** Key of the counters in the state of the service. */
export const COUNTERS_KEY = 'counters';

export type Counters = Readonly<Record<string, number>>;

/**
 * Counters of the service that continue after a restart. It shows values that the history has: a counter on /metrics must
 * not fall because its process ended before it was written.
 */
export class KeptCounters {
  readonly #history: Pick<History, 'putService' | 'written' | 'failing'> | undefined;
  readonly #earlier: Counters;
  readonly #read: () => Counters;
  #shown: Counters;
  /** Highest value that was shown of each: what is shown while the history fails is not in it yet once it works again. */
  readonly #highest = new Map<string, number>();
  #saved: string | undefined;

  /**
   * @param read counts of this process, by name
   * @param earlier counts of earlier processes
   * @param history absent: nothing is kept, and the counts are shown as they are
   */
  constructor(
    read: () => Counters,
    earlier: Counters,
    history?: Pick<History, 'putService' | 'written' | 'failing'>,
  ) {
    this.#read = read;
    this.#earlier = earlier;
    this.#history = history;
    this.#shown = earlier;
  }

  /** Writes the counters where they have changed. Call once a second. */
  save(): void {
    if (this.#history === undefined) return;
    const now = this.#now();
    const text = JSON.stringify(now);
    if (text === this.#saved) return;
    this.#saved = text;
    const seq = this.#history.putService(COUNTERS_KEY, new TextEncoder().encode(text));
    void this.#history.written(seq).then(() => {
      this.#shown = now;
    });
  }

  /** Returns the value of a counter to show; 0 for one that is not known. */
  of(name: string): number {
    const isKept = this.#history !== undefined && this.#history.failing === undefined;
    const value = (isKept ? this.#shown : this.#now())[name] ?? 0;
    const highest = Math.max(value, this.#highest.get(name) ?? 0);
    this.#highest.set(name, highest);
    return highest;
  }

  #now(): Counters {
    const now: Record<string, number> = { ...this.#earlier };
    for (const [name, count] of Object.entries(this.#read())) now[name] = (now[name] ?? 0) + count;
    return now;
  }
}

/** Returns counters that were kept; none if they are damaged. */
export function restoreCounters(bytes: Uint8Array | undefined): Counters {
  if (bytes === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const entries = Object.entries(parsed as object).filter(([, n]) => typeof n === 'number' && n >= 0);
    return Object.fromEntries(entries) as Counters;
  } catch {
    // Counters that cannot be read begin again at 0.
    return {};
  }
}
