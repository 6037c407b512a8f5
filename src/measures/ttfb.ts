import { histogram } from '../core/metric-info.ts';
import { FIRST_BYTE } from './buckets.ts';
import type { TimingRecord } from './record.ts';

export const ttfb: TimingRecord = {
  noun: 'TTFB',
  usualMs: 2500,
  endedBy: 'ttfb',
  metric: histogram(
    'soak_stream_ttfb_seconds',
    'From the written request to the first byte of the body; responses with a status below 300 and the expected content type, and waits that timed out.',
    FIRST_BYTE,
    'target',
  ),
  longestMs: ({ ttfbMs, totalMs }) => Math.min(ttfbMs, totalMs),
  title: 'TTFB',
  panel:
    'From the written request to the first byte of the body. What to do where it grows: see whether the headers come late as well; if so, requests queue before the target reads them.',
  alert: 'SoakTTFBHigh',
};
