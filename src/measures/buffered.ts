import { counter } from '../core/metric-info.ts';
import type { EndedStream } from './ended-stream.ts';
import type { ShareRecord } from './record.ts';

/** Responses that something on the way held back: without it a proxy that buffers makes gaps look perfect. */
export const buffered: ShareRecord = {
  title: 'Responses that arrived at once',
  panel:
    'Of the successes with ten content chunks or more those whose content came all at once, at their end. 0 where responses are streamed.',
  alert: 'SoakResponsesBuffered',
  noun: 'share of long responses that arrived all at once at their end',
  counted: 'successes with ten chunks or more',
  part: counter(
    'soak_streams_buffered_total',
    'Successful streams of at least ten content chunks whose content all arrived at once at the end.',
    'target',
  ),
  has: isBuffered,
  whole: {
    metric: counter(
      'soak_streams_bufferable_total',
      'Successful streams of at least ten content chunks: the streams that soakd checks for buffering.',
      'target',
    ),
    has: isBufferable,
  },
  op: '>',
};

/** Minimum chunks: fewer can arrive together by chance. */
const MIN_CHUNKS = 10;
const MIN_CHUNKS_A_READ = 5;
/** Minimum duration, ms: the target may have generated a shorter answer at once. */
const MIN_MS = 250;
/** Maximum share of the time to the last content within which all content arrives. */
const LAST_PART = 0.05;

/** @returns whether a stream has enough content to show if it was streamed */
function isBufferable({ counters }: EndedStream): boolean {
  return counters.contentChunks >= MIN_CHUNKS;
}

/**
 * @returns whether all content arrived at once at the end, several chunks a read: a buffer on the way held it
 * back
 */
function isBuffered(stream: EndedStream): boolean {
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
