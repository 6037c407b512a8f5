import type { DriftResult } from '../schema/drift.ts';
import type { Pooling } from './blocks.ts';

/** Signals that are tested for drift. Lower is better for all of them, so only upward trends count. */
export type SignalId = DriftResult['signal'];

export type SignalUnit = DriftResult['unit'];

export interface Signal {
  readonly id: SignalId;
  /** Name in a sentence. */
  readonly title: string;
  readonly unit: SignalUnit;
  readonly pooling: Pooling;
  /** Observations that a window needs to count. */
  readonly minCount: number;
  /** Time that its windows must span before an evaluation, ms. */
  readonly minSpanMs: number;
  /**
   * Smallest reportable rise in 24 hours, as a share of the limit; without a limit, of the level. A slower rise is
   * harmless for a day and more.
   */
  readonly perDay: { readonly ofLimit: number; readonly ofLevel: number };
  /**
   * Smallest reportable rise within the windows, as a share of the level or, where that is more, of the limit: an
   * extrapolation alone is not reported.
   */
  readonly seen: { readonly ofLevel: number; readonly ofLimit: number };
}

/** Fine histograms are accurate to 1 %: a smaller rise can be rounding. */
const LATENCY = {
  unit: 'ms',
  pooling: 'middle',
  minSpanMs: 0,
  perDay: { ofLimit: 0.05, ofLevel: 0.1 },
  seen: { ofLevel: 0.02, ofLimit: 0 },
} as const;

/** Memory of a healthy process grows by a few per cent for hours: pools, compiled code, fragments. */
const MEMORY = {
  unit: 'bytes',
  pooling: 'middle',
  minCount: 1,
  minSpanMs: 0,
  perDay: { ofLimit: 0.05, ofLevel: 0.1 },
  seen: { ofLevel: 0.05, ofLimit: 0 },
} as const;

/** Node returns memory about every four minutes and grows by a quarter in between: that is no trend. */
const OWN_SPAN_MS = 600_000;

export const SIGNALS: Readonly<Record<SignalId, Signal>> = {
  'ttfb-p95': { ...LATENCY, id: 'ttfb-p95', title: 'TTFB p95', minCount: 10 },
  'ttfb-p50': { ...LATENCY, id: 'ttfb-p50', title: 'TTFB p50', minCount: 5 },
  'gap-p95': { ...LATENCY, id: 'gap-p95', title: 'chunk gap p95', minCount: 20 },
  'failure-ratio': {
    id: 'failure-ratio',
    title: 'failure ratio',
    unit: 'ratio',
    // Failures and streams are added up: one window of few streams without failures must not hide the others.
    pooling: 'weighted',
    minCount: 1,
    minSpanMs: 0,
    // Every rise from 0 is large relative to the level, so the level does not count.
    perDay: { ofLimit: 0.05, ofLevel: 0 },
    seen: { ofLevel: 0, ofLimit: 0.1 },
  },
  'target-rss': { ...MEMORY, id: 'target-rss', title: 'memory of the target' },
  'generator-rss': { ...MEMORY, id: 'generator-rss', title: 'memory of soakd', minSpanMs: OWN_SPAN_MS },
};

/** Smallest reportable spread of a periodic signal: a share of its level, for a ratio of its limit. */
const PERIODIC = { ofLevel: 0.05, ofLimit: 0.5 } as const;

/** Limit of failures where the configuration sets none: 1 %. */
const USUAL_FAILURE_LIMIT = 0.01;

/** Returns whether a rise is large enough to report. */
export function isLargeEnough(
  signal: Signal,
  { perDay, seen, level }: { readonly perDay: number; readonly seen: number; readonly level: number },
  limit: number | undefined,
): boolean {
  const bound = limit ?? (signal.unit === 'ratio' ? USUAL_FAILURE_LIMIT : undefined);
  const leastPerDay = bound === undefined ? signal.perDay.ofLevel * level : signal.perDay.ofLimit * bound;
  const leastSeen = Math.max(signal.seen.ofLevel * level, signal.seen.ofLimit * (bound ?? 0));
  return perDay >= leastPerDay && seen >= leastSeen;
}

/** Returns whether a periodic signal is large enough to report. */
export function isReportable(
  { unit }: Signal,
  { spread, median }: { readonly spread: number; readonly median: number },
  limit: number | undefined,
): boolean {
  return (
    spread >=
    (unit === 'ratio' ? PERIODIC.ofLimit * (limit ?? USUAL_FAILURE_LIMIT) : PERIODIC.ofLevel * median)
  );
}
