import { correlationAt, deviationsOf } from './autocorrelation.ts';
import { medianInPlace } from './theil-sen.ts';
import type { Grid } from './window-series.ts';

/** Shortest period, in windows. */
const MIN_PERIOD = 3;
/** Periods that must have passed. */
const SEEN = 5;
/** Least autocorrelation after one period. */
const ALIKE = 0.4;
/** The same in standard errors of noise of as many windows. */
const ERRORS = 4;
/** Least drop of autocorrelation between two periods. */
const LOST = 0.4;
/** Robust deviations from the median at which spikes are clipped: one spike would hide everything else. */
const CLIP = 8;

export interface Period {
  /** Steps of the grid, at least 3. */
  readonly length: number;
  /** From the 5th percentile of the windows to the 95th. */
  readonly spread: number;
  readonly median: number;
}

/**
 * Returns the period of a signal: pauses of a collector, a nightly job, a wave. Autocorrelation must drop and then
 * return at one period and at two; it does not return for noise that is merely slow.
 * @returns `undefined` where no period repeated five times
 */
export function periodOf({ values }: Grid): Period | undefined {
  const n = values.length;
  const deviations = deviationsOf(clipped(values));
  const most = Math.floor(n / SEEN);
  if (deviations.squares === 0 || most < MIN_PERIOD) return undefined;
  const r = Float64Array.from({ length: 2 * most + 2 }, (_, lag) =>
    lag === 0 ? 1 : correlationAt(deviations, lag) / (1 - lag / n),
  );
  const alike = Math.max(ALIKE, ERRORS / Math.sqrt(n));
  let least = 1;
  for (let lag = 1; lag <= most; lag++) {
    least = Math.min(least, r[lag]!);
    const top = r[lag]! >= r[lag - 1]! && r[lag]! >= r[lag + 1]!;
    if (lag < MIN_PERIOD || !top || r[lag]! < alike || r[lag]! - least < LOST) continue;
    const again = Math.max(r[2 * lag - 1]!, r[2 * lag]!, r[2 * lag + 1]!);
    if (again >= alike * 0.75) return { length: lag, ...spreadOf(values) };
  }
  return undefined;
}

function clipped(values: Float64Array): Float64Array {
  const present = values.filter((v) => !Number.isNaN(v));
  if (present.length === 0) return values;
  const middle = medianInPlace(present);
  const far = CLIP * 1.4826 * medianInPlace(present.map((v) => Math.abs(v - middle)));
  return far === 0 ? values : values.map((v) => Math.min(middle + far, Math.max(middle - far, v)));
}

function spreadOf(values: Float64Array): { readonly spread: number; readonly median: number } {
  const sorted = values.filter((v) => !Number.isNaN(v)).sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  return { spread: at(0.95) - at(0.05), median: at(0.5) };
}
