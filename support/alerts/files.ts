import { stringify } from 'yaml';
import type { LimitSettings } from '../../src/gen/limits.ts';
import { DEFAULT_RULES, ruleGroups } from '../../src/gen/rules.ts';
import { ALERTS } from '../../src/thresholds/table.ts';
import type { AlertSuite, Case, Firing, Series } from './case.ts';
import { LIMITS } from './cases/timings.ts';
import { SUITES } from './suites.ts';

/** @returns the files for `promtool test rules`: text by path in the repository */
export function alertTestFiles(): Record<string, string> {
  return Object.fromEntries([
    ...Object.entries(SUITES).map(([name, suite]) => [
      `prometheus/tests/${name}.yml`,
      alertTestText(suite, '../rules', LIMITED),
    ]),
    [`prometheus/tests/${LIMITED}`, limitedRules()],
  ]);
}

/**
 * @param folder of the rules, as the test file sees it
 * @param limited the file of rules with limits; absent: they are in the folder with the others
 */
export function alertTestText(suite: AlertSuite, folder = '../rules', limited?: string): string {
  const { alert, rules, limits = false, every = '1m', sampled = '1m' } = suite;
  const test = {
    rule_files:
      limits && limited !== undefined ? [limited] : rules.map((name) => `${folder}/${name}.rules.yml`),
    evaluation_interval: every,
    // What is recorded in one group is used in the next.
    group_eval_order: rules,
    tests: Object.entries(suite.tests).map(([name, one]) => ({
      name,
      interval: sampled,
      input_series: one.series.map((s) => ({ series: seriesText(s), values: s.values })),
      ...(one.says === undefined ? {} : { alert_rule_test: annotated(alert, one.says) }),
      promql_expr_test: assertions(alert, one),
    })),
  };
  const heading = '# Made by `npm run generate` from support/alerts. Run it with `promtool test rules`.';
  return `${heading}\n${stringify(test, { lineWidth: 0 })}`;
}

/** The rules of alerts that are off by default. */
const LIMITED = 'limits.rules.yml';

/** Settings of a user who wants these limits. */
export const LIMIT_SETTINGS: LimitSettings = {
  thresholds: Object.entries(LIMITS).map(([id, limit]) => ({ id, limit })),
  targets: [],
};

/** The groups of these rules that the committed ones do not hold whole. */
const LIMITED_GROUPS = ['soak-success', 'soak-latency', 'soak-streams'];

function limitedRules(): string {
  const groups = ruleGroups({ ...DEFAULT_RULES, settings: LIMIT_SETTINGS }).filter(({ name }) =>
    LIMITED_GROUPS.includes(name),
  );
  const heading = '# Made by `npm run generate` from support/alerts: rules with limits that have no default.';
  return `${heading}\n${stringify({ groups }, { lineWidth: 0, blockQuote: 'literal' })}`;
}

/** A question to Prometheus and what it is to answer. */
export interface Question {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

/** @param named what the alert is called in the rules */
export function assertions(alert: string, { at = {}, silentUntil, spans }: Case, named = alert): Question[] {
  const firing = `ALERTS{alertname="${named}", alertstate="firing"}`;
  const questions: Question[] = Object.entries(at).map(([time, set]) => ({
    expr: firing,
    eval_time: time,
    exp_samples: set.map((labels) => ({ labels: alertText('ALERTS', alert, labels), value: 1 })),
  }));
  if (silentUntil !== undefined)
    questions.push({
      expr: `count_over_time(${firing}[${silentUntil}])`,
      eval_time: silentUntil,
      exp_samples: [],
    });
  if (spans !== undefined) {
    const { untilS, everyS } = spans;
    const of = (value: 'firstS' | 'evaluations') =>
      spans.firing.map((span) => ({ labels: alertText('', alert, span.labels), value: span[value] }));
    questions.push(
      {
        expr: `min_over_time(timestamp(${firing})[${untilS}s:${everyS}s])`,
        eval_time: `${untilS}s`,
        exp_samples: of('firstS'),
      },
      {
        expr: `count_over_time(${firing}[${untilS}s])`,
        eval_time: `${untilS}s`,
        exp_samples: of('evaluations'),
      },
    );
  }
  return questions;
}

function annotated(alert: string, says: NonNullable<Case['says']>) {
  const { meaning, action } = ALERTS[alert]!;
  return Object.entries(says).map(([time, set]) => ({
    eval_time: time,
    alertname: alert,
    exp_alerts: set.map(([labels, summary]) => ({
      exp_labels: labels,
      exp_annotations: {
        summary,
        description: `${meaning} What to do: ${action}`,
        runbook_url: `docs/alerts.md#${alert.toLowerCase()}`,
      },
    })),
  }));
}

function alertText(name: string, alert: string, labels: Firing): string {
  return seriesText({
    name,
    labels: { alertname: alert, alertstate: 'firing', ...labels },
    values: '',
  });
}

export function seriesText({ name, labels }: Series): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(', ')}}`;
}
