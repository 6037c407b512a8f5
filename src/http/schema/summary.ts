import { OUTCOMES } from '../../core/outcome.ts';
import type { ThresholdResult } from '../../core/run.ts';
import type { Summary } from '../../report/summary.ts';
import type { Schema } from './build.ts';
import {
  count,
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
import { CAPACITY_SCHEMAS, capacity } from './capacity.ts';
import { gaps, reason, verdict } from './run.ts';
import { measurementError, stats, streamsOf, timedStats } from './streams-summary.ts';

type SignalId = Summary['drift']['found'][number]['signal'];

const SIGNALS = namesOf<SignalId>({
  'ttfb-p95': true,
  'ttfb-p50': true,
  'gap-p95': true,
  'failure-ratio': true,
  'target-rss': true,
  'generator-rss': true,
});
const RESULTS_OF_THRESHOLD = namesOf<ThresholdResult>({
  pass: true,
  fail: true,
  inconclusive: true,
  'no-data': true,
});

const timeOrNull = (description: string): Schema => ({
  type: ['string', 'null'],
  format: 'date-time',
  description,
});
/** Counts by outcome; outcomes with 0 are absent. */
const someOutcomes = (description: string): Schema =>
  object(description, Object.fromEntries(OUTCOMES.map((o) => [o, count('streams')])), OUTCOMES);

const targetSummary: Schema = {
  $id: 'TargetSummary',
  ...object('Statistics of the streams of one target.', { name: text('name of the target'), ...streamsOf }),
};

const range = (description: string): Schema => ({
  oneOf: [
    object('Load.', { from: number('load at the start of the level'), to: number('load at its end') }),
    { type: 'null' },
  ],
  description,
});

const levelSummary: Schema = {
  $id: 'LevelSummary',
  ...object(
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
        windows: count('windows of 5 s that ended in the level'),
        unreliable: count('unreliable windows: the generator was too late'),
      }),
      ...streamsOf,
      targets: list(
        ref('TargetSummary'),
        'statistics of each target; in a sequence, of those with streams in the level',
      ),
    },
  ),
};

const thresholdSummary: Schema = {
  $id: 'ThresholdSummary',
  ...object('Result of one threshold for one target.', {
    threshold: text('name of the threshold'),
    measure: text('measure that the threshold evaluates'),
    target: text('name of the target'),
    result: oneOf(RESULTS_OF_THRESHOLD, 'result of the threshold'),
    observed: numberOrNull('observed value in the unit; null without data'),
    limit: number('limit in the unit'),
    unit: oneOf(['ms', 'ratio'], 'unit of observed and limit'),
    crossedWhen: oneOf(['<', '>', '>='], 'the threshold is crossed if observed is this to the limit'),
    crossedAtLevels: list(
      count('index of a level'),
      'levels of the plan at which the threshold was crossed, as far as their values are known',
    ),
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
  }),
};

const outage = object('A period in which a target served no stream, with a precision of 1 s.', {
  target: text('name of the target'),
  from: time('start of the first second in which streams failed and none succeeded'),
  to: time('end of the last second in which streams failed and none succeeded'),
  servedAgainAt: timeOrNull('time of the next served stream; null: none before the end of the run'),
  lastedMs: number('duration of the outage'),
  outcomes: someOutcomes('failures in the outage by outcome'),
});

const failures = object('Failed streams of one target and outcome.', {
  target: text('name of the target'),
  outcome: oneOf(OUTCOMES, 'outcome of the streams'),
  count: count('number of streams'),
  firstAt: timeOrNull('time at which the first of these streams ended, with a precision of 1 s'),
  lastAt: timeOrNull('time at which the last of these streams ended, with a precision of 1 s'),
  examples: list(ref('StreamResult'), 'the latest examples'),
});

const targetOrSoakd = { type: ['string', 'null'], description: 'name of the target; null: soakd itself' };

const drift = object('Trends of series under steady load.', {
  evaluated: count('number of evaluated series'),
  notEvaluated: count(
    'series without enough data: less than ten minutes after the warm-up, too few windows of one steady load, or, for the memory of soakd, fewer than two major garbage collections in each thread',
  ),
  found: list(
    object('A series with an upward trend. Values are in its unit.', {
      signal: oneOf(SIGNALS, 'name of the series'),
      target: targetOrSoakd,
      unit: oneOf(['ms', 'ratio', 'bytes'], 'unit of the values'),
      kind: oneOf(
        ['trend', 'staircase', 'step'],
        'a steady increase, an increase in several steps, or one step',
      ),
      slopePerHour: number('increase per hour; 0 for a single step'),
      interval: {
        type: 'array',
        items: { type: 'number' },
        minItems: 2,
        maxItems: 2,
        description: '95 % confidence interval of the slope',
      },
      since: time('start of the first window that shows the trend'),
      level: number('value at the end of the run'),
      limit: numberOrNull('limit of its threshold; null without one'),
      reachesLimitInMs: numberOrNull(
        'time from the end of the run until the limit; null without a limit or a slope',
      ),
      windows: count('number of windows'),
      text: text('the trend in one sentence'),
    }),
    'series with an upward trend',
  ),
  periodic: list(
    object('A periodic series without a trend.', {
      signal: oneOf(SIGNALS, 'name of the series'),
      target: targetOrSoakd,
      periodMs: number('length of the period'),
      text: text('the pattern in one sentence'),
    }),
    'periodic series without a trend',
  ),
});

const plain = { type: ['string', 'number', 'boolean'] };

export const setup = object('Setup of the run, without secrets.', {
  soakd: object('Version of soakd.', {
    version: text('version of soakd'),
    revision: text('commit of soakd'),
    node: text('version of Node'),
  }),
  command: { type: ['string', 'null'], description: 'command line without secrets; null for soakd serve' },
  configurationHash: text('SHA-256 of the configuration, hexadecimal'),
  machine: object('The machine that generated the load.', {
    platform: text('operating system and architecture'),
    cpuCores: number('CPU cores available to the process'),
    memoryBytes: number('memory available to the process'),
    loadAverage: number('load average of the last minute, at the end of the run'),
  }),
  model: { type: 'object', description: 'load model, closed or open, with its settings' },
  stages: list(
    { type: 'object' },
    'planned load; durations in ms; with a sequence, the stages of all turns and the pauses between them, each with its target',
  ),
  sequence: {
    type: ['object', 'null'],
    description: 'pauseMs between targets that are loaded one after another; null: all at once',
  },
  warmUpMs: number('warm-up, which the statistics exclude; in a sequence, that of each turn'),
  seed: number('seed of the random generator'),
  budget: { type: ['object', 'null'], description: 'budget of the run; null: no limit' },
  targets: list(
    object('A target.', {
      name: text('name of the target'),
      url: text('URL without secrets'),
      format: text('stream format'),
      transport: { type: ['string', 'null'], description: 'transport; null: chosen by the URL' },
      weight: number('weight of the target in the scenario'),
      labels: { type: 'object', description: 'static labels of its series on /metrics' },
      timeouts: { type: 'object', description: 'timeouts, ms' },
      objective: { type: ['object', 'null'], description: 'limits of the objective, ms; null: none' },
    }),
    'targets of the scenario',
  ),
  changed: list(
    object('A setting that differs from its default.', {
      key: text('path of the setting in the configuration'),
      value: { ...plain, description: 'value; "set" for a value that is not shown' },
      default: { type: [...plain.type, 'null'], description: 'default; null: none' },
    }),
    'settings that differ from their defaults',
  ),
});

const summary: Schema = {
  $id: 'Summary',
  ...object(
    'Summary of a run. Times are ISO 8601, durations ms, shares from 0 to 1. Totals cover all targets after the warm-up.',
    {
      schema: { const: 2, description: 'version of this schema' },
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
        events: list(ref('RunEvent'), 'events of the run; the first is its start'),
      }),
      setup,
      capacity,
      thresholds: list(ref('ThresholdSummary'), 'result of each threshold and target'),
      ...streamsOf,
      targets: list(ref('TargetSummary'), 'statistics of each target'),
      levels: list(ref('LevelSummary'), 'statistics of each level of the plan; their sums are the totals'),
      outages: list(
        outage,
        'periods in which a target served no stream; only the first if there are very many',
      ),
      outagesOmitted: count('outages that are not listed'),
      failures: list(failures, 'failed streams by target and outcome'),
      bottlenecks: list(
        object('A bottleneck that holds up virtual users.', {
          kind: oneOf(
            ['pool', 'held'],
            'pool: the target serves few streams at a time; held: it holds most users',
          ),
          target: text('name of the target'),
          text: text('the bottleneck in one sentence'),
          observed: number('pool: maximum of streams served at once; held: share of user time on the target'),
          planned: number('pool: maximum of streams wanted at once; held: share by the weight of the target'),
        }),
        'bottlenecks that the data show',
      ),
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
      loadDelivered: object('Delivered share of the planned load.', {
        ratio: numberOrNull(
          'open model and sequences: ratio of the worst target; closed model: user time spent over planned; null: no load was due',
        ),
        required: number('minimum ratio for a pass'),
        perTarget: list(
          object('Load of a target.', {
            target: text('name of the target'),
            ratio: numberOrNull(
              'open model: starts made over starts due; in a sequence of the closed model: user time spent over planned; else null',
            ),
            started: numberOrNull('open model: starts made; else null'),
            due: numberOrNull('open model: starts due; else null'),
            userMs: number('closed model: user time in streams, think time and backoff'),
          }),
          'load of each target',
        ),
      }),
      usage: object(
        'Usage that counts against the budget, including the warm-up.',
        {
          streams: count('streams started'),
          inputTokens: count('input tokens as reported'),
          outputTokens: count('output tokens as reported, or estimated'),
          estimatedOutputTokens: count('output tokens that are estimated'),
          ignoredTokenReports: count('token reports that are ignored as impossible'),
          cost: number('cost in the currency of the prices; absent without prices'),
        },
        ['cost'],
      ),
      measurementQuality: object('Measurement quality of the run.', {
        windows: count('windows of 5 s in the run'),
        unreliable: count('unreliable windows: the generator was too late'),
        worstLagMs: numberOrNull('maximum of the p99 of lag over all windows; null without samples'),
        limitMs: number('limit for the p99 of lag'),
      }),
      scheduleLagMs: ref('Stats'),
      history: object('How the run was kept in the history.', {
        kept: { type: 'boolean', description: 'whether there is a history; false with --data none' },
        writeFailures: count('failed writes during the run; soakd tried again every second'),
        failing: {
          type: ['string', 'null'],
          description: 'why the end of the run could not be written when it ended; null: it could',
        },
      }),
      generator: object('Resources that soakd used.', {
        cpuMs: number('CPU time of all threads'),
        rssMaxBytes: number('maximum resident set size'),
        workerRestarts: count('engine threads that died and were replaced'),
      }),
    },
  ),
};

export const SUMMARY_SCHEMAS: readonly Schema[] = [
  stats,
  measurementError,
  timedStats,
  targetSummary,
  levelSummary,
  thresholdSummary,
  ...CAPACITY_SCHEMAS,
  summary,
];
