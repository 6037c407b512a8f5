import { type Run, THRESHOLD_RESULTS } from '../../core/run.ts';
import { gaps, reason, verdict } from '../../schema/run.ts';
import { MAX_TARGETS } from '../../sink/target-progress.ts';
import type { Schema } from './build.ts';
import {
  count,
  inline,
  list,
  namesOf,
  number,
  numberOrNull,
  object,
  oneOf,
  ref,
  text,
  textOrNull,
  time,
} from './build.ts';

const STATES = namesOf<Run['state']>({ running: true, paused: true, draining: true, finished: true });

const thresholdVerdict: Schema = {
  $id: 'Verdict',
  ...object(
    'Result of one threshold for one target.',
    {
      threshold: text('name of the threshold'),
      target: text('name of the target'),
      result: oneOf(THRESHOLD_RESULTS, 'result of the threshold'),
      observed: number('observed value in the unit; absent without data'),
      limit: number('limit in the unit'),
      unit: oneOf(['ms', 'ratio'], 'unit of observed and limit'),
      op: oneOf(['<', '>', '>='], 'the threshold is crossed if `observed op limit` is true'),
      count: count('number of observations'),
      required: count('number of observations required'),
      crossed: list(
        object(
          'A period in which the threshold was crossed.',
          {
            fromAt: time('start of the period, ISO 8601'),
            toAt: time('end of the period, ISO 8601; absent if the period lasted to the end of the run'),
            worst: number('worst value of the period; for percentiles, the share above the limit'),
          },
          ['toAt'],
        ),
        'periods in which the alert would have fired',
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
  ...object('Progress of a target. Counts begin at the start of the run and include the warm-up.', {
    name: text('name of the target'),
    started: count('streams started'),
    active: object('Open streams by phase.', {
      connecting: count('streams without a connection yet'),
      waiting: count('streams that wait for the first byte of the body'),
      streaming: count('streams that have received the first byte of the body'),
    }),
    finished: object('Ended streams by result.', {
      success: count('successful streams'),
      failed: count('failed streams'),
      cancelled: count('streams cancelled by soakd'),
      lost: count('streams lost by soakd: out of descriptors or ports, a thread died, or it was killed'),
    }),
    desired: number('streams that the plan wants open'),
    ttfbP95Ms: numberOrNull('TTFB p95 of the last ten seconds; null without an observation'),
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
  ...object('Progress of a run. TTFB and success cover the last ten seconds.', {
    state: oneOf(STATES, 'state of the run'),
    stage: count('index of the current stage, from 0'),
    stages: count('number of stages'),
    turn: textOrNull('the only target that the stage loads, in a sequence; null: all targets'),
    elapsedMs: number('time since the start'),
    leftMs: number('time to the planned end'),
    done: number('elapsed share of the planned time, from 0 to 1'),
    drainMs: numberOrNull('maximum time left for open streams while draining; null before'),
    active: count('open streams'),
    desired: number('streams that the plan wants open'),
    ttfbP50Ms: numberOrNull('TTFB median; null without an observation'),
    ttfbP95Ms: numberOrNull('TTFB p95; null without an observation'),
    success: numberOrNull('share of successful streams, from 0 to 1; null if no stream has ended'),
    failed: count('failed streams'),
    chunksPerSecond: number('chunks per second of all streams'),
    measurementErrorMs: {
      oneOf: [ref('MeasurementError'), { type: 'null' }],
      description: 'how much these timings may be too long; null if the canary has no samples',
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
    'A run. The optional keys depend on its state.',
    {
      id: text('identifier of the run in metrics and logs'),
      scenario: text('name of the scenario'),
      state: oneOf(STATES, 'state of the run; draining: starts no streams and waits for open streams to end'),
      startedAt: time('start, ISO 8601'),
      plannedEndAt: time('planned end, ISO 8601; moves while the run is paused'),
      durationMs: number('planned duration without gaps, including pauses and changes so far, rounded to ms'),
      stages: count('number of stages'),
      gaps: inline(gaps),
      events: list(
        ref('RunEvent'),
        'events of the run, oldest first; only the latest if there are very many',
      ),
      stage: count('index of the current stage, from 0; absent for a finished run'),
      turn: text('the only target that the stage loads; only in a sequence'),
      why: inline(reason),
      endedAt: time('end, ISO 8601; only for a finished run'),
      reason: inline(reason),
      verdict: inline(verdict),
      verdicts: list(ref('Verdict'), 'results of all thresholds; only for a finished run'),
      progress: ref('Progress'),
    },
    ['stage', 'turn', 'why', 'endedAt', 'reason', 'verdict', 'verdicts', 'progress'],
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
      gaps: [],
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

export const RUN_SCHEMAS: readonly Schema[] = [thresholdVerdict, targetProgress, progress, run];
