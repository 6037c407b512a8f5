import type { Pooling } from './blocks.ts';

/** What is watched for drift. All of them are better when they are low, so only a climb is looked for. */
export type SignalId = 'ttfb-p95' | 'ttfb-p50' | 'gap-p95' | 'failure-ratio' | 'target-rss' | 'generator-rss';

export type SignalUnit = 'ms' | 'ratio' | 'bytes';

export interface Signal {
  readonly id: SignalId;
  /** As a sentence begins. */
  readonly title: string;
  readonly unit: SignalUnit;
  readonly pooling: Pooling;
  /** Observations in a window below which it says nothing. */
  readonly minCount: number;
  /** Time that its windows must span before it is judged, ms. */
  readonly minSpanMs: number;
  /**
   * The least climb that is worth a word, in 24 hours: as a share of the limit, and where there is none, of the level.
   * What is slower is harmless for a day and more.
   */
  readonly perDay: { readonly ofLimit: number; readonly ofLevel: number };
  /**
   * The least rise that was in fact seen, so that no word is said on the strength of an extrapolation alone: as a
   * share of the level, or where that is more, of the limit.
   */
  readonly seen: { readonly ofLevel: number; readonly ofLimit: number };
}

/** Fine histograms are within 1 %; a rise in that range could be theirs. */
const LATENCY = {
  unit: 'ms',
  pooling: 'middle',
  minSpanMs: 0,
  perDay: { ofLimit: 0.05, ofLevel: 0.1 },
  seen: { ofLevel: 0.02, ofLimit: 0 },
} as const;

/** A process settles for hours by a few per cent: pools, compiled code, fragments. */
const MEMORY = {
  unit: 'bytes',
  pooling: 'middle',
  minCount: 1,
  minSpanMs: 0,
  perDay: { ofLimit: 0.05, ofLevel: 0.1 },
  seen: { ofLevel: 0.05, ofLimit: 0 },
} as const;

/** Node gives memory back every four minutes or so, and it grows by a quarter in between: that is no trend of its own. */
const OWN_SPAN_MS = 600_000;

export const SIGNALS: Readonly<Record<SignalId, Signal>> = {
  'ttfb-p95': { ...LATENCY, id: 'ttfb-p95', title: 'TTFB p95', minCount: 10 },
  'ttfb-p50': { ...LATENCY, id: 'ttfb-p50', title: 'TTFB p50', minCount: 5 },
  'gap-p95': { ...LATENCY, id: 'gap-p95', title: 'chunk gap p95', minCount: 20 },
  'failure-ratio': {
    id: 'failure-ratio',
    title: 'failure ratio',
    unit: 'ratio',
    // Ratios are added up, so that one window without failures among few streams does not hide the others.
    pooling: 'weighted',
    minCount: 1,
    minSpanMs: 0,
    // From 0 on every climb is large against the level: without a limit, a tenth of a percentage point a day.
    perDay: { ofLimit: 0.05, ofLevel: 0 },
    seen: { ofLevel: 0, ofLimit: 0.1 },
  },
  'target-rss': { ...MEMORY, id: 'target-rss', title: 'memory of the target' },
  'generator-rss': { ...MEMORY, id: 'generator-rss', title: 'memory of soakd', minSpanMs: OWN_SPAN_MS },
};

/** What comes and goes by less than this share of its level, for a ratio of its limit, is not told. */
const PERIODIC = { ofLevel: 0.05, ofLimit: 0.5 } as const;

/** A limit of 1 % failures where none is configured. */
const USUAL_FAILURE_LIMIT = 0.01;

/** Whether a climb is large enough to matter. */
export function isWorthAWord(
  signal: Signal,
  { perDay, seen, level }: { readonly perDay: number; readonly seen: number; readonly level: number },
  limit: number | undefined,
): boolean {
  const bound = limit ?? (signal.unit === 'ratio' ? USUAL_FAILURE_LIMIT : undefined);
  const leastPerDay = bound === undefined ? signal.perDay.ofLevel * level : signal.perDay.ofLimit * bound;
  const leastSeen = Math.max(signal.seen.ofLevel * level, signal.seen.ofLimit * (bound ?? 0));
  return perDay >= leastPerDay && seen >= leastSeen;
}

/** Whether what comes and goes is large enough to be told. */
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
