import { randomNormal, randomPoisson } from 'd3-random';
import { streamLayout } from '../../src/catalog/slots.ts';
import type { ComparedRun, ComparedWindow } from '../../src/compare/run.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import type { LevelSummary } from '../../src/schema/level-summary.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { observe } from '../core/observe.ts';
import { remembering } from '../drift/noise.ts';
import { summaryOf } from '../report/samples.ts';

const WINDOW_MS = 10_000;
export const BEGAN = Date.UTC(2026, 10, 23, 18, 0, 0);

interface MadeTarget {
  readonly name: string;
  /** Factor of TTFB; 1: none. */
  readonly ttfb?: number;
  /** Share of streams that fail. */
  readonly failures?: number;
}

export interface MadeRun {
  readonly seed: number;
  readonly id?: string;
  readonly windows: number;
  /** Users of each target. */
  readonly users?: number;
  /** Autocorrelation of neighbouring windows, and deviation of their level in logarithms. */
  readonly phi?: number;
  readonly sigma?: number;
  readonly targets?: readonly MadeTarget[];
  /** Lag of the generator, ms. */
  readonly lagMs?: number;
  /** Constant loads one after another; absent: one, over all windows. Factors of the users. */
  readonly loads?: readonly { readonly users: number; readonly windows: number }[];
  readonly summary?: Partial<Summary>;
}

/**
 * Makes a run of the closed model without I/O. The target has a speed of its own in each window, which remembers the one
 * before (AR 1, lognormal); streams spread around it; gaps of a stream have a speed in common; failures come in bursts.
 */
export function madeRun(options: MadeRun): ComparedRun {
  const { id = `run-${options.seed}`, windows, users = 20, targets = [{ name: 'a' }] } = options;
  const loads = options.loads ?? [{ users, windows }];
  const layout = streamLayout(
    targets.map(({ name }) => name),
    { ttfb: [1234] },
  );
  return {
    id,
    summary: summaryFor(options, loads, targets),
    recording: {
      layout,
      windows: { [Symbol.iterator]: () => windowsOf(options, loads, layout, targets) },
      gaps: [],
    },
  };
}

function summaryFor(
  { windows, summary = {} }: MadeRun,
  loads: NonNullable<MadeRun['loads']>,
  targets: readonly MadeTarget[],
): Summary {
  const base = summaryOf();
  let at = BEGAN;
  const levels = loads.map(({ users, windows: length }, stage): LevelSummary => {
    const fromAt = at;
    at += length * WINDOW_MS;
    const load = users * targets.length;
    return {
      ...base,
      targets: [],
      stage,
      target: null,
      shape: 'hold',
      users: { from: load, to: load },
      rate: null,
      startedAt: new Date(fromAt).toISOString(),
      endedAt: new Date(at).toISOString(),
      lastedMs: at - fromAt,
      furtherLevels: 0,
      measurementQuality: { windows: length, unreliable: 0 },
    };
  });
  const [known] = base.setup.targets;
  return {
    ...base,
    run: { ...base.run, lastedMs: windows * WINDOW_MS },
    targets: targets.map(({ name }) => ({ ...base.targets[0]!, name })),
    setup: { ...base.setup, targets: targets.map(({ name }) => ({ ...known!, name, weight: 1 })) },
    levels,
    ...summary,
  };
}

type StreamLayout = ReturnType<typeof streamLayout>;

function* windowsOf(
  { seed, phi = 0.6, sigma = 0.05, lagMs = 0.5 }: MadeRun,
  loads: NonNullable<MadeRun['loads']>,
  layout: StreamLayout,
  targets: readonly MadeTarget[],
): Generator<ComparedWindow> {
  const total = loads.reduce((sum, { windows }) => sum + windows, 0);
  const fill = targets.map((target, t) =>
    filler(target, layout, t, seededRandom(seed, t), { total, phi, sigma }),
  );
  const values = new Float64Array(layout.size);
  let w = 0;
  for (const { users, windows } of loads) {
    for (let i = 0; i < windows; i++, w++) {
      values.fill(0);
      for (const one of fill) one(values, w, users);
      observe(values, layout.shared['measurementLag:lean'], lagMs, 2000);
      const fromAt = BEGAN + w * WINDOW_MS;
      yield { fromAt, toAt: fromAt + WINDOW_MS, values };
    }
  }
}

interface Noise {
  readonly total: number;
  readonly phi: number;
  readonly sigma: number;
}

const TTFB_MS = 400;
const GAP_MS = 60;
const CHUNKS = 60;
/** Gaps observed for each stream; the others are counted and left out of the histogram. */
const GAPS_OBSERVED = 6;

function filler(
  { ttfb: factor = 1, failures = 0.002 }: MadeTarget,
  layout: StreamLayout,
  place: number,
  random: Random,
  { total, phi, sigma }: Noise,
): (values: Float64Array, window: number, users: number) => void {
  const draw = randomNormal.source(random)(0, 1);
  const poisson = randomPoisson.source(random);
  const [slow, pace, bad] = [0, 1, 2].map(() => remembering(total, phi, draw));
  const { cell, histogram } = layout.slots[place]!;
  return (values, w, users) => {
    const chunkMs = GAP_MS * Math.exp(sigma * pace![w]!);
    const firstMs = TTFB_MS * factor * Math.exp(sigma * slow![w]!);
    const failing = failures * Math.exp(bad![w]! - 0.5);
    const streams = poisson((users * WINDOW_MS) / (firstMs + CHUNKS * chunkMs))();
    const add = (name: keyof typeof cell, n: number): void => {
      values[cell[name]]! += n;
    };
    add('started', streams);
    for (let i = 0; i < streams; i++) {
      const headersMs = 0.3 * TTFB_MS * Math.exp(0.3 * draw());
      const ttfbMs = firstMs * Math.exp(0.4 * draw());
      const ttftMs = ttfbMs + 20 * Math.exp(0.3 * draw());
      observe(values, histogram.headers, Math.min(headersMs, ttfbMs), 1);
      observe(values, histogram.ttfb, ttfbMs);
      observe(values, histogram.ttft, ttftMs);
      const own = chunkMs * Math.exp(0.15 * draw());
      for (let g = 0; g < GAPS_OBSERVED; g++) observe(values, histogram.gap, own * Math.exp(0.5 * draw()));
      const chunks = Math.max(2, Math.round(CHUNKS * Math.exp(0.3 * draw())));
      add('chunks', chunks);
      const durationMs = ttftMs + chunks * own;
      observe(values, histogram.effective, durationMs);
      if (random() < failing) {
        add('finished:reset', 1);
        continue;
      }
      add('finished:complete', 1);
      add('outputTokens', chunks);
      observe(values, histogram.tpot, own);
      observe(values, histogram['duration:success'], durationMs);
    }
  };
}
