import type { z } from 'zod';
import {
  count,
  list,
  named,
  newer,
  number,
  numberOrNull,
  object,
  oneOf,
  orNull,
  text,
  textOrNull,
  time,
} from './build.ts';
import { streamsOf, targetSummary } from './streams-summary.ts';

/** A level of the plan, so that a reader needs no index to know its load and time. */
export const levelMark = (description: string) =>
  orNull(
    object('A level of the plan.', {
      level: count('index of the level, from 0'),
      users: numberOrNull('virtual users at its end; null in the open model'),
      rate: numberOrNull('streams per second at its end; null in the closed model'),
      startedAt: time('start of the level; the first failure in it is later'),
    }),
    description,
  );

const range = (description: string) =>
  orNull(
    object('Load.', { from: number('load at the start of the level'), to: number('load at its end') }),
    description,
  );

const loadedCounts = {
  ended: count('streams that succeeded or failed'),
  openMean: number('streams open at once, on average'),
  chunks: count('received chunks'),
  bytes: count('received bytes'),
  outputTokens: count('reported output tokens'),
};

const loadedPart = orNull(
  object('Level without the drain.', {
    endedAt: time('end of the load'),
    lastedMs: number('duration of the load, without gaps of the run'),
    ...loadedCounts,
    targets: list(
      object('Target.', { name: text('name of the target'), ...loadedCounts }),
      'the same for each target',
    ),
  }),
  'the part of the level before the drain; null: the load lasted to the end of the level',
);

export const levelSummary = named(
  'LevelSummary',
  'Statistics of one level of the plan. The last level includes the drain; in a sequence that is a pause.',
  {
    stage: count('index of the stage, from 0'),
    target: textOrNull('the only target that the level loads, in a sequence; null: all targets'),
    shape: oneOf(['hold', 'ramp', 'sine', 'pause'], 'shape of the load'),
    users: range('virtual users; null in the open model'),
    rate: range('streams per second; null in the closed model'),
    startedAt: time('start of the level'),
    endedAt: time('end of the level'),
    lastedMs: number('duration of the level'),
    furtherLevels: count('later levels that are merged into this one'),
    measurementQuality: object('Measurement quality of the level.', {
      windows: count('windows of 5 s whose middle lies in the level'),
      unreliable: count('unreliable windows: the generator was too late'),
    }),
    loaded: newer(loadedPart),
    ...streamsOf,
    targets: list(
      targetSummary,
      'statistics of each target; in a sequence, of those with streams in the level',
    ),
  },
);

export type LevelMark = NonNullable<z.infer<ReturnType<typeof levelMark>>>;
export type LevelSummary = z.infer<typeof levelSummary>;
