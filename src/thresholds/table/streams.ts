import { MINUTE_MS } from '../../core/clock.ts';
import type { AlertText, Threshold } from '../threshold.ts';

const concurrency = {
  alert: 'SoakConcurrencyHigh',
  metric: 'active',
  unit: 'streams',
  minCount: 0,
  perTarget: true,
  // How many streams are open is what a run sets: a run cannot fail by it.
  verdict: false,
  summary: '{{ $labels.target }} holds {{ $value | humanize }} open streams; the limit is {limit}',
} as const;

/** Streams that are open, over all instances of soakd. */
export const STREAM_THRESHOLDS: readonly Threshold[] = [
  {
    id: 'stalled-share',
    alert: 'SoakStalledStreams',
    metric: 'stalled',
    statistic: 'share',
    op: '>',
    limit: 0.01,
    unit: 'ratio',
    windowMs: 5 * MINUTE_MS,
    forMs: 5 * MINUTE_MS,
    severity: 'warning',
    // With fewer, one stream that hangs until its idle timeout is more than 1 % of the window.
    minCount: 20,
    perTarget: true,
    verdict: false,
    summary:
      '{{ $labels.target }}: {{ $value | humanizePercentage }} of the open streams were without a byte for longer than the stall limit in {window}; the limit is {limit}',
  },
  {
    id: 'buffered-share',
    alert: 'SoakResponsesBuffered',
    metric: 'buffered',
    statistic: 'share',
    op: '>',
    limit: 0.01,
    unit: 'ratio',
    windowMs: 5 * MINUTE_MS,
    forMs: 5 * MINUTE_MS,
    severity: 'warning',
    minCount: 50,
    perTarget: true,
    // A default must not fail a run by what a cache in front of the target does on purpose.
    verdict: 'where-set',
    summary:
      '{{ $labels.target }}: {{ $value | humanizePercentage }} of the long responses arrived all at once at their end in {window}: something on the way buffers them; the limit is {limit}',
  },
  {
    id: 'goodput',
    alert: 'SoakGoodputLow',
    metric: 'goodput',
    statistic: 'share',
    op: '<',
    limit: 'off',
    unit: 'ratio',
    windowMs: 5 * MINUTE_MS,
    forMs: 5 * MINUTE_MS,
    severity: 'warning',
    minCount: 100,
    perTarget: true,
    verdict: true,
    summary:
      '{{ $labels.target }}: {{ $value | humanizePercentage }} of the streams met the objective in {window}; the limit is at least {limit}',
  },
  {
    ...concurrency,
    id: 'concurrency-soft',
    statistic: 'mean',
    op: '>',
    limit: 1500,
    windowMs: 5 * MINUTE_MS,
    forMs: 5 * MINUTE_MS,
    severity: 'info',
  },
  {
    ...concurrency,
    id: 'concurrency-scale',
    statistic: 'mean',
    op: '>',
    limit: 1800,
    windowMs: 5 * MINUTE_MS,
    forMs: 10 * MINUTE_MS,
    severity: 'warning',
    follows: 'concurrency-soft',
  },
  {
    ...concurrency,
    id: 'concurrency-hard',
    statistic: 'max',
    op: '>=',
    limit: 2500,
    windowMs: MINUTE_MS,
    forMs: MINUTE_MS,
    severity: 'critical',
    follows: 'concurrency-scale',
  },
];

export const STREAM_ALERTS: Readonly<Record<string, AlertText>> = {
  SoakStalledStreams: {
    meaning:
      'Open streams receive nothing: users wait for an answer, or for the rest of it. Unless more bytes arrive, these streams will end as `stalled` or `ttfb_timeout`; this alert fires while the streams still hang.',
    action: 'List the stalled streams, and check what the target is doing for these streams right now.',
    causes: [
      'the target waits for something (a lock, a model, a full pool) in mid-answer',
      'a proxy that buffers: bytes arrive in bursts with long silences in between',
      'a first byte that takes longer than the stall limit',
    ],
    investigate: [
      '`GET /api/v1/streams?state=stalled` of soakd: phase, age and silence of each',
      '`soak_stream_silence_seconds_max`: if the value is near the idle timeout, streams are dead; if it is far below, streams are slow',
      '`soak_streams_active` by phase: waiting or streaming?',
    ],
  },
  SoakResponsesBuffered: {
    meaning:
      'Responses of at least ten chunks arrive all at once at their end: users see nothing, then everything. Chunk gaps still look perfect, since chunks of one read have a gap of 0.',
    action:
      'Find out what holds the responses back between the target and soakd, and turn off buffering there.',
    causes: [
      'a reverse proxy: `proxy_buffering on` or gzip without flush in Nginx, a CDN, an API gateway',
      'a framework that collects the response before it sends it (middleware, compression)',
      'a target that computes the whole answer first',
    ],
    investigate: [
      '`soak_stream_ttft_seconds` beside `soak_stream_duration_seconds`: nearly equal if all content arrives at the end',
      'the same request with `soakd probe`, with and without the proxy',
      '`X-Accel-Buffering: no` in the response, if Nginx is in between',
    ],
  },
  SoakGoodputLow: {
    meaning:
      'Too few streams are good answers: a good answer succeeds and meets every limit under `objective:` of its target.',
    action:
      'On the target dashboard, find out what reduces goodput most: failures, TTFT, gaps, time per token or duration. Fix that first.',
    causes: [
      'failures: see SoakSuccessRateLow',
      'a target out of capacity: TTFT first, then time per token',
      'an objective that the target never met',
    ],
    investigate: [
      '`rate(soak_streams_within_objective_total[5m])` beside `rate(soak_streams_finished_total[5m])` by result',
      '`soak_stream_ttft_seconds`, `soak_stream_time_per_output_token_seconds`, `soak_stream_chunk_gap_seconds`',
    ],
  },
  SoakConcurrencyHigh: {
    meaning:
      'More streams are open than the limit that is set for the target. Info: the soft limit, above which answers begin later. Warning: the scale-out limit; add capacity. Critical: the hard limit, above which streams fail. The defaults come from a reference measurement; set limits that fit your target.',
    action:
      'Info: nothing. Warning: add an instance of the target. Critical: stop adding users, or lower the load.',
    causes: [
      'the scenario asks for it: `soak_streams_desired`',
      'in the open model: longer streams, so that more streams overlap',
      'several instances of soakd load the same target: their streams are added up',
    ],
    investigate: [
      '`soak_streams_desired` and `soak_streams_active` of each instance',
      'SoakTTFBHigh and SoakStreamDurationHigh of the same target: does the target keep up?',
    ],
  },
};
