import type { Model } from '../core/scenario.ts';
import { type Piece, ROUNDING } from '../load/shape.ts';

/** The load that a plan asks for over some time: users, or arrivals a second. */
export interface PlannedLevel {
  /** From 0. */
  readonly stage: number;
  readonly shape: 'hold' | 'ramp' | 'sine' | 'pause';
  /** At its start and at its end; of a sine, its middle. */
  readonly from: number;
  readonly to: number;
}

/** One level of a run. Calendar times, ms since 1970. */
export interface Level<T> extends PlannedLevel {
  readonly model: Model['kind'];
  readonly fromAt: number;
  readonly toAt: number;
  /** Further levels that this one holds as well: a run keeps a bounded number of them. 0: none. */
  readonly merged: number;
  /** Windows of lag that ended in it, and how many of them were unreliable. */
  readonly windows: number;
  readonly unreliable: number;
  /** What was counted in it. */
  readonly counted: T;
}

/**
 * Returns the level that a plan is on.
 * @param pieces as the workers follow them
 * @param nowMs from the start of the plan; past its end it is on its last level
 */
export function levelAt(pieces: readonly Piece[], nowMs: number): PlannedLevel {
  const piece = pieces.find((p) => nowMs < p.toMs) ?? pieces.at(-1);
  if (piece === undefined) return { stage: 0, shape: 'pause', from: 0, to: 0 };
  const { stage } = piece;
  if (piece.kind === 'sine') return { stage, shape: 'sine', from: piece.middle, to: piece.middle };
  const { from, to } = piece;
  if (Math.abs(to - from) > ROUNDING) return { stage, shape: 'ramp', from, to };
  return { stage, shape: to === 0 ? 'pause' : 'hold', from, to };
}

/** A ramp that was cut by a pause goes on as the same ramp. */
function isSame(a: PlannedLevel, b: PlannedLevel): boolean {
  return a.stage === b.stage && a.shape === b.shape && Math.abs(a.to - b.to) <= ROUNDING;
}

/** Levels times targets that are kept. */
const MAX_PARTS = 1000;
const MAX_LEVELS = 100;

/** @returns how many levels of a run with so many targets are kept */
export function maxLevels(targets: number): number {
  return Math.max(1, Math.min(MAX_LEVELS, Math.floor(MAX_PARTS / Math.max(1, targets))));
}

export interface LevelMoment {
  readonly at: number;
  /** Windows of lag by then, and how many of them were unreliable. */
  readonly windows: number;
  readonly unreliable: number;
  /** What the run has counted by then. */
  readonly values: Float64Array;
}

/** Cuts a run where its planned load changes. Everything counted is in one level, so that the levels add up to the run. */
export class LevelLog<T> {
  readonly #model: Model['kind'];
  readonly #max: number;
  readonly #fold: (from: Float64Array, to: Float64Array, durationMs: number) => T;
  readonly #levels: Level<T>[] = [];
  #current: PlannedLevel;
  #from: LevelMoment;
  #merged = 0;

  /** @param fold what is kept of a level: made from what was counted at its start and its end */
  constructor(
    model: Model['kind'],
    max: number,
    fold: (from: Float64Array, to: Float64Array, durationMs: number) => T,
    first: PlannedLevel,
    begin: LevelMoment,
  ) {
    this.#model = model;
    this.#max = max;
    this.#fold = fold;
    this.#current = first;
    this.#from = begin;
  }

  /** Ends the level where the plan is on another one. */
  follow(level: PlannedLevel, now: () => LevelMoment): void {
    if (isSame(this.#current, level)) return;
    if (this.#levels.length === this.#max - 1) {
      this.#merged++;
      this.#current = level;
      return;
    }
    const moment = now();
    this.#end(moment);
    this.#current = level;
    this.#from = moment;
  }

  /** Leaves out all that came before, as after a warm-up. */
  restart(now: LevelMoment): void {
    this.#levels.length = 0;
    this.#from = now;
  }

  /** Ends the last level. @returns all levels */
  finish(now: LevelMoment): readonly Level<T>[] {
    this.#end(now);
    return this.#levels;
  }

  #end(now: LevelMoment): void {
    const durationMs = now.at - this.#from.at;
    this.#levels.push({
      ...this.#current,
      model: this.#model,
      fromAt: this.#from.at,
      toAt: now.at,
      merged: this.#merged,
      windows: Math.max(0, now.windows - this.#from.windows),
      unreliable: Math.max(0, now.unreliable - this.#from.unreliable),
      counted: this.#fold(this.#from.values, now.values, durationMs),
    });
  }
}
