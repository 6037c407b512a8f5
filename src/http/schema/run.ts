import type { RunEvent } from '../../core/control.ts';
import type { Run, RunReason, RunVerdict, ThresholdResult } from '../../core/run.ts';
import { MAX_TARGETS } from '../../sink/target-progress.ts';
import type { Schema } from './build.ts';
import { count, list, namesOf, number, numberOrNull, object, oneOf, ref, text, time } from './build.ts';

const REASONS = namesOf<RunReason>({
  completed: true,
  budget_spent: true,
  usage_not_reported: true,
  stopped: true,
  interrupted: true,
  target_not_allowed: true,
  threshold_crossed: true,
  worker_died: true,
});
const VERDICTS = namesOf<RunVerdict>({ pass: true, fail: true, inconclusive: true, aborted: true });
const THRESHOLD_RESULTS = namesOf<ThresholdResult>({
  pass: true,
  fail: true,
  inconclusive: true,
  'no-data': true,
});
const ACTIONS = namesOf<RunEvent['action']>({
  'warm-up': true,
  start: true,
  set: true,
  pause: true,
  resume: true,
  learn: true,
  outage: true,
  skip: true,
  extend: true,
  stop: true,
});
const STATES = namesOf<Run['state']>({ running: true, paused: true, draining: true, finished: true });

export const reason = oneOf(REASONS, 'why the run ended, or is about to');
export const verdict = oneOf(VERDICTS, 'what the run came to');

const event: Schema = {
  $id: 'RunEvent',
  ...object('One thing that somebody did to a run.', {
    at: time('when, ISO 8601'),
    action: oneOf(ACTIONS, 'what was done'),
    by: text(
      'who did it: the name of a token; or local, signal, configuration, schedule and its name, soakd',
    ),
    detail: text('what it came to, for a person'),
  }),
  examples: [
    {
      at: '2026-01-01T00:05:00.000Z',
      action: 'set',
      by: 'deploy',
      detail: '200 users for the rest of the stage',
    },
  ],
};

const thresholdVerdict: Schema = {
  $id: 'Verdict',
  ...object(
    'One threshold held against one target.',
    {
      threshold: text('which one'),
      target: text('name of the target'),
      result: oneOf(THRESHOLD_RESULTS, 'what it came to'),
      observed: number('ms or a ratio, as unit says; absent without data'),
      limit: number('what it must not cross'),
      unit: oneOf(['ms', 'ratio'], 'of observed and limit'),
      op: oneOf(['<', '>', '>='], 'crossed when the observed value is so to the limit'),
      count: count('observations it rests on'),
      required: count('observations it needs'),
      crossed: list(
        object(
          'A time in which it was crossed.',
          {
            fromAt: time('when it began, ISO 8601'),
            toAt: time('when it was over, ISO 8601; absent where the run ended with it'),
            worst: number('how far it went; of percentiles, the share above the limit'),
          },
          ['toAt'],
        ),
        'times in which its alert would have fired',
      ),
    },
    ['observed'],
  ),
  examples: [
    {
      threshold: 'ttfb-p95',
      target: 'a',
      result: 'pass',
      observed: 812,
      limit: 2500,
      unit: 'ms',
      op: '>',
      count: 5120,
      required: 1,
      crossed: [],
    },
  ],
};

const targetProgress: Schema = {
  $id: 'TargetProgress',
  ...object('How a target goes. Counts are those of the run since its start, its warm-up too.', {
    name: text('of the target'),
    started: count('streams'),
    active: object('Streams that are open.', {
      connecting: count('not yet connected'),
      waiting: count('for the first byte of the body'),
      streaming: count('after it'),
    }),
    finished: object('Streams that have ended.', {
      success: count('well'),
      failed: count('badly'),
      cancelled: count('since the run was stopped'),
      lost: count('with the engine thread that held them'),
    }),
    desired: number('streams that should be open'),
    ttfbP95Ms: numberOrNull('95th percentile of the last ten seconds; null without an observation'),
  }),
  examples: [
    {
      name: 'a',
      started: 5120,
      active: { connecting: 0, waiting: 12, streaming: 38 },
      finished: { success: 5068, failed: 2, cancelled: 0, lost: 0 },
      desired: 50,
      ttfbP95Ms: 812,
    },
  ],
};

const progress: Schema = {
  $id: 'Progress',
  ...object('How a run goes. TTFB and success are those of the last ten seconds.', {
    state: oneOf(STATES, 'as that of the run'),
    stage: count('the present one, from 0'),
    stages: count('how many there are'),
    elapsedMs: number('since its start'),
    leftMs: number('to its planned end'),
    done: number('share of the planned time, from 0 to 1'),
    drainMs: numberOrNull('what open streams have left at most once no more are started, ms; null before'),
    active: count('streams that are open'),
    desired: number('streams that should be'),
    ttfbP50Ms: numberOrNull('median'),
    ttfbP95Ms: numberOrNull('95th percentile'),
    success: numberOrNull('share of streams that ended well, from 0 to 1; null while nothing has ended'),
    failed: count('streams that did not'),
    chunksPerSecond: number('over all streams'),
    measurementErrorMs: {
      oneOf: [ref('MeasurementError'), { type: 'null' }],
      description: 'what these timings may be too long by; null where the canary has no samples',
    },
    targets: {
      ...list(ref('TargetProgress'), 'the targets of the run'),
      maxItems: MAX_TARGETS,
    },
  }),
};

const run: Schema = {
  $id: 'Run',
  ...object(
    'A run. Which of the optional keys it has depends on its state.',
    {
      id: text('its name in metrics and in the log'),
      scenario: text('name of the scenario'),
      state: oneOf(STATES, 'draining: no new starts, what is open is given its time'),
      startedAt: time('ISO 8601'),
      plannedEndAt: time('ISO 8601; moves on while the run is paused'),
      durationMs: number('planned, with the pauses it had and all that was changed by now'),
      stages: count('how many there are'),
      events: list(ref('RunEvent'), 'what was done to it, the oldest first; of very many, the latest'),
      stage: count('the present one, from 0; not of a finished run'),
      why: reason,
      endedAt: time('ISO 8601; of a finished run'),
      reason,
      verdict,
      verdicts: list(ref('Verdict'), 'of a finished run'),
      progress: ref('Progress'),
    },
    ['stage', 'why', 'endedAt', 'reason', 'verdict', 'verdicts', 'progress'],
  ),
  examples: [
    {
      id: '20260101-000000-demo',
      scenario: 'demo',
      state: 'running',
      startedAt: '2026-01-01T00:00:00.000Z',
      plannedEndAt: '2026-01-01T01:00:00.000Z',
      durationMs: 3_600_000,
      stages: 1,
      events: [
        {
          at: '2026-01-01T00:00:00.000Z',
          action: 'start',
          by: 'deploy',
          detail: 'scenario demo with users 50, for 1h',
        },
      ],
      stage: 0,
    },
  ],
};

export const RUN_SCHEMAS: readonly Schema[] = [event, thresholdVerdict, targetProgress, progress, run];
