import { METRICS as M } from '../../catalog/metrics.ts';
import { firingAlerts } from './alert-panels.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { max, min, quantile, SERVICE, series, successDuration, successRatio, sum } from './expressions.ts';
import { advice, limitColours } from './limit-lines.ts';
import type { StatSpec, Step } from './panel-spec.ts';

const NEUTRAL: readonly Step[] = [{ value: null, colour: 'blue' }];
const FIVE_MINUTES = 'Of the last five minutes; a dash while nothing runs.';

/**
 * Returns the top row of a dashboard, which shows at a glance whether all is well.
 * @param worst the dashboard covers several targets: each value is that of the worst target, with its name
 */
export function verdictRow(
  scope: string,
  worst: boolean,
  { settings, hostJob }: DashboardOptions,
): StatSpec[] {
  const by = worst ? ['target'] : [];
  const lowest = (expr: string) => (worst ? `bottomk(1, ${expr})` : expr);
  const highest = (expr: string) => (worst ? `topk(1, ${expr})` : expr);
  const legend = (otherwise: string) => (worst ? '{{target}}' : otherwise);
  const whose = worst ? 'Of the worst target, which is named. ' : '';
  const state = series(M.thresholdState.name, scope);
  return [
    {
      kind: 'stat',
      title: 'Run',
      description:
        'Whether soakd generates load now, and with which scenario. “Not running” is idle, paused or draining. What to do: start one with POST /api/v1/runs, or set serve.start or schedules: in the configuration.',
      unit: 'none',
      queries: [
        {
          expr: max(
            `${series(M.runActive.name, SERVICE)} * on (job, instance) group_left (scenario) ${series(M.runInfo.name, SERVICE)}`,
            'scenario',
          ),
          legend: 'scenario {{scenario}}',
        },
      ],
      named: true,
      colours: NEUTRAL,
      texts: [
        { value: 0, text: 'not running', colour: 'text' },
        { value: 1, text: 'running', colour: 'green' },
      ],
    },
    {
      kind: 'stat',
      title: 'Thresholds crossed',
      description:
        'Crossed thresholds of the current or previous run, evaluated by soakd with the limits of each target. Needs no rules in Prometheus. What to do: the dashboard of the target lists them.',
      unit: 'none',
      queries: [{ expr: `count(${state} == 1) or vector(0)`, legend: 'crossed' }],
      colours: [
        { value: null, colour: 'green' },
        { value: 1, colour: 'red' },
      ],
    },
    {
      kind: 'stat',
      title: 'Success',
      description: `Streams that ended well, of those that succeeded or failed. ${whose}${FIVE_MINUTES} ${advice('SoakSuccessRateLow')}`,
      unit: 'percentunit',
      decimals: 2,
      queries: [{ expr: lowest(successRatio(scope, ...by)), legend: legend('success') }],
      named: worst,
      colours: limitColours(['success-objective', 'success-rate', 'success-rate-critical'], settings),
    },
    {
      kind: 'stat',
      title: 'TTFB p95',
      description: `95 % of users waited no longer for their first byte. ${whose}${FIVE_MINUTES} ${advice('SoakTTFBHigh')}`,
      unit: 's',
      queries: [{ expr: highest(quantile(0.95, M.ttfb.name, scope, ...by)), legend: legend('p95') }],
      named: worst,
      colours: limitColours(['ttfb-p95'], settings),
    },
    {
      kind: 'stat',
      title: 'Mean duration',
      description: `From the start of a stream to its end, of successes. ${whose}${FIVE_MINUTES} ${advice('SoakStreamDurationHigh')}`,
      unit: 's',
      queries: [{ expr: highest(successDuration(scope, ...by)), legend: legend('mean') }],
      named: worst,
      colours: limitColours(['duration-mean', 'duration-mean-critical'], settings),
    },
    {
      kind: 'stat',
      title: 'Streams',
      description:
        'Open streams, and streams wanted by the scenario. What to do where fewer are open than wanted for long: check the outcomes for refusals, and “soak generator” for dropped starts.',
      unit: 'short',
      queries: [
        { expr: sum(series(M.active.name, scope)), legend: 'open' },
        { expr: sum(series(M.desired.name, scope)), legend: 'wanted' },
      ],
      colours: NEUTRAL,
    },
    firingAlerts(hostJob),
    {
      kind: 'stat',
      title: 'Error budget left',
      description: `What is left of the failures that the objective allows in the present or last run; below 0 it is used up. ${worst ? 'Of the worst target, which is named. ' : ''}${advice('SoakErrorBudgetBurn')}`,
      unit: 'percentunit',
      decimals: 1,
      queries: [{ expr: lowest(min(series(M.errorBudget.name, scope), ...by)), legend: legend('left') }],
      named: worst,
      colours: [
        { value: null, colour: 'red' },
        { value: 0, colour: 'orange' },
        { value: 0.25, colour: 'green' },
      ],
    },
  ];
}
