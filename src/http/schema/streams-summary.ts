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
  max: numberOrNull('largest; of a level, and of a run with a warm-up, an upper bound of it'),
};

export const stats: Schema = {
  $id: 'Stats',
  ...object('Statistics of one timing, ms; null without observations.', statistics),
};

export const measurementError: Schema = {
  $id: 'MeasurementError',
  ...object('What timings may be too long by, ms.', {
    p50: number('median'),
    p99: number('what the 99th percentile lies below with 95 % confidence'),
    count: count('samples of the canary'),
  }),
};

export const timedStats: Schema = {
  $id: 'TimedStats',
  ...object('Statistics of one timing with its measurement error, ms; null without observations.', {
    ...statistics,
    measurementErrorMs: {
      oneOf: [ref('MeasurementError'), { type: 'null' }],
      description: 'null where the canary has no samples',
    },
  }),
};

/** What the streams of some targets came to over some time. */
export const streamsOf = {
  streams: object('Streams.', {
    started: count('all that were begun'),
    finished: counts(OUTCOMES, 'by outcome', 'streams'),
    results: counts(RESULTS, 'by what the outcomes count as', 'streams'),
    active: count('open at the end'),
    dropped: count('due, but no virtual user was free'),
    openMean: number('open at once, on average'),
  }),
  successRatio: ratio('successes over successes and failures; null without any'),
  completeRatio: ratio('complete streams over the same; null without any'),
  chunks: count('chunks received'),
  reads: count('reads of a socket'),
  bytes: count('of bodies'),
  contentCharacters: count('Unicode code points of content'),
  keepalives: count('signs of life without content'),
  trailingEvents: count('events or lines without content after the terminal one of their stream'),
  finishReasons: counts(FINISH_REASONS, 'Finish reasons, one for each choice, by class.', 'choices'),
  connectMs: ref('TimedStats'),
  headersMs: ref('TimedStats'),
  ttfbMs: ref('TimedStats'),
  ttftMs: ref('TimedStats'),
  gapMs: ref('TimedStats'),
  tpotMs: ref('TimedStats'),
  tpotByChunks: count('streams whose TPOT rests on chunks, since no tokens were reported'),
  durationMs: ref('TimedStats'),
  successDurationMs: ref('TimedStats'),
  effectiveDurationMs: ref('TimedStats'),
  inputTokens: count('as reported; tokens are counted when their stream ends'),
  outputTokens: count('as reported'),
  estimatedOutputTokens: count('of streams whose target reported none; not among outputTokens'),
  outputTokensPerSecond: number('reported output tokens over the time'),
  chunksPerSecond: number('chunks over the time'),
  goodput: {
    oneOf: [
      object('Streams of targets with an objective.', {
        within: count('that succeeded within every limit'),
        finished: count('that succeeded or failed'),
      }),
      { type: 'null' },
    ],
    description: 'null where no target has an objective',
  },
  buffered: object('Successes of ten content chunks or more.', {
    streams: count('whose content arrived at once at their end'),
    of: count('all of them'),
  }),
  backoffMs: number('time that virtual users waited after failures, and for retry-after'),
  availability: object('Time that targets were up; of several their sum.', {
    upMs: number('a stream succeeded, or content arrived'),
    downMs: number('streams failed, and it was not up'),
    unknownMs: number('neither'),
    ratio: ratio('up over up and down; null while both are 0'),
  }),
};
