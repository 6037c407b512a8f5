import type { Model } from '../core/scenario.ts';
import { type Piece, ROUNDING } from '../shapes/piece.ts';

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
  /** Windows of lag whose middle lies in this level, and how many of them were unreliable. */
  readonly windows: number;
  readonly unreliable: number;
  /** Values counted in this level. */
  readonly counted: T;
  /** The same up to the end of the load, in a level that includes a drain: then open streams end and none start. */
  readonly loaded?: { readonly toAt: number; readonly durationMs: number; readonly counted: T };
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
  /** When the open window of lag began, and the windows before it. */
  #window: Pick<LevelMoment, 'at' | 'windows' | 'unreliable'>;
  #merged = 0;
  /** When the load ended, and a drain began. */
  #loadEnd: LevelMoment | undefined;

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
    this.#window = begin;
  }

  /** Follows the windows of lag: one that ended since the last call counts where its middle lies. */
  windowsAt(now: Pick<LevelMoment, 'at' | 'windows' | 'unreliable'>): void {
    const windows = now.windows - this.#window.windows;
    if (windows === 0) return;
    const unreliable = now.unreliable - this.#window.unreliable;
    const middle = (this.#window.at + now.at) / 2;
    this.#window = now;
    if (windows < 0 || middle >= this.#from.at) return;
    const index = this.#levels.findLastIndex((level) => level.fromAt <= middle);
    const level = this.#levels[index];
    if (level === undefined) return;
    const counts = { windows: level.windows + windows, unreliable: level.unreliable + unreliable };
    this.#levels[index] = { ...level, ...counts };
    const from = this.#from;
    this.#from = {
      ...from,
      windows: from.windows + windows,
      unreliable: from.unreliable + unreliable,
    };
  }

  /** Returns whether the current level ends where the plan is on this one. */
  ends(level: PlannedLevel): boolean {
    return !isSame(this.#current, level) && this.#levels.length < this.#max - 1;
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
    this.windowsAt(moment);
    this.#end(moment);
    this.#current = level;
    this.#from = moment;
  }

  /** Notes that the load has ended, and the drain begins. A second call changes nothing. */
  endLoad(now: LevelMoment): void {
    this.#loadEnd ??= now;
  }

  /** Follows the plan without ending the level, as in a warm-up: what it counts is dropped at its end. */
  pass(level: PlannedLevel): void {
    this.#current = level;
  }

  /** Begins the current level again, as after a warm-up. */
  restart(level: PlannedLevel, now: LevelMoment): void {
    this.#current = level;
    this.#from = now;
    this.#window = now;
  }

  /** Levels that have ended. */
  get ended(): readonly Level<T>[] {
    return this.#levels;
  }

  /** The current level, and the moment at which it began. */
  get current(): OpenLevel {
    return { level: this.#current, from: this.#from, merged: this.#merged };
  }

  /** Continues the levels of an earlier process. @param now the moment at which this process continues */
  restore(
    ended: readonly Level<T>[],
    { level, from, merged }: OpenLevel,
    now: Pick<LevelMoment, 'at' | 'windows' | 'unreliable'>,
  ): void {
    this.#levels.push(...ended);
    this.#current = level;
    this.#from = from;
    this.#window = now;
    this.#merged = merged;
  }

  /** Ends the last level. @returns all levels */
  finish(now: LevelMoment): readonly Level<T>[] {
    this.windowsAt(now);
    this.#end(now);
    return this.#levels;
  }

  /** Time since the start of the level, without the gaps of the run, ms. */
  #durationTo({ at, gapMs = 0 }: LevelMoment): number {
    return at - this.#from.at - (gapMs - (this.#from.gapMs ?? 0));
  }

  #loaded({ at }: LevelMoment): Pick<Level<T>, 'loaded'> {
    const end = this.#loadEnd;
    if (end === undefined || end.at <= this.#from.at || end.at >= at) return {};
    const durationMs = this.#durationTo(end);
    const counted = this.#fold(this.#from.values, end.values, durationMs);
    return { loaded: { toAt: end.at, durationMs, counted } };
  }

  #end(now: LevelMoment): void {
    const durationMs = this.#durationTo(now);
    this.#levels.push({
      ...this.#current,
      model: this.#model,
      fromAt: this.#from.at,
      toAt: now.at,
      merged: this.#merged,
      windows: Math.max(0, now.windows - this.#from.windows),
      unreliable: Math.max(0, now.unreliable - this.#from.unreliable),
      counted: this.#fold(this.#from.values, now.values, durationMs),
      ...this.#loaded(now),
    });
  }
}
