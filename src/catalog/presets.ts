import type { SimulatorOptions } from '../core/simulator.ts';
import type { Stage } from '../shapes/list.ts';

/**
 * The workload of the seed's report: first byte after 1100 ms, gaps uniform up to 140 ms (the lower end
 * gives an average duration of 31.8 s), answers whose length varies (lognormal) around 403 chunks so
 * that P95 of the duration is 1.44 times its mean.
 */
const seed: SimulatorOptions = {
  seed: 1,
  format: 'sse',
  ttfbMs: { kind: 'fixed', value: 1100 },
  gapMs: { kind: 'uniform', from: 12.7, to: 140 },
  chunks: { kind: 'lognormal', mean: 403, stddev: 100 },
  characters: { kind: 'uniform', from: 2.5, to: 5.1 },
  faults: {},
};

/** Short answers of about a second, for tests and first tries. */
const quick: SimulatorOptions = {
  seed: 1,
  format: 'sse',
  ttfbMs: { kind: 'uniform', from: 50, to: 150 },
  gapMs: { kind: 'uniform', from: 10, to: 40 },
  chunks: { kind: 'uniform', from: 20, to: 40 },
  characters: { kind: 'uniform', from: 2.5, to: 5.1 },
  faults: {},
};

export const SIMULATOR_PRESETS: Readonly<Record<'seed' | 'quick', SimulatorOptions>> = { seed, quick };

/** Virtual users of the 13 levels of the seed's report. */
export const SEED_LEVELS: readonly number[] = [
  100, 250, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 2750, 3000,
];

/** TTFB by virtual users in the table of the seed's report, ms; at 0, the delay of the server itself. */
export const SEED_TTFB_MS: readonly (readonly [users: number, ttfbMs: number])[] = [
  [0, 1100],
  [100, 1270],
  [250, 1306],
  [500, 1391],
  [750, 1496],
  [1000, 1702],
  [1250, 1823],
  [1500, 2055],
  [1750, 2366],
  [2000, 2465],
  [2250, 2698],
  [2500, 2827],
  [2750, 3115],
  [3000, 3409],
];

/** @param durationMs of all levels together */
export const STAGE_PRESETS: Readonly<Record<'seed-levels', (durationMs: number) => Stage>> = {
  'seed-levels': (durationMs) => ({ shape: 'steps', levels: SEED_LEVELS, durationMs }),
};
