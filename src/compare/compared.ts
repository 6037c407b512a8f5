import type { NotCompared, Refusal } from './comparison.ts';
import type { Uncorrected } from './values.ts';

/** What a way of comparing yields: values, or the reason why there are none. */
export interface Compared {
  readonly refused: Refusal | null;
  readonly compared: readonly Uncorrected[];
  readonly notCompared: readonly NotCompared[];
  readonly notes: readonly string[];
  /** Windows compared of each run, of the target with most. */
  readonly windows: readonly [a: number, b: number];
  /** Whether every common target was compared, with its timings. */
  readonly complete: boolean;
}

/** Returns a refusal in place of values. */
export function nothing(refused: Refusal): Compared {
  return { refused, compared: [], notCompared: [], notes: [], windows: [0, 0], complete: false };
}
