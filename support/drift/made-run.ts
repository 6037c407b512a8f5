import type { Drift } from '../../src/drift/drift.ts';
import type { SignalId } from '../../src/drift/signals.ts';
import { type DriftReport, DriftWatch } from '../../src/drift/watch.ts';
import { failures, NOISE_NAMES, NOISES, type NoiseName, randoms } from './noise.ts';

export const MINUTE_MS = 60_000;
/** Streams that end in a window of the runs below. */
export const STREAMS = 200;

/** As configurations have them. */
const LIMITS: Readonly<Partial<Record<SignalId, number>>> = {
  'ttfb-p95': 2500,
  'ttfb-p50': 2500,
  'failure-ratio': 0.01,
};

/** Values of each signal, window by window. */
export type Made = Readonly<Partial<Record<SignalId, Float64Array>>>;

/** Usual levels: ms and bytes. */
export const LEVELS = {
  'ttfb-p95': 1350,
  'ttfb-p50': 1100,
  'gap-p95': 134,
  'target-rss': 400 * 2 ** 20,
  'generator-rss': 120 * 2 ** 20,
} as const;

export interface HealthyRun {
  readonly made: Made;
  readonly noises: Readonly<Partial<Record<SignalId, NoiseName>>>;
}

/** All signals without drift, each with a noise of its own that is 0.3 % to 8 % of its level. */
export function healthyRun(windows: number, seed: number): HealthyRun {
  const random = randoms(seed);
  const choose = random(1);
  const made: Partial<Record<SignalId, Float64Array>> = {};
  const noises: Partial<Record<SignalId, NoiseName>> = {};
  Object.entries(LEVELS).forEach(([id, level], i) => {
    const signal = id as keyof typeof LEVELS;
    const name = NOISE_NAMES[Math.floor(choose() * NOISE_NAMES.length)]!;
    const size = 0.003 * 27 ** choose();
    noises[signal] = name;
    made[signal] = NOISES[name](windows, random(10 + i)).map((v) => level * (1 + size * v));
  });
  made['failure-ratio'] = failures(windows, random(20), 0.008 * choose() ** 2, STREAMS);
  return { made, noises };
}

export interface Outcome {
  /** Of each look that found any, the windows there were. */
  readonly lives: readonly { readonly windows: number; readonly drifts: readonly Drift[] }[];
  readonly report: DriftReport;
}

/** Feeds a run to a watch, window by window, and takes every look that is due and the last. */
export function carryOut(made: Made, windowMs = MINUTE_MS): Outcome {
  const signals = Object.keys(made) as SignalId[];
  const own = signals.filter((s) => s !== 'generator-rss');
  const watch = new DriftWatch({
    watched: [
      { target: 'a', signals: own },
      { target: null, signals: signals.filter((s) => s === 'generator-rss') },
    ],
    windowMs,
    limitOf: (_, signal) => LIMITS[signal],
  });
  const lives: { windows: number; drifts: readonly Drift[] }[] = [];
  const windows = made[signals[0]!]!.length;
  const common = { load: 100, unreliable: false } as const;
  for (let i = 0; i < windows; i++) {
    const values = (of: readonly SignalId[]) =>
      Object.fromEntries(of.map((s) => [s, { value: made[s]![i]!, count: STREAMS }]));
    watch.add((i + 1) * windowMs, [
      { target: 'a', ...common, values: values(own) },
      { target: null, ...common, values: values(signals.filter((s) => s === 'generator-rss')) },
    ]);
    if (!watch.isDue) continue;
    const drifts = watch.evaluate();
    if (drifts.length > 0) lives.push({ windows: i + 1, drifts });
  }
  return { lives, report: watch.last() };
}
