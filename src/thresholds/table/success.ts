import { HOUR_MS, MINUTE_MS } from '../../core/clock.ts';
import type { AlertText, Threshold } from '../threshold.ts';

const ratio = {
  metric: 'success',
  statistic: 'ratio',
  op: '<',
  unit: 'ratio',
  perTarget: true,
} as const;

const burn = {
  alert: 'SoakErrorBudgetBurn',
  metric: 'success',
  statistic: 'burn',
  op: '>',
  unit: 'times',
  perTarget: true,
  verdict: false,
  summary:
    '{{ $labels.target }} uses up its error budget at more than {limit} × the sustainable rate: {{ $value | humanizePercentage }} of the streams failed in {window}',
} as const;

/** Success of streams. The alerts are computed from failures over finished streams, which exist when no stream succeeds. */
export const SUCCESS_THRESHOLDS: readonly Threshold[] = [
  {
    ...ratio,
    id: 'success-rate',
    alert: 'SoakSuccessRateLow',
    limit: 0.99,
    windowMs: 5 * MINUTE_MS,
    forMs: 5 * MINUTE_MS,
    keepFiringMs: 5 * MINUTE_MS,
    severity: 'warning',
    minCount: 100,
    verdict: true,
    summary:
      '{{ $labels.target }}: {{ $value | humanizePercentage }} of the streams failed in {window}; at least {limit} must succeed',
  },
  {
    ...ratio,
    id: 'success-rate-critical',
    alert: 'SoakSuccessRateLow',
    limit: 0.95,
    windowMs: 5 * MINUTE_MS,
    forMs: 2 * MINUTE_MS,
    keepFiringMs: 5 * MINUTE_MS,
    severity: 'critical',
    minCount: 20,
    // A run fails at the first limit already.
    verdict: false,
    follows: 'success-rate',
    summary:
      '{{ $labels.target }}: {{ $value | humanizePercentage }} of the streams failed in {window}; at least {limit} must succeed',
  },
  {
    ...ratio,
    id: 'success-objective',
    alert: 'SoakSuccessBelowObjective',
    limit: 0.995,
    windowMs: HOUR_MS,
    forMs: 15 * MINUTE_MS,
    severity: 'info',
    // The first count at which one failure alone stays within the objective.
    minCount: 200,
    verdict: false,
    summary:
      '{{ $labels.target }}: {{ $value | humanizePercentage }} of the streams failed in {window}; the objective is that {limit} succeed',
  },
  // Counts from which on at least four failures are needed to cross the limit: chance alone seldom does it.
  {
    ...burn,
    id: 'budget-burn-1h',
    limit: 14.4,
    windowMs: HOUR_MS,
    shortWindowMs: 5 * MINUTE_MS,
    forMs: 2 * MINUTE_MS,
    severity: 'critical',
    minCount: 50,
  },
  {
    ...burn,
    id: 'budget-burn-6h',
    limit: 6,
    windowMs: 6 * HOUR_MS,
    shortWindowMs: 30 * MINUTE_MS,
    forMs: 15 * MINUTE_MS,
    severity: 'critical',
    minCount: 100,
  },
  {
    ...burn,
    id: 'budget-burn-1d',
    limit: 3,
    windowMs: 24 * HOUR_MS,
    shortWindowMs: 2 * HOUR_MS,
    forMs: HOUR_MS,
    severity: 'warning',
    minCount: 200,
  },
  {
    ...burn,
    id: 'budget-burn-3d',
    limit: 1,
    windowMs: 72 * HOUR_MS,
    shortWindowMs: 6 * HOUR_MS,
    forMs: 3 * HOUR_MS,
    severity: 'warning',
    minCount: 600,
  },
];

const INVESTIGATE = [
  '`sum by (outcome) (increase(soak_streams_finished_total{result="failed"}[5m]))`: which outcome grew',
  '`sum by (code) (increase(soak_responses_total[5m]))`: what the target answered',
  '`GET /api/v1/failures` of soakd: the last failures of each outcome, with timings',
  'the log of the target at the same time',
];

export const SUCCESS_ALERTS: Readonly<Record<string, AlertText>> = {
  SoakSuccessRateLow: {
    meaning:
      'Users get errors or incomplete answers. A stream fails unless it ends as its format requires; streams that soakd itself cancelled or lost do not count.',
    action:
      'Find the outcome that grew, then look at the target at the time of the first failures with that outcome. If the target refuses streams (http_error, connect_error), lower the load until the target recovers.',
    causes: [
      'overload: `http_error` with 429 or 503, `connect_error`, `ttfb_timeout`',
      'a crash or a restart of the target: `connect_error`, `reset`',
      'a proxy in between that cuts long responses: `reset`, `truncated`',
      'an error inside the response: `inband_error`, and with a new version of the target `malformed` or `wrong_content_type`',
    ],
    investigate: INVESTIGATE,
  },
  SoakSuccessBelowObjective: {
    meaning:
      'Over an hour, fewer streams succeeded than the objective requires. Users may not notice yet, but at this rate the error budget will not last.',
    action:
      'Nothing is urgent. Find the outcome with most failures, and fix its cause before SoakSuccessRateLow fires.',
    causes: [
      'a small steady share of failures: one bad instance behind a load balancer, one bad prompt among many',
      'short outages that are over, such as deployments',
    ],
    investigate: INVESTIGATE,
  },
  SoakErrorBudgetBurn: {
    meaning:
      'The objective leaves a budget of failures (0.5 % of the streams, unless `success-objective` is set). The failures use up the budget so fast that it will not last. The label `window` names the time span that the rule covers: 1h and 6h are urgent, 1d and 3d are slow leaks. This alert is made for soaks that never end.',
    action:
      'For window 1h or 6h, act as for SoakSuccessRateLow. For 1d or 3d, plan a repair: the failures are few, but they do not stop.',
    causes: [
      'window 1h: an outage, or a bad deployment',
      'window 6h: an intermittent outage',
      'window 1d or 3d: a steady share of failures that no short window shows',
    ],
    investigate: [
      '`target:soak_streams_failed_per_finished:ratio_increase1h`: the share of failures over time',
      ...INVESTIGATE,
    ],
  },
};
