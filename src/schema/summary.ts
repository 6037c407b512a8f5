import { z } from 'zod';
import { OUTCOMES } from '../core/outcome.ts';
import { THRESHOLD_RESULTS } from '../core/run.ts';
import {
  count,
  flag,
  list,
  named,
  number,
  numberOrNull,
  object,
  oneOf,
  record,
  text,
  textOrNull,
  time,
  timeOrNull,
} from './build.ts';
import { capacity } from './capacity.ts';
import { drift } from './drift.ts';
import { levelMark, levelSummary } from './level-summary.ts';
import { gaps, reason, runEvent, streamResult, verdict } from './run.ts';
import { setup } from './setup.ts';
import { stats, streamsOf } from './streams-summary.ts';

const limitOf = {
  threshold: text('name of the threshold'),
  measure: text('measure that the threshold evaluates'),
  limit: number('limit in the unit'),
  unit: oneOf(['ms', 'ratio'], 'unit of the limit'),
  crossedWhen: oneOf(['<', '>', '>='], 'the threshold is crossed if the observed value is this to the limit'),
};

const runTarget = named(
  'RunTarget',
  'A target of the run: whether its limits held, up to what load, and the statistics of its streams.',
  {
    name: text('name of the target'),
    verdict: oneOf(
      ['pass', 'fail', 'inconclusive'],
      'verdict of the target by its thresholds; inconclusive also without any',
    ),
    verdictReason: text('reason for the verdict of the target'),
    heldUpTo: levelMark(
      'first level of the largest constant load at which all limits of the target held, and at every smaller one; the load is that of the whole plan, over all its targets; null: none, or not known',
    ),
    notHeldFrom: levelMark(
      'first level in time at which a limit of the target did not hold, also where it holds over the whole run; its startedAt is the start of that level, while alerts, outages and failures have the times of what happened in it; null: none is known',
    ),
    heldUnknown: textOrNull('why heldUpTo is not known; null: it is known'),
    notEvaluated: list(
      object('A limit.', {
        ...limitOf,
        count: count('number of observations'),
        required: count('number of observations required'),
      }),
      'default limits that were left out, since the target had no data for them, such as timings of a target without a success',
    ),
    ...streamsOf,
  },
);

const thresholdSummary = named('ThresholdSummary', 'Result of one threshold for one target.', {
  threshold: text('name of the threshold'),
  measure: text('measure that the threshold evaluates'),
  target: text('name of the target'),
  result: oneOf(THRESHOLD_RESULTS, 'result of the threshold'),
  observed: numberOrNull('observed value in the unit; null without data'),
  limit: number('limit in the unit'),
  unit: oneOf(['ms', 'ratio'], 'unit of observed and limit'),
  crossedWhen: oneOf(['<', '>', '>='], 'the threshold is crossed if `observed crossedWhen limit` is true'),
  crossedAtLevels: list(
    count('index of a level'),
    'levels of the plan at which the threshold was crossed, as far as their values are known; empty if it holds over the run',
  ),
  crossedFrom: levelMark(
    'first level at which the threshold was crossed, also where it holds over the run; its startedAt is the start of that level, while alerts have the times of crossings; null: none is known',
  ),
  heldUpTo: levelMark('last level before crossedFrom at which the threshold held; null: none is known'),
  count: count('number of observations'),
  required: count('number of observations required'),
  alerts: list(
    object('A period in which the alert would have fired.', {
      from: time('start of the period'),
      to: timeOrNull('end of the period; null: the end of the run'),
      worst: number('worst value of the period; for percentiles, the share above the limit'),
    }),
    'periods in which the alert would have fired',
  ),
});

const outage = object('A period in which a target served no stream, with a precision of 1 s.', {
  target: text('name of the target'),
  from: time('start of the first second in which streams failed and none succeeded'),
  to: time('end of the last second in which streams failed and none succeeded'),
  servedAgainAt: timeOrNull('time of the next served stream; null: none before the end of the run'),
  lastedMs: number('duration of the outage'),
  outcomes: record(
    OUTCOMES,
    'failures in the outage by outcome; an outcome with 0 is absent',
    count('streams').optional(),
  ),
});

const failures = object(
  'Failed streams of one target and outcome, in outages and outside them. What failed outside: count without the outcomes of the outages of the target; the target still delivered content then, or failed for less than three seconds in a row.',
  {
    target: text('name of the target'),
    outcome: oneOf(OUTCOMES, 'outcome of the streams'),
    count: count('number of streams'),
    firstAt: timeOrNull('time at which the first of these streams ended, with a precision of 1 s'),
    lastAt: timeOrNull('time at which the last of these streams ended, with a precision of 1 s'),
    examples: list(streamResult, 'the latest examples'),
  },
);

const loadDelivered = object('Delivered share of the planned load.', {
  ratio: numberOrNull(
    'open model and sequences: ratio of the worst target; closed model: user time spent over planned; null: no load was due',
  ),
  required: number('minimum ratio for a pass'),
  perTarget: list(
    object('Load of a target.', {
      target: text('name of the target'),
      ratio: numberOrNull(
        'open model: starts made over starts due; in a sequence of the closed model: user time spent over planned; else null, since users choose their targets',
      ),
      started: numberOrNull('open model: starts made; else null'),
      due: numberOrNull('open model: starts due; else null'),
      userMs: number(
        'closed model: user time in streams, think time and backoff, a sum over all users; a user counts for the target that it used last',
      ),
    }),
    'load of each target',
  ),
});

const usage = object('Usage that counts against the budget, including the warm-up.', {
  streams: count('streams started'),
  inputTokens: count('input tokens as reported'),
  outputTokens: count(
    'output tokens as they count against the budget: as reported, and estimatedOutputTokens for streams without a report; unlike outputTokens of a target or level, which has reported tokens alone',
  ),
  estimatedOutputTokens: count('part of outputTokens that is estimated'),
  ignoredTokenReports: count('token reports that are ignored as impossible'),
  cost: number('cost in the currency of the prices; absent without prices').optional(),
});

const measurementQuality = object('Measurement quality of the run.', {
  windows: count('windows of 5 s in the run'),
  unreliable: count('unreliable windows: the generator was too late'),
  worstLagMs: numberOrNull('maximum of the p99 of lag over all windows; null without samples'),
  limitMs: number('limit for the p99 of lag'),
  worstLagAt: timeOrNull('end of the window with worstLagMs; null without samples'),
  causes: object('Unreliable windows by cause, the first that applies; their sum is unreliable.', {
    lag: count('windows with a p99 of lag above limitMs'),
    samples: count('windows with too few samples of lag'),
    freeze: count('windows in which soakd was frozen'),
    death: count('windows in which an engine thread died'),
  }),
});

const history = object('How the run was kept in the history.', {
  kept: flag('whether there is a history; false with --data none'),
  writeFailures: count('failed writes during the run; soakd tried again every second'),
  failing: textOrNull('why the end of the run could not be written when it ended; null: it could'),
});

const bottleneck = object('A bottleneck that holds up virtual users.', {
  kind: oneOf(['pool', 'held'], 'pool: the target serves few streams at a time; held: it holds most users'),
  target: text('name of the target'),
  text: text('the bottleneck in one sentence'),
  observed: number('pool: maximum of streams served at once; held: share of user time on the target'),
  planned: number(
    'pool: maximum of streams wanted at once; held: share of user time if users spent the same time on each target, by its weight',
  ),
});

export const summary = named(
  'Summary',
  'Summary of a run. Times are ISO 8601, durations ms, shares from 0 to 1. Totals cover all targets after the warm-up.',
  {
    schema: z.literal(2).describe('version of this schema'),
    verdict,
    verdictReason: text('reason for the verdict'),
    endReason: reason,
    inconclusiveBecause: list(
      oneOf(['threshold', 'no-data', 'load-delivered'], 'cause'),
      'causes of an inconclusive verdict; empty for another verdict',
    ),
    run: object('Identity and times of the run.', {
      id: text('identifier of the run'),
      scenario: text('name of the scenario'),
      startedAt: time('start of the run'),
      endedAt: time('end of the run'),
      lastedMs: number('duration with warm-up, pauses and drain'),
      measuredMs: number('duration after the warm-up'),
      gaps,
      events: list(runEvent, 'events of the run; the first is its start'),
    }),
    setup,
    capacity,
    thresholds: list(thresholdSummary, 'result of each threshold and target'),
    ...streamsOf,
    targets: list(runTarget, 'verdict and statistics of each target'),
    levels: list(levelSummary, 'statistics of each level of the plan; their sums are the totals'),
    outages: list(
      outage,
      'periods in which a target served no stream; only the first if there are very many',
    ),
    outagesOmitted: count('outages that are not listed'),
    failures: list(failures, 'failed streams by target and outcome'),
    bottlenecks: list(bottleneck, 'bottlenecks that the data show'),
    drift,
    bufferedTargets: list(
      object('A target whose long responses are buffered.', {
        target: text('name of the target'),
        streams: count('streams whose content arrived all at once at their end'),
        of: count('successful streams with ten content chunks or more'),
      }),
      'targets with more than 1 % buffered long responses',
    ),
    batchedTargets: list(
      object('A target that sends several chunks at once.', {
        target: text('name of the target'),
        chunksPerRead: number('average number of chunks per read'),
      }),
      'targets with five or more chunks per read',
    ),
    loadDelivered,
    usage,
    measurementQuality,
    scheduleLagMs: stats,
    history,
    generator: object('Resources that soakd used.', {
      cpuMs: number('CPU time of all threads'),
      rssMaxBytes: number('maximum resident set size'),
      workerRestarts: count('engine threads that died and were replaced'),
    }),
  },
);

/**
 * Summary of a run, the output of `--json`. Later versions add keys and change existing ones only with a new schema number.
 */
export type Summary = z.infer<typeof summary>;
export type RunTarget = z.infer<typeof runTarget>;
export type ThresholdSummary = z.infer<typeof thresholdSummary>;
export type OutageSummary = z.infer<typeof outage>;
export type FailureGroup = z.infer<typeof failures>;
export type LoadDelivered = z.infer<typeof loadDelivered>;
export type Usage = z.infer<typeof usage>;
export type MeasurementQuality = z.infer<typeof measurementQuality>;
export type HistorySummary = z.infer<typeof history>;
export type Bottleneck = z.infer<typeof bottleneck>;
