import { histogram } from '../core/metric-info.ts';
import { DURATION } from './buckets.ts';
import type { TimingRecord } from './record.ts';

/** Thresholds are about successes: a failure ends early, or late, for reasons of its own. */
export const duration: TimingRecord = {
  noun: 'success duration',
  usualMs: 40_000,
  endedBy: 'total',
  metric: histogram(
    'soak_stream_duration_seconds',
    'From the start of a stream to its terminal event or the end of its body.',
    DURATION,
    'target',
    'result',
  ),
  longestMs: ({ totalMs }) => totalMs,
  title: 'Duration of successes',
  panel:
    'From the start of a stream to its end. What to do where it grows: see whether gaps grew, or answers became longer.',
  byResult: true,
  alert: 'SoakStreamDurationHigh',
};
