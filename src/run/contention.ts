import { type StreamLayout, StreamView } from '../catalog/slots.ts';

/** How the open streams of a target were spread, polled once a second while streams were started. */
export interface TargetContention {
  readonly target: string;
  /** Streams wanted at once, at most. */
  readonly desiredMax: number;
  /** Streams that received content at once, at most. */
  readonly streamingMax: number;
  /** Whether {@link streamingMax} looks like a limit of the target: most streams wait, and it is reached all the time. */
  readonly isLimited: boolean;
}

/** Polls of a target, added up. */
export interface ContentionState {
  polls: number;
  active: number;
  desiredMax: number;
  waiting: number;
  streaming: number;
  squares: number;
  max: number;
  /** Polls in which the maximum streamed. */
  atMax: number;
}

/** Polls that a result needs. */
const MIN_POLLS = 20;
/** Share of the polls in which a limit is reached. */
const AT_LIMIT = 0.2;
/** Variance over mean of the streaming streams, relative to that of independent streams. */
const DISPERSION = 0.5;
/** Least ended streams for each streaming one: with fewer, all may be the first ones. */
const TURNS = 5;

/**
 * Watches for a target that serves a few streams at a time and lets the others wait.
 * The number of independent streams that stream at once is binomial, with the variance mean × (1 − mean/n).
 * A pool of workers that is always full has almost none.
 */
export class Contention {
  readonly #layout: StreamLayout;
  readonly #targets: readonly { readonly name: string; readonly index: number }[];
  #states: ContentionState[] = [];

  constructor(layout: StreamLayout, targets: readonly { readonly name: string; readonly index: number }[]) {
    this.#layout = layout;
    this.#targets = targets;
    this.#states = targets.map(noPolls);
  }

  /** Drops all polls of some targets so far, as after a warm-up. */
  restart(names: readonly string[]): void {
    this.#states = this.#targets.map(({ name }, n) => (names.includes(name) ? noPolls() : this.#states[n]!));
  }

  /** Once a second. @param desired streams wanted now, by target of the layout; nothing is polled while none are */
  add(values: Float64Array, desired: readonly number[]): void {
    const view = new StreamView(this.#layout, values);
    this.#targets.forEach(({ index }, n) => {
      const wanted = desired[index]!;
      if (!(wanted > 0)) return;
      const state = this.#states[n]!;
      const streaming = view.cell(index, 'active:streaming');
      state.polls++;
      state.active += view.active(index);
      state.desiredMax = Math.max(state.desiredMax, Math.round(wanted));
      state.waiting += view.cell(index, 'active:waiting') + view.cell(index, 'active:connecting');
      state.streaming += streaming;
      state.squares += streaming * streaming;
      if (streaming > state.max) {
        state.max = streaming;
        state.atMax = 0;
      }
      if (streaming === state.max) state.atMax++;
    });
  }

  /** Polls so far, in the order of the targets. */
  get states(): readonly ContentionState[] {
    return this.#states;
  }

  /** Continues the polls of an earlier process. */
  restore(states: readonly ContentionState[]): void {
    if (states.length === this.#states.length) this.#states = states.map((state) => ({ ...state }));
  }

  /** @param values what the run has counted, after its warm-up; targets that were polled too little are left out */
  finish(values: Float64Array): TargetContention[] {
    const view = new StreamView(this.#layout, values);
    return this.#targets.flatMap(({ name, index }, n) => {
      const state = this.#states[n]!;
      if (state.polls < MIN_POLLS) return [];
      const { success, failed } = view.results(index);
      return {
        target: name,
        desiredMax: state.desiredMax,
        streamingMax: state.max,
        isLimited: isLimited(state, success + failed),
      };
    });
  }
}

function noPolls(): ContentionState {
  return { polls: 0, active: 0, desiredMax: 0, waiting: 0, streaming: 0, squares: 0, max: 0, atMax: 0 };
}

function isLimited(
  { polls, active, waiting, streaming, squares, max, atMax }: ContentionState,
  ended: number,
): boolean {
  if (max === 0 || ended < TURNS * max || atMax < AT_LIMIT * polls) return false;
  if (waiting / polls < max) return false;
  const mean = streaming / polls;
  const variance = squares / polls - mean * mean;
  const free = mean * (1 - mean / (active / polls));
  return variance < DISPERSION * free;
}
