import { histogram } from '../core/metric-info.ts';
import { SHORT } from './buckets.ts';
import type { TimingRecord } from './record.ts';

export const connect: TimingRecord = {
  noun: 'connect time',
  usualMs: 100,
  endedBy: 'connect',
  metric: histogram(
    'soak_stream_connect_seconds',
    'From the start of a stream to a usable socket (DNS, TCP, TLS); new connections only.',
    SHORT,
    'target',
  ),
  longestMs: ({ connectMs }) => connectMs,
  title: 'Connect',
  panel:
    'From the start of a stream to a usable socket: DNS, TCP and TLS. Only new connections have one: a gap means that all were reused. What to do where it grows: look at the backlog of the listening socket, at TLS, at DNS.',
};
