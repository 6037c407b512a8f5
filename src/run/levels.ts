import type { Model } from '../core/scenario.ts';
import { type Piece, ROUNDING } from '../load/shape.ts';

/** Load planned for some time: users, or arrivals a second. */
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
  /** Further levels merged into this one, since a run keeps a bounded number. 0: none. */
  readonly merged: number;
  /** Windows of lag that ended in this level, and how many of them were unreliable. */
  readonly windows: number;
  readonly unreliable: number;
  /** Values counted in this level. */
  readonly counted: T;
}

/**
 * Returns the level of a plan at a time.
 * @param pieces as the workers follow them
 * @param nowMs from the start of the plan; past its end the last level counts
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

/** Returns the pause after a level: in a sequence also the last turn ends with one, so that all are counted alike. */
export function pauseAfter({ stage }: PlannedLevel): PlannedLevel {
  return { stage, shape: 'pause', from: 0, to: 0 };
}

/** Returns whether two levels are the same; a ramp continues as the same ramp after a pause. */
function isSame(a: PlannedLevel, b: PlannedLevel): boolean {
  return a.stage === b.stage && a.shape === b.shape && Math.abs(a.to - b.to) <= ROUNDING;
}

/** Levels times targets that are kept. */
const MAX_PARTS = 1000;
const MAX_LEVELS = 100;

/** Returns how many levels a run keeps. @param isSequence each level is of one of the targets */
export function maxLevels(targets: number, isSequence = false): number {
  if (isSequence) return Math.min(MAX_PARTS, MAX_LEVELS * targets);
  return Math.max(1, Math.min(MAX_LEVELS, Math.floor(MAX_PARTS / Math.max(1, targets))));
}

export interface LevelMoment {
  readonly at: number;
  /** Gaps of the run so far, ms. */
  readonly gapMs?: number;
  /** Windows of lag so far, and how many of them were unreliable. */
  readonly windows: number;
  readonly unreliable: number;
  /** Values of the run at that time. */
  readonly values: Float64Array;
}

/** A level that has not ended. */
export interface OpenLevel {
  readonly level: PlannedLevel;
  readonly from: LevelMoment;
  readonly merged: number;
}

/** Cuts a run where its planned load changes. Every count is in exactly one level, so the levels add up to the run. */
export class LevelLog<T> {
  readonly #model: Model['kind'];
  readonly #max: number;
  readonly #fold: (from: Float64Array, to: Float64Array, durationMs: number) => T;
  readonly #levels: Level<T>[] = [];
  #current: PlannedLevel;
  #from: LevelMoment;
  #merged = 0;

  /** @param fold returns what is kept of a level, from the values at its start and its end */
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

  /** Follows the plan without ending the level, as in a warm-up: what it counts is dropped at its end. */
  pass(level: PlannedLevel): void {
    this.#current = level;
  }

  /** Begins the current level again, as after a warm-up. */
  restart(level: PlannedLevel, now: LevelMoment): void {
    this.#current = level;
    this.#from = now;
  }

  /** Levels that have ended. */
  get ended(): readonly Level<T>[] {
    return this.#levels;
  }

  /** The current level, and the moment at which it began. */
  get current(): OpenLevel {
    return { level: this.#current, from: this.#from, merged: this.#merged };
  }

  /** Continues the levels of an earlier process. */
  restore(ended: readonly Level<T>[], { level, from, merged }: OpenLevel): void {
    this.#levels.push(...ended);
    this.#current = level;
    this.#from = from;
    this.#merged = merged;
  }

  /** Ends the last level. @returns all levels */
  finish(now: LevelMoment): readonly Level<T>[] {
    this.#end(now);
    return this.#levels;
  }

  #end(now: LevelMoment): void {
    const gapMs = (now.gapMs ?? 0) - (this.#from.gapMs ?? 0);
    const durationMs = now.at - this.#from.at - gapMs;
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
