import { histogram } from '../core/metric-info.ts';
import { TOKEN } from './buckets.ts';
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
  title: 'Time per output token',
  panel:
    'From the first chunk with content to the last, over the output tokens less one. What to do where it grows with the number of streams: the target is out of capacity; where it differs from the chunk gap, several tokens come in one chunk.',
  eitherWay: true,
};
