import type { SimulatorOptions } from '../core/simulator.ts';
import type { Format } from '../formats/list.ts';
import { afterPauses, hasPauses, heldBytes } from './behaviours.ts';
import { Slots } from './capacity.ts';
import { buildFrames, type FrameSet, type Framing } from './frames.ts';
import { Ledger } from './ledger.ts';
import { Roofline } from './roofline.ts';

/** The current options. A stream keeps the options that it started with. */
export class Regime {
  readonly options: SimulatorOptions;
  /** performance.now() at which the time of timeline and behaviours begins. */
  readonly sinceMs: number;
  /**
   * Returns when a due event may happen, on the clock of `performance.now()`; absent: there are no pauses.
   */
  readonly notBefore: ((dueMs: number) => number) | undefined;
  readonly #rooflines = new Map<Format, Roofline>();

  constructor(options: SimulatorOptions, sinceMs: number) {
    this.options = options;
    this.sinceMs = sinceMs;
    const { behaviours = [] } = options;
    if (hasPauses(behaviours)) this.notBefore = (dueMs) => sinceMs + afterPauses(behaviours, dueMs - sinceMs);
  }

  elapsedMs(): number {
    return performance.now() - this.sinceMs;
  }

  /** Builds the answers on first use, which keeps changes of options fast. */
  roofline(frames: FrameSet): Roofline {
    let roofline = this.#rooflines.get(frames.format);
    if (roofline === undefined) {
      roofline = new Roofline(this.options, frames);
      this.#rooflines.set(frames.format, roofline);
    }
    return roofline;
  }
}

/** What all answers of one simulator share. */
export class Simulation {
  readonly ledger = new Ledger();
  readonly slots = new Slots();
  readonly ballast = new MemoryBallast();
  readonly #frames = new Map<string, FrameSet>();
  #regime: Regime;

  constructor(options: SimulatorOptions) {
    this.#regime = this.#begin(options, performance.now());
  }

  get regime(): Regime {
    return this.#regime;
  }

  /**
   * Changes the options for all streams that start from now on.
   * @param time whether the time of timeline and behaviours continues, or restarts at 0
   */
  change(options: SimulatorOptions, time: 'continues' | 'restarts'): void {
    const sinceMs = time === 'continues' ? this.#regime.sinceMs : performance.now();
    this.#regime = this.#begin(options, sinceMs);
  }

  frames(format: Format, framing: Framing): FrameSet {
    const key = `${format} ${framing}`;
    let frames = this.#frames.get(key);
    if (frames === undefined) {
      frames = buildFrames(format, framing);
      this.#frames.set(key, frames);
    }
    return frames;
  }

  close(): void {
    this.ballast.drop();
  }

  #begin(options: SimulatorOptions, sinceMs: number): Regime {
    const regime = new Regime(options, sinceMs);
    this.slots.limit = options.capacity?.slots ?? Number.POSITIVE_INFINITY;
    const { behaviours = [] } = options;
    if (behaviours.some((b) => b.kind === 'memory')) {
      this.ballast.follow(() => heldBytes(behaviours, regime.elapsedMs()));
    } else this.ballast.drop();
    return regime;
  }
}

/** How often memory is allocated, ms. */
const EVERY_MS = 250;
const GRAIN_BYTES = 1_048_576;

/** Memory that is really allocated: every page of it is written to. */
class MemoryBallast {
  readonly #grains: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;

  get bytes(): number {
    return this.#grains.length * GRAIN_BYTES;
  }

  /** @param wanted how many bytes are to be held now; they are rounded down to MiB */
  follow(wanted: () => number): void {
    this.drop();
    this.#timer = setInterval(() => {
      while (this.bytes + GRAIN_BYTES <= wanted()) this.#grains.push(Buffer.alloc(GRAIN_BYTES, 1));
    }, EVERY_MS);
  }

  drop(): void {
    clearInterval(this.#timer);
    this.#grains.length = 0;
  }
}
