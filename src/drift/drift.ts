import { HOUR_MS } from '../core/clock.ts';
import type { ShapeResult } from './examine.ts';
import { isLargeEnough, SIGNALS, type SignalId } from './signals.ts';

type DriftKind = 'trend' | 'staircase' | 'step';

/** One signal that drifts. Values are in the signal's unit: ms, a ratio from 0 to 1, bytes. */
export interface Drift {
  readonly signal: SignalId;
  /** `null`: the generator, which belongs to no target. */
  readonly target: string | null;
  /** `trend`: rises steadily. `staircase`: rises in distinct steps. `step`: rose once. */
  readonly kind: DriftKind;
  /** 0 for a single step. */
  readonly slopePerHour: number;
  /** 95 % interval of the slope. */
  readonly interval: readonly [low: number, high: number];
  /** One-sided p of the test that found the drift, before the correction for the number of tests. */
  readonly p: number;
  /** Windows evaluated. */
  readonly n: number;
  /** Start of the first window, monotonic, ms. */
  readonly sinceMs: number;
  /** Value now. */
  readonly level: number;
  readonly limit: number | null;
  /** Hours from now at this slope; 0 where the level is above the limit, `null` without a limit or a slope. */
  readonly reachesLimitInHours: number | null;
  /** Height of a step; for a staircase also the time between steps. */
  readonly steps: { readonly height: number; readonly everyMs?: number; readonly atMs?: number } | null;
}

export interface Place {
  readonly signal: SignalId;
  readonly target: string | null;
  readonly limit: number | undefined;
  /** Middle of the first window of the series, monotonic, ms. */
  readonly firstMs: number;
  readonly stepMs: number;
}

/** Returns the drift that a result describes; `undefined` where it is too small to matter. */
export function driftOf(result: ShapeResult, place: Place): Drift | undefined {
  const { signal, target, limit, firstMs, stepMs } = place;
  const { kind, p, n, from, level } = result;
  const perHour = HOUR_MS / stepMs;
  const timeOf = (at: number): number => firstMs + at * stepMs;
  const base = {
    signal,
    target,
    kind,
    p,
    n,
    sinceMs: timeOf(from) - stepMs / 2,
    level,
    limit: limit ?? null,
  };
  if (kind === 'step') {
    // A step does not grow within a day, so its height counts instead of a slope.
    const { height, at } = result;
    if (!isLargeEnough(SIGNALS[signal], { perDay: height, seen: height, level: level - height }, limit))
      return undefined;
    return {
      ...base,
      slopePerHour: 0,
      interval: [0, 0],
      reachesLimitInHours: null,
      steps: { height, atMs: timeOf(at) },
    };
  }
  const slopePerHour = result.slope * perHour;
  const seen = result.slope * result.span;
  if (!isLargeEnough(SIGNALS[signal], { perDay: slopePerHour * 24, seen, level: level - seen }, limit))
    return undefined;
  return {
    ...base,
    slopePerHour,
    interval: [result.interval[0] * perHour, result.interval[1] * perHour],
    reachesLimitInHours: limit === undefined ? null : Math.max(0, (limit - level) / slopePerHour),
    steps: kind === 'staircase' ? { height: result.height, everyMs: result.every * stepMs } : null,
  };
}

/** A periodic signal without an upward trend: no drift, but worth knowing. */
export interface Periodic {
  readonly signal: SignalId;
  readonly target: string | null;
  readonly periodMs: number;
}
