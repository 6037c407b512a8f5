import type { Objective } from '../core/scenario.ts';
import type { StreamCounters } from '../formats/classifier.ts';

/** What is known of a stream at its end. Times in ms, from the written request. */
export interface EndedStream {
  readonly counters: StreamCounters;
  /** Times of the first and the last chunk with content; absent without content. */
  readonly firstContentMs: number | undefined;
  readonly lastContentMs: number | undefined;
  /** Reads that contained content. */
  readonly contentReads: number;
  /** The longest time between two chunks with content; 0 where there are not two. */
  readonly maxGapMs: number;
}

/** Time per output token after the first one. */
export interface TokenPace {
  readonly tpotMs: number;
  /** Whether chunks with content count as tokens, because the target reported none. */
  readonly byChunks: boolean;
}

/**
 * TPOT: the time from the first content chunk to the last, over the output tokens less one. Tokens are those that the
 * target reports, less its reasoning tokens where no reasoning was streamed.
 * @returns `undefined` for fewer than two content chunks, or two tokens
 */
export function tokenPace({ counters, firstContentMs, lastContentMs }: EndedStream): TokenPace | undefined {
  const { contentChunks, outputTokens, reasoningTokens = 0, reasoning = false } = counters;
  if (contentChunks < 2 || firstContentMs === undefined || lastContentMs === undefined) return undefined;
  const byChunks = outputTokens === undefined;
  const tokens = byChunks ? contentChunks : outputTokens - (reasoning ? 0 : reasoningTokens);
  return tokens < 2 ? undefined : { tpotMs: (lastContentMs - firstContentMs) / (tokens - 1), byChunks };
}

/** Minimum chunks: fewer can arrive together by chance. */
const MIN_CHUNKS = 10;
const MIN_CHUNKS_A_READ = 5;
/** Minimum duration, ms: the target may have generated a shorter answer at once. */
const MIN_MS = 250;
/** Maximum share of the time to the last content within which all content arrives. */
const LAST_PART = 0.05;

/** @returns whether a stream has enough content to show if it was streamed */
export function isBufferable({ counters }: EndedStream): boolean {
  return counters.contentChunks >= MIN_CHUNKS;
}

/**
 * @returns whether all content arrived at once at the end, several chunks a read: a buffer on the way held it
 * back
 */
export function isBuffered(stream: EndedStream): boolean {
  const { counters, contentReads, firstContentMs, lastContentMs } = stream;
  return (
    isBufferable(stream) &&
    counters.contentChunks >= MIN_CHUNKS_A_READ * contentReads &&
    firstContentMs !== undefined &&
    lastContentMs !== undefined &&
    lastContentMs >= MIN_MS &&
    firstContentMs >= lastContentMs * (1 - LAST_PART)
  );
}

/**
 * Whether a stream that succeeded is within an objective. A limit whose timing the stream has no place for is met; a
 * success without content has no TTFT, and is not within a limit of it.
 * @param durationMs from its start to its end
 */
export function isWithin(objective: Objective, stream: EndedStream, durationMs: number): boolean {
  const { ttftMs, maxGapMs, tpotMs, durationMs: wholeMs } = objective;
  if (ttftMs !== undefined && !(stream.firstContentMs !== undefined && stream.firstContentMs <= ttftMs))
    return false;
  if (maxGapMs !== undefined && stream.maxGapMs > maxGapMs) return false;
  if (tpotMs !== undefined && (tokenPace(stream)?.tpotMs ?? 0) > tpotMs) return false;
  return wholeMs === undefined || durationMs <= wholeMs;
}
