import { histogram } from '../core/metric-info.ts';
import { TOKEN } from './buckets.ts';
import type { EndedStream } from './ended-stream.ts';
import type { TimingRecord } from './record.ts';

export const tpot: TimingRecord = {
  noun: 'TPOT',
  usualMs: 100,
  endedBy: 'total',
  metric: histogram(
    'soak_stream_time_per_output_token_seconds',
    'Time per output token after the first one, of successful streams; chunks with content stand for tokens where a target reports none.',
    TOKEN,
    'target',
  ),
  ofSuccess: tpotMs,
  title: 'Time per output token',
  panel:
    'From the first chunk with content to the last, over the output tokens less one. What to do where it grows with the number of streams: the target is out of capacity; where it differs from the chunk gap, several tokens come in one chunk.',
  eitherWay: true,
};

/**
 * TPOT: the time from the first content chunk to the last, over the output tokens less one. Tokens are those that the
 * target reports, less its reasoning tokens where no reasoning was streamed.
 * @returns ms; `undefined` for fewer than two content chunks, or two tokens
 */
export function tpotMs({ counters, firstContentMs, lastContentMs }: EndedStream): number | undefined {
  const { contentChunks, outputTokens, reasoningTokens = 0, reasoning = false } = counters;
  if (contentChunks < 2 || firstContentMs === undefined || lastContentMs === undefined) return undefined;
  const tokens =
    outputTokens === undefined ? contentChunks : outputTokens - (reasoning ? 0 : reasoningTokens);
  return tokens < 2 ? undefined : (lastContentMs - firstContentMs) / (tokens - 1);
}

/** @returns whether chunks with content count as tokens, because the target reported none */
export function isByChunks(stream: EndedStream): boolean {
  return stream.counters.outputTokens === undefined && tpotMs(stream) !== undefined;
}
