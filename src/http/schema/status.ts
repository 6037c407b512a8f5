import { FINISH_REASONS } from '../../core/finish-reason.ts';
import { OUTCOMES } from '../../core/outcome.ts';
import type { Summary } from '../../report/summary.ts';
import type { Status } from '../status.ts';
import type { Schema } from './build.ts';
import { count, figure, list, namesOf, number, object, oneOf, ref, text, time } from './build.ts';
import { reason, verdict } from './run.ts';

const STATES = namesOf<Status['state']>({
  idle: true,
  starting: true,
  running: true,
  paused: true,
  draining: true,
});

type SignalId = Summary['drift']['found'][number]['signal'];

const SIGNALS = namesOf<SignalId>({
  'ttfb-p95': true,
  'ttfb-p50': true,
  'gap-p95': true,
  'failure-ratio': true,
  'target-rss': true,
  'generator-rss': true,
});

const stats: Schema = {
  $id: 'Stats',
  ...object('Figures of one timing, ms; null without observations.', {
    count: count('observations'),
    mean: figure('arithmetic mean'),
    p50: figure('median'),
    p95: figure('95th percentile'),
    p99: figure('99th percentile'),
    max: figure('largest'),
  }),
};

const errorBar: Schema = {
  $id: 'ErrorBar',
  ...object('What timings may be too long by, ms.', {
    p50: number('median'),
    p99: number('what the 99th percentile lies below with 95 % confidence'),
    count: count('samples'),
  }),
};

const timedStats: Schema = {
  $id: 'TimedStats',
  ...object('Figures of one timing with its error bar, ms; null without observations.', {
    count: count('observations'),
    mean: figure('arithmetic mean'),
    p50: figure('median'),
    p95: figure('95th percentile'),
    p99: figure('99th percentile'),
    max: figure('largest'),
    errorBar: { oneOf: [ref('ErrorBar'), { type: 'null' }], description: 'null where nothing told it' },
  }),
};

const finished = object(
  'Streams by how they ended.',
  Object.fromEntries(OUTCOMES.map((outcome) => [outcome, count(`ended as ${outcome}`)])),
);

const whose = { type: ['string', 'null'], description: 'name of the target; null: soakd itself' };

const drift = object('Whether figures climbed over a run whose load stayed.', {
  judged: count('figures that could be judged'),
  notJudged: count('figures that could not: too few windows of one steady load'),
  found: list(
    object('A figure that climbs. Values are in its unit.', {
      signal: oneOf(SIGNALS, 'which figure'),
      target: whose,
      unit: oneOf(['ms', 'ratio', 'bytes'], 'in which unit its values are'),
      kind: oneOf(['climb', 'staircase', 'step'], 'steadily, in steps that can be told apart, or once'),
      slopePerHour: number('how much each hour; 0 for a single step'),
      interval: {
        type: 'array',
        items: { type: 'number' },
        minItems: 2,
        maxItems: 2,
        description: '95 % interval of the slope',
      },
      since: { type: 'string', format: 'date-time', description: 'ISO 8601' },
      level: number('at the end'),
      limit: figure('of its threshold; null without one'),
      reachesLimitInHours: figure('from the end on; null without a limit or a slope'),
      windows: count('windows that it rests on'),
      text: text('all of it in one sentence'),
    }),
    'figures that climb',
  ),
  swings: list(
    object('What comes and goes, and does not climb.', {
      signal: oneOf(SIGNALS, 'which figure'),
      target: whose,
      periodMs: number('from one time to the next'),
      text: text('all of it in one sentence'),
    }),
    'figures that come and go',
  ),
});

/** What the streams of some targets came to. */
const streamsOf = {
  streams: object('Streams.', {
    started: count('all that were begun'),
    finished,
    active: count('still open'),
    dropped: count('due, but no virtual user was free'),
  }),
  chunks: count('chunks received'),
  reads: count('reads of a socket'),
  bytes: count('of bodies'),
  contentCharacters: count('Unicode code points of content'),
  keepalives: count('signs of life without content'),
  trailingEvents: count('events or lines without content after the terminal one of their stream'),
  finishReasons: object(
    'Finish reasons, one for each choice, by class.',
    Object.fromEntries(FINISH_REASONS.map((r) => [r, count('choices')])),
  ),
  connectMs: ref('TimedStats'),
  headersMs: ref('TimedStats'),
  ttfbMs: ref('TimedStats'),
  ttftMs: ref('TimedStats'),
  gapMs: ref('TimedStats'),
  tpotMs: ref('TimedStats'),
  tpotByChunks: count('streams whose TPOT rests on chunks, since no tokens were reported'),
  durationMs: ref('TimedStats'),
  effectiveDurationMs: ref('TimedStats'),
  outputTokensPerSecond: number('reported output tokens, over the time of the run'),
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
};

const summary: Schema = {
  $id: 'Summary',
  ...object('All that a run came to. Keys are added in time, never changed.', {
    schema: { const: 1, description: 'of this object' },
    verdict,
    reason,
    inconclusiveBecause: list(
      oneOf(['threshold', 'no-data', 'load-delivered'], 'cause'),
      'why the verdict is inconclusive; empty where it is another',
    ),
    run: object('Which run.', {
      id: text('its name'),
      scenario: text('name of the scenario'),
      startedAt: time('ISO 8601'),
      endedAt: time('ISO 8601'),
      events: list(ref('RunEvent'), 'what was done to it: the first is its start'),
    }),
    ...streamsOf,
    scheduleLagMs: ref('Stats'),
    honesty: object('How far the timings are to be trusted.', {
      windows: count('windows of 5 s that the run had'),
      suspect: count('those whose timings count for nothing'),
      worstLagMs: figure('largest p99 of lag of a window; null where none had one'),
      limitMs: number('what it may be'),
    }),
    generator: object('What soakd itself used.', {
      cpuSeconds: number('of all threads'),
      rssMaxBytes: number('the largest resident set seen'),
      workerRestarts: count('engine threads that died and were replaced'),
    }),
    usage: object(
      'What the targets were asked for.',
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
      ratio: figure(
        'open model: of the worst target; closed model: user time spent over planned; null: none was due',
      ),
      required: number('below this ratio a run cannot pass'),
      perTarget: list(
        object('Load of a target.', {
          target: text('its name'),
          ratio: figure('open model: starts made over starts due; else null'),
          started: count('open model: starts made'),
          due: count('open model: starts due'),
          userSeconds: number('closed model: in a stream, thinking or backing off'),
        }),
        'by target',
      ),
    }),
    targets: list(
      object('What the streams of one target came to.', { name: text('of the target'), ...streamsOf }),
      'the same for each target',
    ),
    thresholds: list(ref('Verdict'), 'each threshold and target'),
    drift,
    failures: list(
      object('Failed streams of one kind.', {
        target: text('name of the target'),
        outcome: oneOf(OUTCOMES, 'how they ended'),
        count: count('how many'),
        examples: list(ref('StreamResult'), 'the last few'),
      }),
      'failed streams by target and outcome',
    ),
  }),
};

const status: Schema = {
  $id: 'Status',
  ...object('How soakd is.', {
    version: text('of soakd'),
    state: oneOf(STATES, 'that of the present run, else idle'),
    run: { oneOf: [ref('Run'), { type: 'null' }], description: 'the present run with its progress, or null' },
    last: { oneOf: [ref('Summary'), { type: 'null' }], description: 'the last run that ended, or null' },
    scenarios: list(text('name'), 'what can be started'),
    schedules: list(
      object('A schedule.', {
        name: text('its name'),
        scenario: text('name of the scenario that it starts'),
        cron: text('when: its pattern'),
        timezone: text('in whose wall clock'),
        nextAt: time('when it is due next, ISO 8601'),
        lastStartedAt: {
          ...time('when it last started its scenario, ISO 8601; null before the first time'),
          type: ['string', 'null'],
        },
        skipped: count('times at which it started nothing: a run was active, or soakd stood still'),
      }),
      'what starts by itself',
    ),
    targets: list(
      object('A target.', {
        name: text('its name'),
        url: text('where it is, without its query'),
        format: text('how its streams are judged'),
      }),
      'all targets of the configuration',
    ),
  }),
};

const reload: Schema = {
  $id: 'Reload',
  ...object('What a new configuration came to: each entry is a line for a person.', {
    applied: list(text('line'), 'in effect now'),
    waiting: list(text('line'), 'in effect when the present run is over'),
    restart: list(text('line'), 'in effect after a restart only'),
  }),
  examples: [{ applied: ['scenarios: night added'], waiting: [], restart: ['serve.port'] }],
};

export const STATUS_SCHEMAS: readonly Schema[] = [stats, errorBar, timedStats, summary, status, reload];
