import { histogram } from '../core/metric-info.ts';
import { FIRST_BYTE } from './buckets.ts';
import type { TimingRecord } from './record.ts';

export const headers: TimingRecord = {
  noun: 'time to headers',
  usualMs: 1000,
  endedBy: 'ttfb',
  metric: histogram(
    'soak_stream_headers_seconds',
    'From the written request to complete response headers; responses with a status below 300 and the expected content type.',
    FIRST_BYTE,
    'target',
  ),
  longestMs: ({ ttfbMs, totalMs }) => Math.min(ttfbMs, totalMs),
  title: 'Headers',
  panel:
    'From the written request to complete response headers. What to do where TTFB grows and this does not: the target accepts at once and is slow to produce; look at what is behind it.',
};
