import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringify } from 'yaml';
import type { LimitSettings } from '../../src/gen/limits.ts';
import {
  type AlertRule,
  DEFAULT_RULES,
  type RuleOptions,
  ruleFiles,
  ruleGroups,
} from '../../src/gen/rules.ts';
import { THRESHOLDS } from '../../src/thresholds/table.ts';
import { needs } from '../../support/needs.ts';
import { said, withFiles } from '../../support/promtool.ts';

const rulesOf = (options: Partial<RuleOptions>) =>
  ruleGroups({ ...DEFAULT_RULES, ...options }).flatMap((group) => group.rules);
const alertsOf = (options: Partial<RuleOptions>): AlertRule[] =>
  rulesOf(options).filter((rule) => 'alert' in rule);

function alertOf(settings: LimitSettings, alert: string, severity: string): AlertRule | undefined {
  return alertsOf({ settings }).find((rule) => rule.alert === alert && rule.labels.severity === severity);
}

const target = (name: string, limits: Readonly<Record<string, number | 'off'>> = {}) => ({
  name,
  thresholds: Object.entries(limits).map(([id, limit]) => ({ id, limit })),
});
const common = (limits: Readonly<Record<string, number | 'off'>>) => target('', limits).thresholds;

describe('limits of a configuration', () => {
  it('without any there is one alert for each threshold that has a default', () => {
    assert.deepEqual(
      alertsOf({})
        .map((rule) => [rule.alert, rule.labels.severity])
        .sort(),
      THRESHOLDS.filter((t) => t.limit !== 'off')
        .map((t) => [t.alert, t.severity])
        .sort(),
    );
  });

  it('for all targets take the place of the default', () => {
    const rule = alertOf(
      { thresholds: common({ 'success-rate': 0.9 }), targets: [target('a')] },
      'SoakSuccessRateLow',
      'warning',
    );
    assert.match(rule!.expr, /ratio_increase5m > 0\.1$/m);
    assert.match(rule!.annotations.summary, /at least 90 % must succeed/);
  });

  it('of single targets part the others off', () => {
    const settings = {
      thresholds: [],
      targets: [target('a', { 'success-rate': 0.9 }), target('b.c', { 'success-rate': 0.9 }), target('d')],
    };
    const rule = alertOf(settings, 'SoakSuccessRateLow', 'warning');
    const lines = rule!.expr.split('\n').map((line) => line.trim());
    const ratio = 'target:soak_streams_failed_per_finished:ratio_increase5m';
    assert.deepEqual(lines.slice(0, 5), [
      '(',
      `${ratio}{target!~"a|b\\\\.c"} > 0.01`,
      'or',
      `${ratio}{target=~"a|b\\\\.c"} > 0.1`,
      ')',
    ]);
    assert.match(rule!.annotations.summary, /at least 99 % \(a, b\.c: 90 %\) must succeed/);
    // The critical one follows where it would be stricter.
    assert.match(
      alertOf(settings, 'SoakSuccessRateLow', 'critical')!.expr,
      /\{target=~"a\|b\\\\\.c"\} > 0\.1/,
    );
  });

  it('that are off leave the alert, or the target, out', () => {
    const nobody = { thresholds: common({ 'ttfb-p95': 'off' }), targets: [target('a')] };
    assert.equal(alertOf(nobody, 'SoakTTFBHigh', 'warning'), undefined);
    assert.ok(alertOf(nobody, 'SoakTTFBHigh', 'critical'));

    const notA = { thresholds: [], targets: [target('a', { 'stalled-share': 'off' }), target('b')] };
    const rule = alertOf(notA, 'SoakStalledStreams', 'warning');
    assert.match(rule!.expr, /\{target!="a"\} > 0\.01/);
    assert.doesNotMatch(rule!.expr, /\bor\b/);

    const onlyA = {
      thresholds: common({ 'stalled-share': 'off' }),
      targets: [target('a', { 'stalled-share': 0.02 }), target('b')],
    };
    const one = alertOf(onlyA, 'SoakStalledStreams', 'warning');
    assert.match(one!.expr, /\{target="a"\} > 0\.02/);
    assert.doesNotMatch(one!.expr, /!=/);
  });

  it('that are off for all in a group leave no file', () => {
    const off = common(Object.fromEntries(THRESHOLDS.map((t) => [t.id, 'off' as const])));
    assert.deepEqual(ruleFiles({ ...DEFAULT_RULES, settings: { thresholds: off, targets: [] } }, '#'), {});
    const hosts = off.filter((t) => /^target-/.test(t.id));
    const files = ruleFiles({ ...DEFAULT_RULES, settings: { thresholds: hosts, targets: [] } }, '#');
    assert.equal('soak-target-hosts.rules.yml' in files, false);
  });

  it('of the objective make the error budget, also where its own alert is off', () => {
    const burn = (settings: LimitSettings) => alertOf(settings, 'SoakErrorBudgetBurn', 'critical')!.expr;
    assert.match(burn({ thresholds: common({ 'success-objective': 0.999 }), targets: [] }), / > 0\.0144 and/);
    assert.match(burn({ thresholds: common({ 'success-objective': 'off' }), targets: [] }), / > 0\.072 and/);
    const own = { thresholds: [], targets: [target('a', { 'success-objective': 0.99 }), target('b')] };
    assert.match(burn(own), /\{target!="a"\} > 0\.072 and .*\{target!="a"\} > 0\.072\n/);
    assert.match(burn(own), /\{target="a"\} > 0\.144 and .*\{target="a"\} > 0\.144\n/);
  });

  it('of TTFB each have a recorded share of their own', () => {
    const settings = { thresholds: [], targets: [target('a', { 'ttfb-p95': 1200 }), target('b')] };
    const records = rulesOf({ settings }).flatMap((rule) => ('record' in rule ? [rule.record] : []));
    assert.ok(records.includes('target:soak_stream_ttfb_over_1200ms_per_observed:ratio_increase5m'));
    assert.ok(records.includes('target:soak_stream_ttfb_over_2500ms_per_observed:ratio_increase5m'));
    assert.equal(new Set(records).size, records.length);
  });

  it('come into the rules as they are, whatever is in a name', () => {
    const settings = {
      thresholds: [],
      targets: [target('a.b-c', { 'target-cpu': 0.5 }), target('d', { 'target-cpu': 0.5 })],
    };
    const files = ruleFiles({ ...DEFAULT_RULES, settings }, '#');
    assert.match(files['soak-target-hosts.rules.yml']!, /target=~"a\\\\\.b-c\|d"/);
  });
});

describe('the factor', () => {
  it('shortens every window and every waiting time', () => {
    const text = Object.values(ruleFiles({ ...DEFAULT_RULES, factor: 1 / 60, scrapeMs: 1000 }, '#')).join('');
    const windows = [...text.matchAll(/\[(\w+)(?::(\w+))?\]/g)].flatMap((m) => [m[1]!, m[2] ?? m[1]!]);
    // 1m, 5m, 10m, 30m, 1h, 2h, 6h, 1d and 3d; the first is kept at four scrapes.
    assert.deepEqual(
      [...new Set(windows)].sort(),
      ['10s', '1m', '2m', '30s', '4s', '5s', '6m', '72m', '24m'].sort(),
    );
    const alerts = alertsOf({ factor: 1 / 60, scrapeMs: 1000 });
    const waiting = alerts.map((rule) => rule.for ?? '0s');
    // An hour becomes a minute, and none is left as it was.
    assert.deepEqual([...new Set(waiting)].sort(), ['0s', '10s', '15s', '1m', '1s', '2s', '3m', '5s']);
    assert.equal(alerts.find((rule) => rule.alert === 'SoakSuccessRateLow')!.keep_firing_for, '5s');
    const burning = alerts.filter((rule) => rule.alert === 'SoakErrorBudgetBurn');
    assert.deepEqual(
      burning.map((rule) => rule.labels.window),
      ['1m', '6m', '24m', '72m'],
    );
  });

  it('leaves no window shorter than four scrapes', () => {
    for (const [factor, scrapeMs] of [
      [0.001, 1000],
      [0.1, 5000],
      [1, 30_000],
    ] as const) {
      const text = Object.values(ruleFiles({ ...DEFAULT_RULES, factor, scrapeMs }, '#')).join('');
      for (const [, window] of text.matchAll(/\[(\w+)/g)) {
        assert.ok(msOf(window!) >= 4 * scrapeMs, `${window} at factor ${factor} and ${scrapeMs} ms`);
      }
    }
  });

  it('gives rules that promtool accepts', { skip: needs('promtool') }, () => {
    for (const factor of [0.001, 1 / 60, 0.1, 2])
      withFiles(ruleFiles({ ...DEFAULT_RULES, factor, scrapeMs: 1000 }, '#'), (folder) => {
        const { status, text } = said(
          'sh',
          ['-c', 'promtool check rules --lint=all --lint-fatal *.yml'],
          folder,
        );
        assert.equal(status, 0, text);
      });
  });
});

function msOf(duration: string): number {
  const [, n, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(duration)!;
  return Number(n) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 'ms']!;
}

describe('rules of a configuration with limits of its own', { skip: needs('promtool') }, () => {
  const settings: LimitSettings = {
    thresholds: common({ 'ttfb-p95': 3000, 'success-rate-critical': 'off' }),
    targets: [
      target('usual'),
      target('quick', { 'ttfb-p95': 1200, 'success-rate': 0.5 }),
      target('any', { 'ttfb-p95': 'off', 'ttfb-p50': 'off', 'success-rate': 'off' }),
    ],
  };
  const files = ruleFiles({ ...DEFAULT_RULES, settings }, '#');

  it('pass the lints', () => {
    withFiles(files, (folder) => {
      const { status, text } = said(
        'sh',
        ['-c', 'promtool check rules --lint=all --lint-fatal *.yml'],
        folder,
      );
      assert.equal(status, 0, text);
    });
  });

  /** Of 100 a minute so many are within 1.2 s, 2.5 s and 3 s. */
  const buckets = (name: string, within: readonly [number, number, number], three: string) => [
    {
      series: `soak_stream_ttfb_seconds_count{job="soak", instance="a", target="${name}"}`,
      values: '0+100x20',
    },
    ...['1.2', '2.5', three].map((le, i) => ({
      series: `soak_stream_ttfb_seconds_bucket{job="soak", instance="a", target="${name}", le="${le}"}`,
      values: `0+${within[i]}x20`,
    })),
  ];
  const finished = (name: string, failed: number) =>
    Object.entries({ success: 100 - failed, failed }).map(([result, n]) => ({
      series: `soak_streams_finished_total{job="soak", instance="a", target="${name}", result="${result}", outcome="x"}`,
      values: `0+${n}x20`,
    }));
  const firing = (alert: string, ...targets: string[]) => ({
    expr: `ALERTS{alertname="${alert}", alertstate="firing"}`,
    eval_time: '20m',
    exp_samples: targets.map((name) => ({
      labels: `ALERTS{alertname="${alert}", alertstate="firing", job="soak", severity="warning", target="${name}"}`,
      value: 1,
    })),
  });

  // Prometheus 3 writes the edge of 3 as 3.0.
  for (const three of ['3', '3.0']) {
    it(`fire by each target's limit, with the edge le="${three}"`, () => {
      const active = { series: 'soak_run_active{job="soak", instance="a"}', values: '1x20' };
      const test = (name: string, input: readonly object[], expected: object) => ({
        name,
        interval: '1m',
        input_series: [active, ...input],
        promql_expr_test: [expected],
      });
      const tests = {
        rule_files: ['soak-success.rules.yml', 'soak-latency.rules.yml'],
        evaluation_interval: '1m',
        tests: [
          test(
            'between the limits: 1.2 s is passed by too many, 3 s is not',
            [
              ...buckets('usual', [90, 94, 96], three),
              ...buckets('quick', [90, 94, 96], three),
              ...buckets('any', [0, 0, 0], three),
            ],
            firing('SoakTTFBHigh', 'quick'),
          ),
          test(
            'above both',
            [...buckets('usual', [90, 94, 94], three), ...buckets('quick', [94, 99, 99], three)],
            firing('SoakTTFBHigh', 'quick', 'usual'),
          ),
          test(
            'success',
            [...finished('usual', 2), ...finished('quick', 49), ...finished('any', 100)],
            firing('SoakSuccessRateLow', 'usual'),
          ),
        ],
      };
      withFiles({ ...files, 'test.yml': stringify(tests) }, (folder) => {
        const { status, text } = said('promtool', ['test', 'rules', 'test.yml'], folder);
        assert.equal(status, 0, text);
      });
    });
  }
});
