/**
 * Returns how long the blocks of a circular block bootstrap have to be to keep the autocorrelation of a series, in values.
 *
 * The larger of two lengths. One is the automatic choice of D. N. Politis and H. White (Econometric Reviews 23, 2004, 53–70),
 * as corrected by A. Patton, Politis and White (Econometric Reviews 28, 2009, 372–375): it finds the lag `m` after which no
 * autocorrelation is significant, and from those up to 2 m, with a flat-top window, the length with the smallest mean
 * squared error of the variance. That is too short for an interval where much of the memory is not significant, in a
 * short series or beside the noise of few streams. The other is 1.3 √n, which E. Lazarus, D. J. Lewis, J. H. Stock and
 * M. W. Watson (Journal of Business & Economic Statistics 36, 2018, 541–559) recommend for tests with such a variance; it
 * costs degrees of freedom, which `bootstrap` counts.
 * @param deviations from their mean, in the order of time
 * @returns at least 1, at most a third of the series
 */
export function blockLengthOf(deviations: Float64Array): number {
  const n = deviations.length;
  const maxLag = Math.min(n - 1, Math.ceil(Math.sqrt(n)) + minRun(n));
  const covariance = covariances(deviations, maxLag);
  const m = covariance[0]! > 0 ? lastSignificant(covariance, n) : 0;
  const end = Math.min(2 * m, maxLag);
  let weighted = 0;
  let spectrum = covariance[0]!;
  for (let lag = 1; lag <= end; lag++) {
    const value = flatTop(lag / end) * covariance[lag]!;
    weighted += 2 * lag * value;
    spectrum += 2 * value;
  }
  // Negative dependence makes a mean more certain than independent values do; no use is made of it.
  const best = spectrum > covariance[0]! ? Math.cbrt(1.5 * (weighted / spectrum) ** 2 * n) : 1;
  return Math.max(1, Math.min(Math.round(Math.max(best, 1.3 * Math.sqrt(n))), maxBlock(n)));
}

/** Lags in a row that must all be insignificant. */
function minRun(n: number): number {
  return Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))));
}

/** At least three blocks must fit into the series. */
function maxBlock(n: number): number {
  return Math.max(1, Math.floor(Math.min(3 * Math.sqrt(n), n / 3)));
}

/** 1 up to the middle, then down to 0 at 1. */
function flatTop(share: number): number {
  return share <= 0.5 ? 1 : 2 * (1 - share);
}

function covariances(values: Float64Array, maxLag: number): Float64Array {
  const n = values.length;
  const out = new Float64Array(Math.max(1, maxLag + 1));
  for (let lag = 0; lag <= maxLag; lag++) {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += values[i]! * values[i - lag]!;
    out[lag] = sum / n;
  }
  return out;
}

/** @returns the lag before the first run of insignificant ones; without such a run the last significant lag */
function lastSignificant(covariance: Float64Array, n: number): number {
  const bound = 2 * Math.sqrt(Math.log10(n) / n) * covariance[0]!;
  const run = minRun(n);
  let last = 0;
  for (let lag = 1; lag < covariance.length; lag++) {
    if (Math.abs(covariance[lag]!) >= bound) last = lag;
    else if (lag - last >= run) break;
  }
  return last;
}
