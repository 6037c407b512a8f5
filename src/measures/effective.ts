import { histogram } from '../core/metric-info.ts';
import { DURATION } from './buckets.ts';
import type { TimingRecord } from './record.ts';

export const effective: TimingRecord = {
  noun: 'effective duration',
  usualMs: 60_000,
  metric: histogram(
    'soak_stream_effective_duration_seconds',
    'From the moment a stream was due to its end; streams that succeeded or failed.',
    DURATION,
    'target',
  ),
  longestMs: ({ totalMs }) => totalMs,
  title: 'Effective duration',
  panel:
    'From the moment a stream was due to its end: what a user would have waited, whatever soakd did meanwhile. What to do where it is far above the duration: soakd starts too late; see “soak generator”.',
};
