import { MINUTE_MS } from '../../core/clock.ts';
import type { AlertText, Threshold } from '../threshold.ts';

const timing = {
  op: '>',
  unit: 'ms',
  windowMs: 5 * MINUTE_MS,
  perTarget: true,
} as const;

/** Thresholds on the waits of users. They leave out saturated instances, whose timings do not measure the target. */
export const LATENCY_THRESHOLDS: readonly Threshold[] = [
  {
    ...timing,
    id: 'ttfb-p95',
    alert: 'SoakTTFBHigh',
    metric: 'ttfb',
    statistic: 'p95',
    limit: 2500,
    forMs: 5 * MINUTE_MS,
    severity: 'warning',
    minCount: 100,
    verdict: true,
    summary:
      '{{ $labels.target }}: {{ $value | humanizePercentage }} of the streams waited more than {limit} for the first byte in {window}; the limit is 5 %',
  },
  {
    ...timing,
    id: 'ttfb-p50',
    alert: 'SoakTTFBHigh',
    metric: 'ttfb',
    statistic: 'p50',
    limit: 2500,
    forMs: 5 * MINUTE_MS,
    severity: 'critical',
    minCount: 20,
    verdict: true,
    follows: 'ttfb-p95',
    summary:
      '{{ $labels.target }}: {{ $value | humanizePercentage }} of the streams waited more than {limit} for the first byte in {window}; that is more than half',
  },
  {
    ...timing,
    id: 'ttfb-mean',
    alert: 'SoakTTFBMeanHigh',
    metric: 'ttfb',
    statistic: 'mean',
    limit: 2500,
    forMs: 10 * MINUTE_MS,
    severity: 'warning',
    minCount: 20,
    verdict: true,
    follows: 'ttfb-p95',
    summary:
      '{{ $labels.target }}: streams waited {{ $value | humanizeDuration }} for the first byte on average over {window}; the limit is {limit}',
  },
  {
    ...timing,
    id: 'duration-mean',
    alert: 'SoakStreamDurationHigh',
    metric: 'duration',
    statistic: 'mean',
    limit: 40_000,
    forMs: 10 * MINUTE_MS,
    severity: 'warning',
    minCount: 20,
    verdict: true,
    summary:
      '{{ $labels.target }}: successful streams took {{ $value | humanizeDuration }} on average over {window}; the limit is {limit}',
  },
  {
    ...timing,
    id: 'duration-mean-critical',
    alert: 'SoakStreamDurationHigh',
    metric: 'duration',
    statistic: 'mean',
    limit: 50_000,
    forMs: 5 * MINUTE_MS,
    severity: 'critical',
    minCount: 20,
    // A run fails at the first limit already.
    verdict: false,
    follows: 'duration-mean',
    summary:
      '{{ $labels.target }}: successful streams took {{ $value | humanizeDuration }} on average over {window}; the limit is {limit}',
  },
  {
    id: 'drift',
    alert: 'SoakDrift',
    metric: 'drift',
    statistic: 'min',
    op: '>',
    limit: 0,
    unit: 'state',
    windowMs: 10 * MINUTE_MS,
    forMs: 5 * MINUTE_MS,
    severity: 'warning',
    minCount: 0,
    perTarget: true,
    verdict: false,
    summary:
      '{{ with $labels.target }}{{ . }}: {{ end }}{{ $labels.signal }} has an upward trend of {{ $value | printf "%.3g" }} an hour (timings in seconds, memory in bytes, failures as a ratio), measured by {{ $labels.instance }}',
  },
];

const GENERATOR_HEALTH =
  '`soak_schedule_lag_seconds`, `soak_event_loop_delay_seconds` and the CPU of soakd: is it the generator?';

export const LATENCY_ALERTS: Readonly<Record<string, AlertText>> = {
  SoakTTFBHigh: {
    meaning:
      'Users wait too long before anything appears. Warning: more than one in twenty users wait too long. Critical: more than half of the users wait too long. The rule counts the observations above the limit, so the share is exact. The rule excludes refused streams, and includes streams that timed out before their first byte.',
    action:
      'Rule out the generator, then give the target more capacity, or lower the load to a level at which TTFB was still good.',
    causes: [
      'more streams than the target can start at once: requests queue before they are accepted',
      'a slow part before the answer begins (a model that loads, a database, a cold cache)',
      'a simultaneous start of very many streams, which passes by itself',
    ],
    investigate: [
      GENERATOR_HEALTH,
      '`soak_stream_headers_seconds` beside TTFB: late headers point to the queue of the server, a late body to the code that makes the answer',
      '`soak_streams_active`: did the load grow?',
      'CPU and queue of the target',
    ],
  },
  SoakTTFBMeanHigh: {
    meaning:
      'The mean wait for the first byte has been above its limit for a long time. If SoakTTFBHigh is critical, more than half of the users wait too long; if SoakTTFBHigh does not fire, a few users wait very long.',
    action:
      'Rule out the generator, then give the target more capacity, or lower the load to a level at which TTFB was still good. If SoakTTFBHigh does not fire, look at the slowest streams first.',
    causes: [
      'more streams than the target can start at once: requests queue before they are accepted',
      'a few streams that wait up to the TTFB timeout',
    ],
    investigate: [
      '`histogram_quantile(0.99, sum by (le, target) (rate(soak_stream_ttfb_seconds_bucket[5m])))`',
      '`soak_streams_finished_total{outcome="ttfb_timeout"}`',
      GENERATOR_HEALTH,
    ],
  },
  SoakStreamDurationHigh: {
    meaning:
      'Successful answers take too long from start to end. Either text arrives slowly, or answers became longer.',
    action:
      'See whether gaps grew or answers became longer. If gaps grew, the target is out of capacity. If answers became longer, set `duration-mean` to fit them.',
    causes: [
      'slow chunks: the target lacks CPU, or the network is full',
      'longer answers: a different model, different prompts',
      'targets whose streams are long by design and whose limit has not been raised',
    ],
    investigate: [
      '`soak_stream_chunk_gap_seconds`: did gaps grow?',
      '`sum by (target) (rate(soak_chunks_received_total[5m])) / sum by (target) (rate(soak_streams_finished_total[5m]))`: did answers become longer?',
      GENERATOR_HEALTH,
    ],
  },
  SoakDrift: {
    meaning:
      'A signal gets steadily worse over hours at a load that does not grow. The label `signal` names the signal. The trend is in seconds, bytes or a ratio per hour. Nothing is broken yet, but the signal will reach a limit.',
    action:
      'Without a `target`, the signal is the memory of soakd: report it. Otherwise find out what grows in the target (memory, connections, a table, a cache), and estimate when the signal will reach its limit.',
    causes: [
      'a leak: memory, descriptors, connections that are not released',
      'a log or a table that grows without an index',
      'caches that fill, garbage collection that takes longer and longer',
    ],
    investigate: [
      '`soak_drift_seconds_per_hour`, `soak_drift_ratio_per_hour` and `soak_drift_bytes_per_hour` by signal, and the signal over the whole run',
      'memory and open connections of the target over the same hours',
      'whether the memory of soakd itself grows: `process_resident_memory_bytes`',
    ],
  },
};
