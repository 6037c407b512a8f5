import type { LearnedEnd } from '../formats/classifier.ts';

const DONE = 1;
const NONE = 2;

/** @returns zeroed shared memory: nothing is learned about any target yet */
export function allocateLearned(targets: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * targets));
}

/**
 * How streams of a target end, in memory that all workers of a run share: the first stream to end cleanly decides for
 * all of them at once, whichever worker holds it.
 */
export function learnedEnd(shared: Int32Array, target: number): LearnedEnd {
  return {
    get known() {
      const known = Atomics.load(shared, target);
      return known === DONE ? 'done' : known === NONE ? 'none' : undefined;
    },
    learn(end) {
      Atomics.compareExchange(shared, target, 0, end === 'done' ? DONE : NONE);
    },
  };
}
