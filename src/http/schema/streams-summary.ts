import { FINISH_REASONS } from '../../core/finish-reason.ts';
import { OUTCOMES, RESULTS } from '../../core/outcome.ts';
import type { Schema } from './build.ts';
import { count, number, numberOrNull, object, ref } from './build.ts';

const ratio = (description: string): Schema => ({
  type: ['number', 'null'],
  minimum: 0,
  maximum: 1,
  description,
});
const counts = (keys: readonly string[], description: string, each: string): Schema =>
  object(description, Object.fromEntries(keys.map((key) => [key, count(each)])));
const statistics = {
  count: count('observations'),
  mean: numberOrNull('arithmetic mean'),
  p50: numberOrNull('median'),
  p95: numberOrNull('95th percentile'),
  p99: numberOrNull('99th percentile'),
  max: numberOrNull('maximum; for a level and for a run with a warm-up, an upper bound of the maximum'),
};

export const stats: Schema = {
  $id: 'Stats',
  ...object('Statistics of one timing, ms; null without observations.', statistics),
};

export const measurementError: Schema = {
  $id: 'MeasurementError',
  ...object('How much timings may be too long, ms.', {
    p50: number('median'),
    p99: number('upper bound of the 99th percentile with 95 % confidence'),
    count: count('samples of the canary'),
  }),
};

export const timedStats: Schema = {
  $id: 'TimedStats',
  ...object('Statistics of one timing with its measurement error, ms; null without observations.', {
    ...statistics,
    measurementErrorMs: {
      oneOf: [ref('MeasurementError'), { type: 'null' }],
      description: 'measurement error; null if the canary has no samples',
    },
  }),
};

/** Statistics of the streams of some targets over a period. */
export const streamsOf = {
  streams: object('Streams.', {
    started: count('streams started'),
    finished: counts(OUTCOMES, 'Ended streams by outcome.', 'streams'),
    results: counts(RESULTS, 'Ended streams by result.', 'streams'),
    active: count('streams open at the end'),
    dropped: count('streams that were due while no virtual user was free'),
    openMean: number('average number of open streams'),
  }),
  successRatio: ratio('successes over the sum of successes and failures; null without any'),
  completeRatio: ratio('complete streams over the sum of successes and failures; null without any'),
  chunks: count('chunks received'),
  reads: count('socket reads that held body bytes'),
  bytes: count('body bytes received'),
  contentCharacters: count('Unicode code points of content'),
  keepalives: count('keepalives without content'),
  trailingEvents: count('events or lines without content after the terminal event'),
  finishReasons: counts(FINISH_REASONS, 'Finish reasons by class, one for each choice.', 'choices'),
  connectMs: ref('TimedStats'),
  headersMs: ref('TimedStats'),
  ttfbMs: ref('TimedStats'),
  ttftMs: ref('TimedStats'),
  gapMs: ref('TimedStats'),
  tpotMs: ref('TimedStats'),
  tpotByChunks: count('streams whose TPOT is computed from chunks, since the target reported no tokens'),
  durationMs: ref('TimedStats'),
  successDurationMs: ref('TimedStats'),
  effectiveDurationMs: ref('TimedStats'),
  inputTokens: count('input tokens as reported, counted when their stream ends'),
  outputTokens: count('output tokens as reported, counted when their stream ends'),
  estimatedOutputTokens: count('estimated output tokens of streams without a report; not in outputTokens'),
  outputTokensPerSecond: number('reported output tokens per second'),
  chunksPerSecond: number('chunks per second'),
  goodput: {
    oneOf: [
      object('Streams of targets with an objective.', {
        within: count('streams that succeeded within every limit'),
        finished: count('streams that succeeded or failed'),
      }),
      { type: 'null' },
    ],
    description: 'goodput; null if no target has an objective',
  },
  buffered: object('Successful streams with ten content chunks or more.', {
    streams: count('streams whose content arrived all at once at their end'),
    of: count('successful streams with ten content chunks or more'),
  }),
  backoffMs: number('time that virtual users waited after failures or for Retry-After'),
  availability: object('Availability of the target; for several targets, the sum of their times.', {
    upMs: number('time in which a stream succeeded or content arrived'),
    downMs: number('time in which streams failed and the target was not up'),
    unknownMs: number('remaining time'),
    ratio: ratio('upMs over the sum of upMs and downMs; null if both are 0'),
  }),
};
