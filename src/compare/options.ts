import { RELATIVE_FLOOR } from './difference.ts';

/** How runs are compared. */
export interface Options {
  /** Of each interval, from 0 to 1. */
  readonly confidence: number;
  /** Chance that two equal runs differ in anything. */
  readonly familyError: number;
  /** Smallest relative change of timings and rates that counts. */
  readonly relativeFloor: number;
  /** Resamples of each run and measure. */
  readonly resamples: number;
  /** Seed of the draws: the same runs and seed give the same result. */
  readonly seed: number;
}

/** Half of the 2 % that a comparison may be wrong: the rest is for what the approximations miss. */
const FAMILY_ERROR = 0.01;

export const DEFAULT_OPTIONS: Options = {
  confidence: 0.95,
  familyError: FAMILY_ERROR,
  relativeFloor: RELATIVE_FLOOR,
  resamples: 400,
  seed: 1,
};
