import type { AlertText, Threshold } from '../threshold.ts';

const MINUTE = 60_000;

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
    windowMs: 5 * MINUTE,
    forMs: 5 * MINUTE,
    severity: 'warning',
    // With fewer, one stream that hangs until its idle timeout is more than 1 % of the window.
    minCount: 20,
    perTarget: true,
    verdict: false,
    summary:
      '{{ $labels.target }}: {{ $value | humanizePercentage }} of the open streams were without a byte for longer than the stall limit in {window}; {limit} may be',
  },
  {
    ...concurrency,
    id: 'concurrency-soft',
    statistic: 'mean',
    op: '>',
    limit: 1500,
    windowMs: 5 * MINUTE,
    forMs: 5 * MINUTE,
    severity: 'info',
  },
  {
    ...concurrency,
    id: 'concurrency-scale',
    statistic: 'mean',
    op: '>',
    limit: 1800,
    windowMs: 5 * MINUTE,
    forMs: 10 * MINUTE,
    severity: 'warning',
    follows: 'concurrency-soft',
  },
  {
    ...concurrency,
    id: 'concurrency-hard',
    statistic: 'max',
    op: '>=',
    limit: 2500,
    windowMs: MINUTE,
    forMs: MINUTE,
    severity: 'critical',
    follows: 'concurrency-scale',
  },
];

export const STREAM_ALERTS: Readonly<Record<string, AlertText>> = {
  SoakStalledStreams: {
    meaning:
      'Answers have begun, or were asked for, and nothing comes: users look at text that stands still. Each such stream ends as `stalled` or `ttfb_timeout` later; this shows them while they hang.',
    action:
      'Ask soakd which streams they are, and look at what the target does for them right now: they still hang.',
    causes: [
      'the target waits for something (a lock, a model, a full pool) in mid-answer',
      'a proxy that buffers: bytes come in bursts with long silence between',
      'a first byte that takes longer than the stall limit',
    ],
    look: [
      '`GET /api/v1/streams?state=stalled` of soakd: phase, age and silence of each',
      '`soak_stream_silence_seconds_max`: near the idle timeout they are dead, far below it they are slow',
      '`soak_streams_active` by phase: waiting or streaming?',
    ],
  },
  SoakConcurrencyHigh: {
    meaning:
      'More streams are open than the target was measured to hold well. Info: above the soft limit answers begin later. Warning: this long above the second one is the point to scale out. Critical: the hard limit, beyond which streams fail. The defaults are those of a reference measurement; set them for your target.',
    action:
      'Info: nothing. Warning: add an instance of the target. Critical: stop adding users, or lower the load.',
    causes: [
      'the scenario asks for it: `soak_streams_desired`',
      'in the open model: streams that take longer, so that more of them overlap',
      'several instances of soakd on one target: they are added up',
    ],
    look: [
      '`soak_streams_desired` and `soak_streams_active` of each instance',
      'SoakTTFBHigh and SoakStreamDurationHigh of the same target: does it still keep up?',
    ],
  },
};
