import { mapping } from './mapping.ts';
import { duration, size } from './scalars.ts';

const DAY_MS = 86_400_000;
/** Default of `history.maxSize`, bytes. */
export const DEFAULT_MAX_BYTES = 2 * 1024 ** 3;

/** Retention of the history of runs, and the longest gap after which `soakd serve` resumes a run. */
export const history = mapping({
  maxAge: duration({ minMs: 60_000, exampleMs: 400 * DAY_MS }).default(400 * DAY_MS),
  maxSize: size().default(DEFAULT_MAX_BYTES),
  maxGap: duration({ zero: true, exampleMs: 600_000 }).default(600_000),
});
