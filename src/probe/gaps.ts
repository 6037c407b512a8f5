import type { Stats } from '../core/histogram.ts';
import type { ChunkRead } from './probe-classifier.ts';
import type { Gap } from './report.ts';

/**
 * @param startMs of the stream, on the clock of the reads
 * @returns the gap before each chunk but the first; chunks of one read lie 0 ms apart
 */
export function gapsOf(reads: readonly ChunkRead[], startMs: number): Gap[] {
  const gaps: Gap[] = [];
  let lastMs: number | undefined;
  for (const { atMs, chunks } of reads) {
    if (lastMs !== undefined) gaps.push({ atMs: atMs - startMs, gapMs: atMs - lastMs });
    for (let i = 1; i < chunks; i++) gaps.push({ atMs: atMs - startMs, gapMs: 0 });
    lastMs = atMs;
  }
  return gaps;
}

/** Returns exact statistics; percentiles by nearest rank. */
export function statsOf(values: readonly number[]): Stats {
  if (values.length === 0) return { count: 0, mean: null, p50: null, p95: null, p99: null, max: null };
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (q: number): number => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
  const mean = sorted.reduce((a, b) => a + b, 0) / sorted.length;
  return {
    count: sorted.length,
    mean,
    p50: rank(0.5),
    p95: rank(0.95),
    p99: rank(0.99),
    max: sorted.at(-1)!,
  };
}

/** How many values lie above one edge and up to the next. */
export interface Bar {
  /** ms; the values are above this (0: from it on) */
  readonly aboveMs: number;
  readonly upToMs: number;
  readonly count: number;
}

const EDGES_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 1e9];

/** @returns bars over the part of the 1-2-5 scale that has values, without holes */
export function histogramOf(gaps: readonly Gap[]): Bar[] {
  const counts = EDGES_MS.map(() => 0);
  for (const { gapMs } of gaps) counts[EDGES_MS.findIndex((edge) => gapMs <= edge)]!++;
  const first = counts.findIndex((n) => n > 0);
  const last = counts.findLastIndex((n) => n > 0);
  if (first < 0) return [];
  return counts
    .slice(first, last + 1)
    .map((count, i) => ({ aboveMs: EDGES_MS[first + i - 1] ?? 0, upToMs: EDGES_MS[first + i]!, count }));
}

/**
 * @param columns at most so many
 * @returns the longest gap that lies at least partly in each of equal parts of the time, ms
 */
export function overTime(gaps: readonly Gap[], columns: number): number[] {
  if (gaps.length === 0) return [];
  const fromMs = gaps[0]!.atMs - gaps[0]!.gapMs;
  const spanMs = Math.max(gaps.at(-1)!.atMs - fromMs, Number.MIN_VALUE);
  const n = Math.min(columns, gaps.length);
  const longest = Array.from({ length: n }, () => 0);
  for (const { atMs, gapMs } of gaps) {
    const first = Math.floor(((atMs - gapMs - fromMs) / spanMs) * n);
    // What ends where a part ends does not lie in the next one.
    const last = Math.ceil(((atMs - fromMs) / spanMs) * n) - 1;
    for (let i = Math.max(0, first); i <= Math.min(n - 1, last); i++)
      longest[i] = Math.max(longest[i]!, gapMs);
  }
  return longest;
}
