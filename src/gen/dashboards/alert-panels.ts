import { max } from './expressions.ts';
import type { StatSpec, TimelineSpec } from './panel-spec.ts';

/** Firing alerts of soakd; those of a host have the job of its node_exporter, and some have no target or instance. */
function firing(hostJob: string, ...more: readonly string[]): string {
  const matchers = [
    'alertstate="firing"',
    'alertname=~"Soak.+"',
    `job=~"$job|${hostJob}|"`,
    'target=~"$target|"',
    ...more,
  ];
  return `ALERTS{${matchers.join(', ')}}`;
}

/** The Watchdog: present while the rules are loaded, since it always fires. */
const WATCHDOG = 'ALERTS{alertname="Watchdog", alertstate="firing"}';
const NO_RULES = { value: -1, text: 'no rules loaded', colour: 'text' };

export function firingAlerts(hostJob: string): StatSpec {
  return {
    kind: 'stat',
    title: 'Firing alerts',
    description:
      'Alerts of soakd that fire now, for the targets that are chosen and for soakd itself. “No rules loaded”: Prometheus evaluates no alert rules, so that silence means nothing. What to do: look below which they are; docs/alerts.md has a section for each. Load the files of prometheus/rules where there are none.',
    unit: 'none',
    queries: [
      {
        expr: `count(${firing(hostJob)}) or 0 * max(${WATCHDOG}) or vector(-1)`,
        legend: 'firing',
      },
    ],
    colours: [
      { value: null, colour: 'green' },
      { value: 1, colour: 'red' },
    ],
    texts: [NO_RULES],
  };
}

const SEVERITIES = [
  ['critical', 3],
  ['warning', 2],
  ['info', 1],
] as const;

export function alertTimeline(hostJob: string): TimelineSpec {
  const worst = SEVERITIES.map(
    ([severity, level]) => `${level} * ${firing(hostJob, `severity="${severity}"`)}`,
  ).join(' or ');
  const named = (expr: string, name: string) => `label_replace(${expr}, "alertname", "${name}", "", "")`;
  return {
    kind: 'timeline',
    title: 'Alerts',
    description:
      'When which alert fired, and for which target. What to do: docs/alerts.md has a section for each, with likely causes and where to look.',
    unit: 'none',
    queries: [
      {
        expr: `${max(worst, 'alertname', 'target')} or on () ${named(`0 * max(${WATCHDOG})`, 'none')} or on () ${named('vector(-1)', 'no rules loaded')}`,
        legend: '{{alertname}} {{target}}',
      },
    ],
    texts: [
      { value: 3, text: 'critical', colour: 'red' },
      { value: 2, text: 'warning', colour: 'orange' },
      { value: 1, text: 'info', colour: 'blue' },
      { value: 0, text: 'quiet', colour: 'green' },
      NO_RULES,
    ],
  };
}

/** Input of an annotation. */
export function firingForAnnotation(hostJob: string): string {
  return max(firing(hostJob, 'severity=~"warning|critical"'), 'alertname', 'severity', 'target');
}
