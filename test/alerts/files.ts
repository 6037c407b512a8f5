import { stringify } from 'yaml';
import type { LimitSettings } from '../../src/gen/limits.ts';
import { DEFAULT_RULES, ruleGroups } from '../../src/gen/rules.ts';
import { ALERTS } from '../../src/thresholds/table.ts';
import type { AlertCases, Case, Firing, Series } from './case.ts';
import { LIMITS } from './cases/timings.ts';
import { ALERT_CASES } from './cases.ts';

/** @returns the files for `promtool test rules`: text by path in the repository */
export function alertTestFiles(): Record<string, string> {
  return Object.fromEntries([
    ...ALERT_CASES.map((cases) => [
      `prometheus/tests/${cases.alert}.yml`,
      alertTestText(cases, '../rules', LIMITED),
    ]),
    [`prometheus/tests/${LIMITED}`, limitedRules()],
  ]);
}

/** @param folder of the rules, as the test file sees it */
/** @param limited the file of rules with limits; absent: they are in the folder with the others */
export function alertTestText(cases: AlertCases, folder = '../rules', limited?: string): string {
  const { alert, rules, limits = false, every = '1m', sampled = '1m', states, more } = cases;
  const test = {
    rule_files:
      limits && limited !== undefined ? [limited] : rules.map((name) => `${folder}/${name}.rules.yml`),
    evaluation_interval: every,
    // What is recorded in one group is used in the next.
    group_eval_order: rules,
    tests: [...Object.entries(states), ...Object.entries(more)].map(([name, one]) => ({
      name,
      interval: sampled,
      input_series: one.series.map((s) => ({ series: seriesText(s), values: s.values })),
      ...(one.says === undefined ? {} : { alert_rule_test: annotated(alert, one.says) }),
      promql_expr_test: assertions(alert, one),
    })),
  };
  const heading = '# Made by `npm run generate` from test/alerts. Run it with `promtool test rules`.';
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
  const heading = '# Made by `npm run generate` from test/alerts: rules with limits that have no default.';
  return `${heading}\n${stringify({ groups }, { lineWidth: 0, blockQuote: 'literal' })}`;
}

function assertions(alert: string, { at = {}, silentUntil }: Case) {
  const firing = `ALERTS{alertname="${alert}", alertstate="firing"}`;
  const times = Object.entries(at).map(([time, set]) => ({
    expr: firing,
    eval_time: time,
    exp_samples: set.map((labels) => ({ labels: alertText(alert, labels), value: 1 })),
  }));
  if (silentUntil === undefined) return times;
  return [
    ...times,
    { expr: `count_over_time(${firing}[${silentUntil}])`, eval_time: silentUntil, exp_samples: [] },
  ];
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

function alertText(alert: string, labels: Firing): string {
  return seriesText({
    name: 'ALERTS',
    labels: { alertname: alert, alertstate: 'firing', ...labels },
    values: '',
  });
}

function seriesText({ name, labels }: Series): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(', ')}}`;
}
