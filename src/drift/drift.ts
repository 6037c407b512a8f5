import type { ShapeResult } from './examine.ts';
import { isWorthAWord, SIGNALS, type SignalId } from './signals.ts';

const HOUR_MS = 3_600_000;

export type DriftKind = 'climb' | 'staircase' | 'step';

/** One signal that drifts. Values are in the signal's unit: ms, a ratio from 0 to 1, bytes. */
export interface Drift {
  readonly signal: SignalId;
  /** `null` for what belongs to no target: the generator. */
  readonly target: string | null;
  /** `climb`: steadily. `staircase`: in steps that can be told apart. `step`: once. */
  readonly kind: DriftKind;
  /** 0 for a single step. */
  readonly slopePerHour: number;
  /** 95 % interval of the slope. */
  readonly interval: readonly [low: number, high: number];
  /** Of the test that found it, one-sided, before the correction for how many tests there were. */
  readonly p: number;
  /** Windows that it rests on. */
  readonly n: number;
  /** When the first of them began, monotonic, ms. */
  readonly sinceMs: number;
  /** Value now. */
  readonly level: number;
  readonly limit: number | null;
  /** At this slope, from now; 0 where it is there already, `null` where there is no limit or no slope. */
  readonly reachesLimitInHours: number | null;
  /** Height of a step, and for a staircase the time from one to the next. */
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

/** @returns `undefined` where it is too small to matter */
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
    // A step is there to stay, or not: a day makes no more of it.
    const { height, at } = result;
    if (!isWorthAWord(SIGNALS[signal], { perDay: height, seen: height, level: level - height }, limit))
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
  if (!isWorthAWord(SIGNALS[signal], { perDay: slopePerHour * 24, seen, level: level - seen }, limit))
    return undefined;
  return {
    ...base,
    slopePerHour,
    interval: [result.interval[0] * perHour, result.interval[1] * perHour],
    reachesLimitInHours: limit === undefined ? null : Math.max(0, (limit - level) / slopePerHour),
    steps: kind === 'staircase' ? { height: result.height, everyMs: result.every * stepMs } : null,
  };
}

/** A signal that comes and goes, and does not climb: no drift, but worth knowing. */
export interface Periodic {
  readonly signal: SignalId;
  readonly target: string | null;
  readonly periodMs: number;
}
