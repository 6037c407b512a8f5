import { stringify } from 'yaml';
import { MINUTE_MS } from '../core/clock.ts';
import { SHARE_NAMES } from '../measures/list.ts';
import { promDuration } from '../promql/promql.ts';
import { type RecordingRule, Recordings, type Windows } from '../promql/recordings.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import type { Jobs } from '../thresholds/measures/measure.ts';
import { ALERTS, THRESHOLDS } from '../thresholds/table.ts';
import type { Threshold } from '../thresholds/threshold.ts';
import { burnGroups, type LimitSettings, limitGroups, limitsText } from './limits.ts';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly (RecordingRule | AlertRule)[];
}

export interface RuleOptions extends Windows {
  readonly settings: LimitSettings;
  readonly jobs: Jobs;
  /** URL of the runbook, without the anchor of the alert. */
  readonly runbookBase: string;
}

/** Options of the committed rules. */
export const DEFAULT_RULES: RuleOptions = {
  factor: 1,
  scrapeMs: 15_000,
  settings: { thresholds: [], targets: [] },
  jobs: { soak: 'soak', host: 'soak-target-host' },
  runbookBase: 'docs/alerts.md',
};

const HOUR = 60 * MINUTE_MS;
const SHORT_INTERVAL_MS = MINUTE_MS / 4;

/** Groups of rules. Prometheus evaluates each as a whole, recordings before the alerts that use them. */
const GROUPS: readonly {
  readonly name: string;
  readonly everyMs: number;
  readonly holds: (t: Threshold) => boolean;
}[] = [
  {
    name: 'soak-success',
    everyMs: SHORT_INTERVAL_MS,
    holds: (t) => t.metric === 'success' && t.windowMs < HOUR,
  },
  // Windows of hours: costlier and less urgent.
  { name: 'soak-objectives', everyMs: MINUTE_MS, holds: (t) => t.metric === 'success' && t.windowMs >= HOUR },
  { name: 'soak-latency', everyMs: SHORT_INTERVAL_MS, holds: (t) => isTiming(t) || t.metric === 'drift' },
  {
    name: 'soak-streams',
    everyMs: SHORT_INTERVAL_MS,
    holds: (t) => ['stalled', 'active', ...SHARE_NAMES].includes(t.metric),
  },
  {
    name: 'soak-generator',
    everyMs: SHORT_INTERVAL_MS,
    holds: (t) => !t.perTarget && t.metric !== 'schedule',
  },
  { name: 'soak-schedules', everyMs: MINUTE_MS, holds: (t) => t.metric === 'schedule' },
  { name: 'soak-target-hosts', everyMs: SHORT_INTERVAL_MS, holds: (t) => t.metric.startsWith('host-') },
];

function isTiming({ metric }: Threshold): boolean {
  return measureNamed(metric).timing !== undefined;
}

/** Returns the groups of a rule file, without alerts that are off for all targets. */
export function ruleGroups(options: RuleOptions): RuleGroup[] {
  const recordings = new Recordings(options);
  const { factor } = options;
  return GROUPS.map(({ name, everyMs, holds }) => {
    const alerts = THRESHOLDS.filter(holds).flatMap((t) => alertRule(t, recordings, options));
    const interval = promDuration(Math.max(1000, everyMs * Math.min(1, factor)));
    return { name, interval, rules: [...recordings.take(), ...alerts] };
  }).filter((group) => group.rules.length > 0);
}

function alertRule(t: Threshold, recordings: Recordings, options: RuleOptions): AlertRule[] {
  const { settings, jobs, factor, runbookBase } = options;
  const groups = t.statistic === 'burn' ? burnGroups(t, settings) : limitGroups(t, settings);
  if (groups.length === 0) return [];
  const expr = measureNamed(t.metric).promql(t, groups, { recordings, jobs });
  const { meaning, action } = ALERTS[t.alert]!;
  const window = recordings.window(t.windowMs);
  const summary = t.summary.replace('{window}', window).replace('{limit}', limitsText(t, settings));
  return [
    {
      alert: t.alert,
      expr,
      ...(t.forMs === 0 ? {} : { for: promDuration(t.forMs * factor) }),
      keep_firing_for: t.keepFiringMs === undefined ? undefined : promDuration(t.keepFiringMs * factor),
      labels: {
        severity: t.severity,
        ...(t.statistic === 'burn' ? { window } : {}),
        ...(t.labelled === true ? { threshold: t.id } : {}),
      },
      annotations: {
        summary,
        description: `${meaning} What to do: ${action}`,
        runbook_url: `${runbookBase}#${anchorOf(t.alert)}`,
      },
    },
  ];
}

/** Returns the anchor of a heading with the name of the alert. */
export function anchorOf(alert: string): string {
  return alert.toLowerCase();
}

const fileOf = (group: string): string => `${group}.rules.yml`;

/** Names of all possible rule files. */
export const RULE_FILES: readonly string[] = GROUPS.map((group) => fileOf(group.name));

/**
 * Returns one file for each group, so that a group of alerts can be left out or tested by itself. Only soak-objectives
 * depends on the recordings of another file, soak-success.
 * @param heading a comment for the top of each
 * @returns text by name
 */
export function ruleFiles(options: RuleOptions, heading: string): Record<string, string> {
  return Object.fromEntries(
    ruleGroups(options).map((group) => [
      fileOf(group.name),
      `${heading}\n${stringify({ groups: [group] }, { lineWidth: 0, blockQuote: 'literal' })}`,
    ]),
  );
}
