import { MINUTE_MS } from '../../core/clock.ts';
import type { AlertText, Threshold } from '../threshold.ts';

const ofHost = {
  statistic: 'share',
  op: '>',
  unit: 'ratio',
  windowMs: 5 * MINUTE_MS,
  forMs: 10 * MINUTE_MS,
  severity: 'warning',
  minCount: 0,
  perTarget: true,
  verdict: false,
} as const;

const OF = '{{ with $labels.target }}{{ . }}, {{ end }}{{ $labels.instance }}';

/** Thresholds of the host of a target, from node_exporter. */
export const HOST_THRESHOLDS: readonly Threshold[] = [
  {
    ...ofHost,
    id: 'target-cpu',
    alert: 'SoakTargetCpuHigh',
    metric: 'host-cpu',
    limit: 0.8,
    summary: `The host of a target (${OF}) uses {{ $value | humanizePercentage }} of its CPU; the limit is {limit}`,
  },
  {
    ...ofHost,
    id: 'target-memory',
    alert: 'SoakTargetMemoryHigh',
    metric: 'host-memory',
    limit: 0.85,
    summary: `The host of a target (${OF}) uses {{ $value | humanizePercentage }} of its memory; the limit is {limit}`,
  },
  {
    ...ofHost,
    id: 'target-network',
    alert: 'SoakTargetNetworkHigh',
    metric: 'host-network',
    limit: 0.8,
    summary: `{{ $labels.device }} of the host of a target (${OF}) carries {{ $value | humanizePercentage }} of the capacity of its link; the limit is {limit}`,
  },
];

export const HOST_ALERTS: Readonly<Record<string, AlertText>> = {
  SoakTargetCpuHigh: {
    meaning:
      'The host of the target has little CPU left during a run. Streams will start late, and then chunks will arrive slowly.',
    action: 'Add capacity, or treat the current load as the maximum of this host.',
    causes: ['the load of the run', 'other work on that host', 'CPU stolen by other virtual machines'],
    investigate: [
      '`sum by (instance, mode) (rate(node_cpu_seconds_total[5m]))`: which mode',
      'SoakTTFBHigh of the same target: do users notice already?',
    ],
  },
  SoakTargetMemoryHigh: {
    meaning:
      'The host of the target is running low on memory during a run. Once no memory is left, the kernel kills processes, and all their streams break.',
    action: 'See whether memory grows with the streams or with time; growth with time is a leak.',
    causes: ['more open streams than fit into the memory of the host', 'a leak in the target'],
    investigate: [
      '`node_memory_MemAvailable_bytes` over the whole run, beside `soak_streams_active`',
      'SoakDrift of the same target',
    ],
  },
  SoakTargetNetworkHigh: {
    meaning:
      'A network link on the host of the target is nearly full in at least one direction. Chunks will wait. The alert does not cover links of unknown speed.',
    action: 'Spread the load over more links or hosts.',
    causes: ['the streams of the run', 'other traffic, such as backups'],
    investigate: [
      '`rate(node_network_transmit_bytes_total[5m])` and `rate(node_network_receive_bytes_total[5m])` of the device',
      '`rate(soak_received_bytes_total[5m])`: how much of the traffic belongs to the run',
      '`soak_stream_chunk_gap_seconds`: do gaps grow?',
    ],
  },
};
