import { wilson } from '../compare/proportions.ts';
import type { LevelPoint, PointTiming, SubjectLimit } from './level-point.ts';
import { isSuccessLimit, type LevelValue, timingOfLimit, valueAtLevel } from './limit-at-level.ts';

/** Of a normal distribution: 95 % of the values lie within so many standard deviations of the mean. */
const Z = 1.96;
/** Standard deviations between the median and P95, and between the median and P99, of a normal distribution. */
const Z_P95 = 1.645;
const Z_P99 = 2.326;

/**
 * Returns the value of a limit at a level with the bounds between which a repeat of the level would lie in 95 of 100 cases,
 * the measurement error included, as if streams were independent of each other. Of a mean: ± 1.96 standard errors, with the
 * standard deviation of a normal distribution that is as wide as P50, P95 and P99. Of a quantile: the values at the ranks of
 * its binomial interval (H. A. David, H. N. Nagaraja, *Order Statistics*, Wiley 2003, section 7.1). Of a rate: E. B. Wilson,
 * *Probable inference*, Journal of the American Statistical Association 22, 1927, 209–212.
 * @returns `null`: the value, the number of observations, or their spread is not known
 */
export function sampledAtLevel(limit: Pick<SubjectLimit, 'threshold'>, level: LevelPoint): LevelValue | null {
  const value = valueAtLevel(limit, level);
  if (value === null || value.n === null || value.n <= 0) return null;
  if (isSuccessLimit(limit)) {
    const [low, high] = wilson({ part: value.value * value.n, whole: value.n }, Z);
    // Rounding must not move a bound past the value.
    return { ...value, low: Math.min(value.value, low), high: Math.max(value.value, high) };
  }
  const of = timingOfLimit(limit);
  const timing = of === undefined ? null : level.timings[of.timing];
  if (of === undefined || timing === null) return null;
  const range =
    of.statistic === 'mean'
      ? meanRange(timing, value.n)
      : quantileRange(timing, value.n, QUANTILES[of.statistic]);
  if (range === null) return null;
  // Both errors can come together.
  const below = value.value - range.low;
  const above = range.high - value.value;
  return { ...value, low: Math.max(0, value.low - below), high: value.high + above };
}

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

interface Range {
  readonly low: number;
  readonly high: number;
}

/** Standard deviation of a normal distribution that is as wide above its median as the timings; `null`: not known. */
function spreadOf({ p50, p95, p99 }: PointTiming): number | null {
  if (p50 === null || p95 === null) return null;
  return Math.max((p95 - p50) / Z_P95, p99 === null ? 0 : (p99 - p50) / Z_P99);
}

function meanRange(timing: PointTiming, n: number): Range | null {
  const spread = spreadOf(timing);
  if (spread === null) return null;
  const half = (Z * spread) / Math.sqrt(n);
  return { low: timing.mean! - half, high: timing.mean! + half };
}

function quantileRange(timing: PointTiming, n: number, q: number): Range | null {
  const half = Z * Math.sqrt((q * (1 - q)) / n);
  const [low, high] = [valueAt(timing, q - half), valueAt(timing, q + half)];
  return low === null || high === null ? null : { low, high };
}

/**
 * Returns about the value at a quantile, from those that are known: between and beyond two of them as an exponential
 * distribution. Infinite above all observations. `null`: fewer than two are known.
 */
function valueAt({ p50, p95, p99 }: PointTiming, q: number): number | null {
  const known = [
    [0.5, p50],
    [0.95, p95],
    [0.99, p99],
  ].flatMap(([at, value]) => (value == null ? [] : [{ depth: depthOf(at!), value }]));
  if (known.length < 2) return null;
  if (q >= 1) return Number.POSITIVE_INFINITY;
  const depth = depthOf(Math.max(0, q));
  const after = known.findIndex((k) => k.depth >= depth);
  const i = Math.max(1, after === -1 ? known.length - 1 : after);
  const [a, b] = [known[i - 1]!, known[i]!];
  return a.value + ((b.value - a.value) * (depth - a.depth)) / (b.depth - a.depth);
}

const depthOf = (q: number): number => -Math.log(1 - q);
