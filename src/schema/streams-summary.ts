import { z } from 'zod';
import { FINISH_REASONS } from '../core/finish-reason.ts';
import { OUTCOMES, RESULTS } from '../core/outcome.ts';
import { count, named, number, numberOrNull, object, orNull, ratioOrNull, record, text } from './build.ts';

const statistics = {
  count: count('observations'),
  mean: numberOrNull('arithmetic mean'),
  p50: numberOrNull('median'),
  p95: numberOrNull('95th percentile'),
  p99: numberOrNull('99th percentile'),
  max: numberOrNull(
    'maximum; for a level and for a run with a warm-up exact if the maximum of the run rose in that time, else an upper bound: the upper edge of the highest filled bin (2.5 % wide), at most the maximum so far',
  ),
};

export const stats = named('Stats', 'Statistics of one timing, ms; null without observations.', statistics);

export const measurementError = named('MeasurementError', 'How much timings may be too long, ms.', {
  p50: number('median'),
  p99: number('upper bound of the 99th percentile with 95 % confidence'),
  count: count('samples of the canary'),
});

const timedStats = named(
  'TimedStats',
  'Statistics of one timing with its measurement error, ms; null without observations.',
  {
    ...statistics,
    measurementErrorMs: orNull(measurementError, 'measurement error; null if the canary has no samples'),
  },
);

/** Statistics of the streams of some targets over a period. */
export const streamsOf = {
  streams: object('Streams.', {
    started: count('streams started'),
    finished: record(OUTCOMES, 'Ended streams by outcome.', count('streams')),
    results: record(RESULTS, 'Ended streams by result.', count('streams')),
    active: count('streams open at the end'),
    dropped: count(
      'streams that were due but not started: no virtual user was free, soakd was frozen, or an engine thread had died',
    ),
    openMean: number('average number of open streams'),
  }),
  successRatio: ratioOrNull('successes over the sum of successes and failures; null without any'),
  completeRatio: ratioOrNull('complete streams over the sum of successes and failures; null without any'),
  chunks: count('chunks received'),
  reads: count('socket reads that held body bytes'),
  bytes: count('body bytes received'),
  contentCharacters: count('Unicode code points of content'),
  keepalives: count('keepalives without content'),
  trailingEvents: count('events or lines without content after the terminal event'),
  finishReasons: record(FINISH_REASONS, 'Finish reasons by class, one for each choice.', count('choices')),
  connectMs: timedStats,
  headersMs: timedStats,
  ttfbMs: timedStats,
  ttftMs: timedStats,
  gapMs: timedStats,
  tpotMs: timedStats,
  tpotByChunks: count('streams whose TPOT is computed from chunks, since the target reported no tokens'),
  durationMs: timedStats,
  successDurationMs: timedStats,
  effectiveDurationMs: timedStats,
  inputTokens: count('input tokens as reported, counted when their stream ends'),
  outputTokens: count(
    'output tokens as reported, counted when their stream ends; without estimates, which are in estimatedOutputTokens',
  ),
  estimatedOutputTokens: count(
    'estimated output tokens of streams without a report, from their characters; not in outputTokens',
  ),
  outputTokensPerSecond: number('reported output tokens per second'),
  chunksPerSecond: number('chunks per second'),
  goodput: orNull(
    object('Streams of targets with an objective.', {
      within: count('streams that succeeded within every limit'),
      finished: count('streams that succeeded or failed'),
    }),
    'goodput; null if no target has an objective',
  ),
  buffered: object('Successful streams with ten content chunks or more.', {
    streams: count('streams whose content arrived all at once at their end'),
    of: count('successful streams with ten content chunks or more'),
  }),
  backoffMs: number(
    'time that virtual users waited after failures or for Retry-After, as far as it has passed; a sum over all users, and part of userMs in loadDelivered',
  ),
  availability: object('Availability of the target; for several targets, the sum of their times.', {
    upMs: number('time in which a stream succeeded or content arrived; for several targets a sum over them'),
    downMs: number(
      'time in which streams failed and the target was not up; for several targets a sum over them',
    ),
    unknownMs: number(
      'remaining time, without an ended stream or content; for several targets a sum over them',
    ),
    ratio: ratioOrNull('upMs over the sum of upMs and downMs; null if both are 0'),
  }),
};

export const targetSummary = named('TargetSummary', 'Statistics of the streams of one target.', {
  name: text('name of the target'),
  ...streamsOf,
});

export type TimedStats = z.infer<typeof timedStats>;
const streamsSummary = z.object(streamsOf).readonly();
export type StreamsSummary = z.infer<typeof streamsSummary>;
export type TargetSummary = z.infer<typeof targetSummary>;
