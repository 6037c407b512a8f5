import { SEED_TTFB_MS } from '../catalog/presets.ts';
import type { Capacity } from '../core/simulator.ts';

/** @param active concurrent streams, the one in question included @returns what is added to its TTFB, ms */
export function slowdownMs(capacity: Capacity, active: number): number {
  const { streams, slowdown } = capacity;
  if (active <= streams) return 0;
  return slowdown === 'seed' ? seedTtfbMs(active) - seedTtfbMs(streams) : slowdown * (active - streams);
}

export function refuses(capacity: Capacity, active: number): boolean {
  return capacity.max !== undefined && active > capacity.max;
}

/** The table of the seed's report, straight between its rows, and on as between its last two. */
function seedTtfbMs(users: number): number {
  const above = SEED_TTFB_MS.findIndex(([level]) => level >= users);
  const to = Math.max(1, above < 0 ? SEED_TTFB_MS.length - 1 : above);
  const [fromUsers, fromMs] = SEED_TTFB_MS[to - 1]!;
  const [toUsers, toMs] = SEED_TTFB_MS[to]!;
  return fromMs + ((toMs - fromMs) * (users - fromUsers)) / (toUsers - fromUsers);
}

/** Streams that are being answered, and a queue of those that wait: first come, first served. */
export class Slots {
  #limit = Number.POSITIVE_INFINITY;
  #used = 0;
  /** In the order in which they came. */
  readonly #waiting = new Set<() => void>();

  /** A lower limit does not interrupt streams that are already being answered. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#grant();
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * @param go called at once where a slot is free, else when one is
   * @returns gives the slot back, or the place in the queue; call it once
   */
  take(go: () => void): () => void {
    const turn = (): void => go();
    this.#waiting.add(turn);
    this.#grant();
    return () => {
      if (this.#waiting.delete(turn)) return;
      this.#used--;
      this.#grant();
    };
  }

  #grant(): void {
    for (const turn of this.#waiting) {
      if (this.#used >= this.#limit) return;
      this.#waiting.delete(turn);
      this.#used++;
      turn();
    }
  }
}
