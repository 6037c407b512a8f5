import { OUTCOMES } from '../../core/outcome.ts';
import type { ThresholdResult } from '../../core/run.ts';
import type { Summary } from '../../report/summary.ts';
import type { Schema } from './build.ts';
import { count, list, namesOf, number, numberOrNull, object, oneOf, ref, text, time } from './build.ts';
import { reason, verdict } from './run.ts';
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
/** Some of the outcomes. */
const someOutcomes = (description: string): Schema =>
  object(description, Object.fromEntries(OUTCOMES.map((o) => [o, count('streams')])), OUTCOMES);

const targetSummary: Schema = {
  $id: 'TargetSummary',
  ...object('What the streams of one target came to.', { name: text('of the target'), ...streamsOf }),
};

const range = (description: string): Schema => ({
  oneOf: [
    object('Load.', { from: number('at the start of the level'), to: number('at its end') }),
    { type: 'null' },
  ],
  description,
});

const levelSummary: Schema = {
  $id: 'LevelSummary',
  ...object('What was counted while the plan was on one level. The last one holds the drain as well.', {
    stage: count('from 0'),
    shape: oneOf(['hold', 'ramp', 'sine', 'pause'], 'how the load moved'),
    users: range('virtual users; null in the open model'),
    rate: range('streams a second; null in the closed model'),
    startedAt: time('first moment'),
    endedAt: time('last moment'),
    lastedMs: number('from one to the other'),
    furtherLevels: count('further levels that this one holds as well'),
    measurementQuality: object('How far its timings can be trusted.', {
      windows: count('windows of 5 s that ended in it'),
      unreliable: count('those in which the generator was too late'),
    }),
    ...streamsOf,
    targets: list(ref('TargetSummary'), 'the same for each target'),
  }),
};

const thresholdSummary: Schema = {
  $id: 'ThresholdSummary',
  ...object('What one threshold came to on one target.', {
    threshold: text('which one'),
    measure: text('what it looks at'),
    target: text('name of the target'),
    result: oneOf(RESULTS_OF_THRESHOLD, 'what it came to'),
    observed: numberOrNull('in the unit; null without data'),
    limit: number('what it must not cross'),
    unit: oneOf(['ms', 'ratio'], 'of observed and limit'),
    crossedWhen: oneOf(['<', '>', '>='], 'crossed when the observed value is so to the limit'),
    crossedAtLevels: list(
      count('index of a level'),
      'levels of the plan at which it was crossed, as far as their values are known',
    ),
    count: count('observations it rests on'),
    required: count('observations it needs'),
    alerts: list(
      object('A time in which its alert would have fired.', {
        from: time('when it was first crossed'),
        to: timeOrNull('when it no longer was; null: to the end of the run'),
        worst: number('how far it went; of percentiles, the share above the limit'),
      }),
      'times in which its alert would have fired',
    ),
  }),
};

const outage = object('A time in which a target served nobody, exact to a second.', {
  target: text('name of the target'),
  from: time('start of the first second in which streams failed and none was served'),
  to: time('end of the last such second'),
  servedAgainAt: timeOrNull('when a stream was served again; null: not before the end of the run'),
  lastedMs: number('how long it was'),
  outcomes: someOutcomes('failures in it, by outcome'),
});

const failures = object('Failed streams of one kind.', {
  target: text('name of the target'),
  outcome: oneOf(OUTCOMES, 'how they ended'),
  count: count('how many'),
  firstAt: timeOrNull('when the first one ended, to a second'),
  lastAt: timeOrNull('when the last one ended, to a second'),
  examples: list(
    object(
      'A failed stream. Times are ms; absent where it did not come so far.',
      {
        id: text('sent in the header x-soak-stream-id'),
        target: text('name of the target'),
        outcome: oneOf(OUTCOMES, 'how it ended'),
        startedAt: time('its start'),
        detail: text('what exactly was wrong'),
        status: { type: 'integer', description: 'of HTTP' },
        retryAfter: text('the header of that name'),
        lagMs: number('from when it was due to its start'),
        connectMs: number('until the connection could be used'),
        headersMs: number('until the headers were complete'),
        ttfbMs: number('until the first byte of the body'),
        ttftMs: number('until the first content'),
        durationMs: number('until its end'),
        chunks: count('chunks received'),
        bytes: count('of its body'),
        tail: text('the end of its body, where the target asks for it'),
      },
      ['detail', 'status', 'retryAfter', 'connectMs', 'headersMs', 'ttfbMs', 'ttftMs', 'tail'],
    ),
    'the last few',
  ),
});

const whose = { type: ['string', 'null'], description: 'name of the target; null: soakd itself' };

const drift = object('Whether series had a trend over a run whose load stayed.', {
  evaluated: count('series that could be evaluated'),
  notEvaluated: count(
    'series that could not: less than ten minutes after the warm-up, too few windows of one steady load, or for the memory of soakd, no two major garbage collections in each thread',
  ),
  found: list(
    object('A series with an upward trend. Values are in its unit.', {
      signal: oneOf(SIGNALS, 'which series'),
      target: whose,
      unit: oneOf(['ms', 'ratio', 'bytes'], 'in which unit its values are'),
      kind: oneOf(['trend', 'staircase', 'step'], 'steadily, in steps that can be told apart, or once'),
      slopePerHour: number('how much each hour; 0 for a single step'),
      interval: {
        type: 'array',
        items: { type: 'number' },
        minItems: 2,
        maxItems: 2,
        description: '95 % interval of the slope',
      },
      since: time('start of the first window in which it was seen'),
      level: number('at the end'),
      limit: numberOrNull('of its threshold; null without one'),
      reachesLimitInMs: numberOrNull('from the end on; null without a limit or a slope'),
      windows: count('windows that it rests on'),
      text: text('all of it in one sentence'),
    }),
    'series with a trend',
  ),
  periodic: list(
    object('A series that goes up and down, and has no trend.', {
      signal: oneOf(SIGNALS, 'which series'),
      target: whose,
      periodMs: number('from one time to the next'),
      text: text('all of it in one sentence'),
    }),
    'series that go up and down',
  ),
});

const plain = { type: ['string', 'number', 'boolean'] };

const setup = object('What was run. Holds no secret.', {
  soakd: object('The program.', {
    version: text('of soakd'),
    revision: text('commit'),
    node: text('version of Node'),
  }),
  command: { type: ['string', 'null'], description: 'as it was typed, less secrets; null for a service' },
  configurationHash: text('SHA-256 of the configuration, hexadecimal'),
  machine: object('The machine that generated the load.', {
    platform: text('system and architecture'),
    cpuCores: number('that the process may use'),
    memoryBytes: number('that the process may use'),
    loadAverage: number('over the last minute, at the end'),
  }),
  model: { type: 'object', description: 'closed or open, with its settings' },
  stages: list({ type: 'object' }, 'the planned load; durations in ms'),
  warmUpMs: number('left out of everything here'),
  seed: number('of all draws'),
  budget: { type: ['object', 'null'], description: 'what the run may use up; null: no bound' },
  targets: list(
    object('A target.', {
      name: text('its name'),
      url: text('without secrets'),
      format: text('how its streams are read'),
      transport: { type: ['string', 'null'], description: 'null: chosen by the URL' },
      weight: number('its share of the streams'),
      timeouts: { type: 'object', description: 'ms' },
      objective: { type: ['object', 'null'], description: 'limits of a good stream, ms; null: none' },
    }),
    'targets of the scenario',
  ),
  changed: list(
    object('A setting that is not the default one.', {
      key: text('where it lies in the configuration'),
      value: { ...plain, description: 'set: not shown here' },
      default: { type: [...plain.type, 'null'], description: 'null: there is none' },
    }),
    'settings that are not the default ones',
  ),
});

const summary: Schema = {
  $id: 'Summary',
  ...object(
    'All that a run came to. Times are ISO 8601, durations ms, shares from 0 to 1. Totals are of all targets, after the warm-up.',
    {
      schema: { const: 2, description: 'of this object' },
      verdict,
      verdictReason: text('what decided it'),
      endReason: reason,
      inconclusiveBecause: list(
        oneOf(['threshold', 'no-data', 'load-delivered'], 'cause'),
        'why the verdict is inconclusive; empty where it is another',
      ),
      run: object('Which run.', {
        id: text('its name'),
        scenario: text('name of the scenario'),
        startedAt: time('its start'),
        endedAt: time('its end'),
        lastedMs: number('with warm-up, pauses and drain'),
        measuredMs: number('after the warm-up'),
        events: list(ref('RunEvent'), 'what was done to it, and what happened: the first is its start'),
      }),
      setup,
      thresholds: list(ref('ThresholdSummary'), 'each threshold and target'),
      ...streamsOf,
      targets: list(ref('TargetSummary'), 'the same for each target'),
      levels: list(ref('LevelSummary'), 'the same for each level of the plan; they add up to the totals'),
      outages: list(outage, 'times in which a target served nobody; of very many the first'),
      outagesOmitted: count('outages that are not listed'),
      failures: list(failures, 'failed streams by target and outcome'),
      bottlenecks: list(
        object('What holds users up.', {
          kind: oneOf(['pool', 'held'], 'the target serves a few at a time, or keeps most users'),
          target: text('name of the target'),
          text: text('all of it in one sentence'),
          observed: number('pool: received content at once, at most; held: share of the time of users on it'),
          planned: number('pool: wanted at once, at most; held: the share that its weight gives it'),
        }),
        'what holds users up, where the data show it',
      ),
      drift,
      bufferedTargets: list(
        object('A target whose long responses are buffered.', {
          target: text('name of the target'),
          streams: count('whose content arrived at once at their end'),
          of: count('successes of ten content chunks or more'),
        }),
        'targets of whose long responses more than 1 % arrived at once',
      ),
      batchedTargets: list(
        object('A target that sends several chunks at once.', {
          target: text('name of the target'),
          chunksPerRead: number('chunks over reads, on average'),
        }),
        'targets that send five chunks a read or more',
      ),
      loadDelivered: object('How much of the planned load was brought.', {
        ratio: numberOrNull(
          'open model: of the worst target; closed model: user time spent over planned; null: none was due',
        ),
        required: number('below this ratio a run cannot pass'),
        perTarget: list(
          object('Load of a target.', {
            target: text('its name'),
            ratio: numberOrNull('open model: starts made over starts due; else null'),
            started: numberOrNull('open model: starts made; else null'),
            due: numberOrNull('open model: starts due; else null'),
            userMs: number('closed model: in a stream, thinking or backing off'),
          }),
          'by target',
        ),
      }),
      usage: object(
        'What budgets count: with the warm-up.',
        {
          streams: count('started'),
          inputTokens: count('as targets reported them'),
          outputTokens: count('as targets reported them, or estimated'),
          estimatedOutputTokens: count('output tokens that no target reported'),
          ignoredTokenReports: count('reported numbers of tokens that cannot be true'),
          cost: number('in the currency of the prices; absent without prices'),
        },
        ['cost'],
      ),
      measurementQuality: object('How far the timings can be trusted.', {
        windows: count('windows of 5 s that the run had'),
        unreliable: count('windows in which the generator was too late'),
        worstLagMs: numberOrNull('largest p99 of lag of a window; null where none had one'),
        limitMs: number('what it may be'),
      }),
      scheduleLagMs: ref('Stats'),
      generator: object('What soakd itself used.', {
        cpuMs: number('of all threads'),
        rssMaxBytes: number('the largest resident set seen'),
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
  summary,
];
