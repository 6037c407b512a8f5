import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { METRICS } from '../../src/catalog/metrics.ts';
import type { MetricInfo } from '../../src/core/metric-info.ts';
import { generatedFiles } from '../../src/gen/files.ts';
import type { AlertRule, RuleGroup } from '../../src/gen/rules.ts';
import { ALERTS, THRESHOLDS } from '../../src/thresholds/table.ts';
import { SEVERITIES } from '../../src/thresholds/threshold.ts';
import { type AlertCases, type Case, STATES } from '../../support/alerts/case.ts';
import { ALERT_CASES } from '../../support/alerts/cases.ts';
import { alertTestFiles } from '../../support/alerts/files.ts';
import { SUITES } from '../../support/alerts/suites.ts';
import { needs } from '../../support/needs.ts';
import { said } from '../../support/promtool.ts';
import { ROOT } from '../../support/root.ts';
import { OBSERVABILITY } from '../sink/observability.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const RULE_PATHS = globSync('prometheus/rules/*.yml', { cwd: ROOT }).sort();
const GROUPS = RULE_PATHS.flatMap((path) => (parse(read(path)) as { groups: RuleGroup[] }).groups);
const RULES = GROUPS.flatMap((group) => group.rules);
const ALERT_RULES = RULES.filter((rule): rule is AlertRule => 'alert' in rule);
const RECORDED = RULES.flatMap((rule) => ('record' in rule ? [rule.record] : []));

describe('the files for Prometheus', () => {
  it('are those that the code makes', () => {
    const made = { ...generatedFiles(), ...alertTestFiles() };
    for (const [path, text] of Object.entries(made))
      assert.equal(read(path), text, `${path}: run npm run generate`);
    const there = globSync(['prometheus/rules/*', 'prometheus/tests/*'], { cwd: ROOT });
    assert.deepEqual(
      there.filter((path) => !(path in made)),
      [],
    );
  });

  it('pass promtool’s lints', { skip: needs('promtool') }, () => {
    const { status, text } = said(
      'promtool',
      ['check', 'rules', '--lint=all', '--lint-fatal', ...RULE_PATHS],
      ROOT,
    );
    assert.equal(status, 0, text);
  });

  it('are loaded by prometheus.yml', { skip: needs('promtool') }, () => {
    const { status, text } = said(
      'promtool',
      ['check', 'config', '--lint=all', 'prometheus/prometheus.yml'],
      ROOT,
    );
    assert.equal(status, 0, text);
    assert.match(text, new RegExp(`${RULE_PATHS.length} rule files found`));
  });
});

describe('the alerts, in every state and at every edge', { skip: needs('promtool'), concurrency: 2 }, () => {
  const run = promisify(execFile);
  for (const { alert } of ALERT_CASES) {
    const files = Object.entries(SUITES)
      .filter(([, suite]) => suite.alert === alert)
      .map(([name]) => `prometheus/tests/${name}.yml`);
    it(alert, async () => {
      // Less garbage collection: a third of its time.
      const env = { ...process.env, GOGC: '400' };
      await run('promtool', ['test', 'rules', ...files], { cwd: ROOT, env }).catch(({ stdout, stderr }) =>
        assert.fail(`${stdout}${stderr}`),
      );
    });
  }
});

describe('the tests of alerts', () => {
  const casesOf = (cases: AlertCases): [string, Case][] =>
    Object.entries<Case>(cases.states).concat(Object.entries(cases.more));

  it('are there for every alert and every state, each with what fires', () => {
    assert.deepEqual(
      ALERT_CASES.map((cases) => cases.alert).sort(),
      [...new Set(THRESHOLDS.map((t) => t.alert))].sort(),
    );
    for (const cases of ALERT_CASES) {
      assert.deepEqual(Object.keys(cases.states), [...STATES], cases.alert);
      for (const [name, one] of casesOf(cases)) {
        const asserted = Object.keys(one.at ?? {}).length > 0 || one.silentUntil !== undefined;
        assert.ok(asserted, `${cases.alert}: ${name} expects nothing`);
      }
    }
    const cells = ALERT_CASES.length * STATES.length;
    assert.equal(cells, ALERT_CASES.flatMap((cases) => Object.values(cases.states)).length);
  });

  it('are no two of them the same', () => {
    for (const cases of ALERT_CASES) {
      const seen = new Map<string, string>();
      for (const [name, { series }] of casesOf(cases)) {
        const text = JSON.stringify(series);
        assert.equal(
          seen.get(text),
          undefined,
          `${cases.alert}: ${name} is tried in what ${seen.get(text)} is`,
        );
        seen.set(text, name);
      }
    }
  });

  it('show each alert firing with what it says, and each but the Watchdog silent', () => {
    for (const rule of ALERT_RULES) {
      const { severity, window } = rule.labels;
      const cases = ALERT_CASES.find((c) => c.alert === rule.alert)!;
      const all = casesOf(cases).map(([, one]) => one);
      const same = (labels: Readonly<Record<string, string>>) =>
        labels.severity === severity && labels.window === window;
      const name = `${rule.alert} ${severity} ${window ?? ''}`;
      const saying = all.flatMap((one) => Object.values(one.says ?? {}).flat());
      assert.ok(
        saying.some(([labels]) => same(labels)),
        `what ${name} says is not tested`,
      );
      if (severity === 'none') continue;
      const silent = all.some(
        (one) => one.silentUntil !== undefined || Object.values(one.at ?? {}).some((set) => set.length === 0),
      );
      assert.ok(silent, `${name} is never shown silent`);
      // It ends, and begins not at once.
      const ends = all.some(({ at }) => {
        const sets = Object.values(at ?? {});
        const on = sets.findIndex((set) => set.some(same));
        return on > 0 && sets.slice(on).some((set) => !set.some(same));
      });
      assert.ok(ends, `${name} is never shown to begin and to end`);
    }
  });
});

describe('every alert', () => {
  const runbook = read('docs/alerts.md');
  const anchors = [...runbook.matchAll(/^### (\S+)$/gm)].map(([, heading]) => heading!.toLowerCase());

  for (const { alert, labels, annotations, expr } of ALERT_RULES) {
    const { severity, window } = labels;
    it(`${alert} (${[severity, window].filter(Boolean).join(', ')}) has severity, texts and a chapter`, () => {
      assert.ok((SEVERITIES as readonly string[]).includes(severity!), severity);
      assert.deepEqual(Object.keys(annotations), ['summary', 'description', 'runbook_url']);
      assert.ok(annotations.description.length > 40);
      assert.doesNotMatch(annotations.summary, /[{](?:limit|window)[}]/);
      const [page, anchor] = annotations.runbook_url.split('#');
      assert.equal(page, 'docs/alerts.md');
      assert.ok(anchors.includes(anchor!), `docs/alerts.md has no chapter ${anchor}`);
      if (alert !== 'Watchdog') assert.match(expr, /^absent|\s(?:>|<|>=|==) /m, 'it compares nothing');
    });
  }

  it('waits as long as it is meant to', () => {
    // By hand, since the tests of rules see whole minutes, or five.
    const meant = `
      SoakSuccessRateLow critical 2m 5m · SoakSuccessRateLow warning 5m 5m · SoakSuccessBelowObjective info 15m
      SoakErrorBudgetBurn 1h critical 2m · SoakErrorBudgetBurn 6h critical 15m
      SoakErrorBudgetBurn 1d warning 1h · SoakErrorBudgetBurn 3d warning 3h
      SoakTTFBHigh critical 5m · SoakTTFBHigh warning 5m · SoakTTFBMeanHigh warning 10m
      SoakStreamDurationHigh critical 5m · SoakStreamDurationHigh warning 10m · SoakDrift warning 5m
      SoakResponsesBuffered warning 5m · SoakStalledStreams warning 5m · SoakConcurrencyHigh critical 1m · SoakConcurrencyHigh warning 10m
      SoakConcurrencyHigh info 5m · SoakDown critical 2m · SoakNotMakingProgress critical 2m
      SoakGeneratorSaturated warning 5m · SoakProcessCpuHigh warning 10m · SoakProcessMemoryHigh warning 10m
      SoakFileDescriptorsHigh warning 10m · SoakScheduleMissed warning 5m · SoakHistoryFailing warning 5m · Watchdog none
      SoakTargetCpuHigh warning 10m · SoakTargetMemoryHigh warning 10m · SoakTargetNetworkHigh warning 10m`;
    const made = ALERT_RULES.map(({ alert, labels, for: waiting, keep_firing_for: keeping }) =>
      [alert, labels.window, labels.severity, waiting, keeping].filter(Boolean).join(' '),
    );
    assert.deepEqual(
      made.sort(),
      meant
        .trim()
        .split(/\s*[·\n]\s*/)
        .sort(),
    );
  });

  it('of one name differs in severity or window, so that one inhibits the other', () => {
    const keys = ALERT_RULES.map(({ alert, labels }) => `${alert} ${labels.severity} ${labels.window ?? ''}`);
    assert.equal(new Set(keys).size, keys.length);
  });

  it('has a chapter that says all there is to say', () => {
    for (const [alert, { causes, investigate }] of Object.entries(ALERTS)) {
      const [, chapter] = new RegExp(`^### ${alert}\n([\\s\\S]*?)(?=^### |<!-- /runbook)`, 'm').exec(
        runbook,
      )!;
      for (const part of [
        '**What to do.**',
        '**Likely causes**',
        '**Where to look**',
        ...causes,
        ...investigate,
      ])
        assert.ok(chapter!.includes(part), `${alert}: ${part}`);
    }
  });
});

/** What pint and the like would look at, as far as the text of a rule tells it. */
describe('the expressions', () => {
  const own = new Map(Object.values<MetricInfo>(METRICS).map((info) => [info.name, info]));
  // Those that are promised: rules must be right before they are there.
  for (const [, names, type, labels] of OBSERVABILITY)
    for (const name of names.split(' '))
      if (!own.has(name)) own.set(name, { name, type, help: '', labels: labels.split(' ').filter(Boolean) });
  const FOREIGN: Readonly<Record<string, 'counter' | 'gauge'>> = {
    up: 'gauge',
    process_cpu_seconds_total: 'counter',
    process_resident_memory_bytes: 'gauge',
    process_open_fds: 'gauge',
    process_max_fds: 'gauge',
    node_cpu_seconds_total: 'counter',
    node_memory_MemAvailable_bytes: 'gauge',
    node_memory_MemTotal_bytes: 'gauge',
    node_network_receive_bytes_total: 'counter',
    node_network_transmit_bytes_total: 'counter',
    node_network_speed_bytes: 'gauge',
  };
  const NAMES = /(?<![\w:"])((?:soak|process|node)_\w+|up|(?:job|instance|target):[\w:]+)(\{[^}]*\})?/g;

  /** Of what type a series is; `undefined` where there is none of this name. */
  function typeOf(name: string): 'counter' | 'gauge' | undefined {
    if (name in FOREIGN) return FOREIGN[name];
    if (name.includes(':')) return RECORDED.includes(name) ? 'gauge' : undefined;
    const [, base] = /^(.*)_(?:count|sum|bucket)$/.exec(name) ?? [];
    if (own.get(base ?? '')?.type === 'histogram') return 'counter';
    const type = own.get(name)?.type;
    return type === 'histogram' ? undefined : type;
  }

  /** Every use of a series, with the function that it stands in. */
  const uses = RULES.flatMap(({ expr }) =>
    [...expr.matchAll(NAMES)].map((match) => ({
      expr,
      name: match[1]!,
      matchers: match[2] ?? '',
      window: /^\[(\w+)/.exec(expr.slice(match.index + match[0].length))?.[1],
      within: /(\w+)\($/.exec(expr.slice(0, match.index))?.[1],
    })),
  );

  it('are about series that exist', () => {
    assert.ok(uses.length > 80, `only ${uses.length} uses found`);
    for (const { name, expr } of uses) assert.ok(typeOf(name), `${name} in\n${expr}`);
  });

  it('match labels that the series have', () => {
    for (const { name, matchers, expr } of uses) {
      const info = own.get(name.replace(/_(?:count|sum|bucket)$/, '')) ?? own.get(name);
      const known = ['job', 'le', ...(info?.labels ?? ['mode', 'target'])];
      for (const [, label] of matchers.matchAll(/(\w+)(?:=|!)/g))
        assert.ok(known.includes(label!), `${name} has no label ${label}:\n${expr}`);
    }
  });

  it('take rates of counters, and look at gauges over time', () => {
    for (const { name, within, window, expr } of uses) {
      if (window === undefined) continue;
      const rate = within === 'rate' || within === 'increase';
      assert.equal(typeOf(name), rate ? 'counter' : 'gauge', `${within}(${name}):\n${expr}`);
    }
    // A counter as it stands says how long soakd runs, and nothing else.
    for (const { name, window, expr } of uses)
      if (window === undefined) assert.equal(typeOf(name), 'gauge', `${name}:\n${expr}`);
  });

  it('have windows of four scrapes at least', () => {
    const { global } = parse(read('prometheus/prometheus.yml')) as { global: { scrape_interval: string } };
    const scrape = Number.parseInt(global.scrape_interval, 10);
    for (const { window, expr } of uses) {
      const [, n, unit] = /^(\d+)([smhd])$/.exec(window ?? '4h')!;
      const seconds = Number(n) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's']!;
      assert.ok(seconds >= 4 * scrape, expr);
    }
  });

  it('wait for two scrapes at least where a series may be absent', () => {
    for (const rule of ALERT_RULES)
      if (rule.expr.includes('absent(')) assert.match(rule.for ?? '', /^\d+m$/, rule.alert);
  });

  it('hide no division by zero', () => {
    for (const { expr } of RULES) {
      assert.doesNotMatch(expr, /clamp_min/);
      for (const [, divisor] of expr.matchAll(/\n\/\n\s*(.*)/g))
        assert.match(divisor!, /> 0\)$|^sum without \(cpu, mode\)/, expr);
    }
  });

  it('record under level:metric:operations, each name once and for some use', () => {
    assert.equal(new Set(RECORDED).size, RECORDED.length);
    const used = new Set(uses.map((use) => use.name));
    for (const name of RECORDED) {
      assert.match(name, /^(?:instance|target):[a-z0-9_]+:[a-z0-9_]+$/);
      assert.ok(used.has(name), `${name} is recorded and not used`);
    }
  });
});
