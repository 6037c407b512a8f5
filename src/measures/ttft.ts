import { histogram } from '../core/metric-info.ts';
import { FIRST_BYTE } from './buckets.ts';
import type { TimingRecord } from './record.ts';

export const ttft: TimingRecord = {
  noun: 'TTFT',
  usualMs: 3000,
  endedBy: 'total',
  metric: histogram(
    'soak_stream_ttft_seconds',
    'From the written request to the first chunk with content; responses with a status below 300 and the expected content type.',
    FIRST_BYTE,
    'target',
  ),
  longestMs: ({ totalMs }) => totalMs,
  title: 'TTFT',
  panel:
    'From the written request to the first chunk with content. What to do where it is far above TTFB: the target sends empty chunks or comments first; a user still waits.',
  alert: 'SoakTTFTHigh',
};
