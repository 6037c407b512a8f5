/**
 * Quality of a stream, computed from what was really sent. It is the ground truth for the measurements of
 * soakd, so it shares no code with them.
 */

import type { Objective } from '../core/target.ts';
import type { StreamRecord } from './ledger.ts';

/**
 * Time per output token after the first, ms: from the first chunk with content to the last, over the output tokens less
 * one. Tokens are those that the answer reports, else chunks with content. No reasoning is streamed here and none is
 * reported, so no token has to be left out.
 * @returns `null` for fewer than two chunks with content, or two tokens
 */
export function tpotMs({ contentMs, contentChunks, outputTokens }: StreamRecord): number | null {
  const tokens = outputTokens ?? contentChunks;
  return contentChunks < 2 || tokens < 2 ? null : contentMs / (tokens - 1);
}

/**
 * @returns whether the stream has ended well within every limit (goodput). Gaps and TPOT that it does not have are within
 * theirs; an answer without content is not within a limit of TTFT. The duration is from the request: a client that counts
 * from its start adds its connect.
 */
export function isWithin(record: StreamRecord, objective: Objective): boolean {
  const { outcome, ttftMs, maxGapMs, durationMs } = record;
  if (outcome !== 'complete' && outcome !== 'limited') return false;
  return (
    keeps(ttftMs, objective.ttftMs) &&
    keeps(maxGapMs, objective.maxGapMs) &&
    keeps(tpotMs(record) ?? 0, objective.tpotMs) &&
    keeps(durationMs, objective.durationMs)
  );
}

function keeps(ms: number | null, limitMs: number | undefined): boolean {
  return limitMs === undefined || (ms !== null && ms <= limitMs);
}
