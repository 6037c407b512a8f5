/** A summary of times in ms; what a tool does not tell is absent. */
export interface Times {
  readonly mean?: number;
  readonly p50?: number;
  readonly p99?: number;
}

/** @param values in ms, in any order; none: nothing is told */
export function timesOf(values: readonly number[]): Times {
  if (values.length === 0) return {};
  const sorted = [...values].sort((a, b) => a - b);
  const share = (p: number): number => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]!;
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    p50: share(0.5),
    p99: share(0.99),
  };
}

/** @returns NaN of nothing */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(half)]!
    : ((sorted[half - 1] ?? Number.NaN) + (sorted[half] ?? Number.NaN)) / 2;
}
