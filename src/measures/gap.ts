import { histogram } from '../core/metric-info.ts';
import { GAP } from './buckets.ts';
import type { TimingRecord } from './record.ts';

export const gap: TimingRecord = {
  noun: 'chunk gap',
  usualMs: 500,
  endedBy: 'total',
  metric: histogram(
    'soak_stream_chunk_gap_seconds',
    'From a chunk with content to the next chunk with content of its stream; responses with a status below 300 and the expected content type.',
    GAP,
    'target',
  ),
  longestMs: ({ idleMs, totalMs }) => Math.min(idleMs, totalMs),
  title: 'Chunk gap',
  panel:
    'From a chunk with content to the next one of its stream. What to do where it grows with the number of streams: the target is out of CPU; see its host below.',
  eitherWay: true,
  alert: 'SoakChunkGapHigh',
};
