import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import { METRICS } from '../../src/catalog/metrics.ts';
import { DEFAULT_DASHBOARDS, dashboardFiles } from '../../src/gen/dashboards/files.ts';
import { limitColours, limitLines } from '../../src/gen/dashboards/limit-lines.ts';
import { refIdOf } from '../../src/gen/dashboards/panels.ts';
import type { LimitSettings } from '../../src/gen/limits.ts';
import { ALERTS, THRESHOLDS } from '../../src/thresholds/table.ts';
import { lint, RULES } from './dashboards-lint.ts';
import { annotationsOf, panelsOf, readDashboard, variablesOf } from './dashboards-reading.ts';

const NONE: LimitSettings = { thresholds: [], targets: [] };
const settings = (
  common: Record<string, number | 'off'>,
  own: Record<string, Record<string, number | 'off'>> = {},
) => {
  const list = (limits: Record<string, number | 'off'>) =>
    Object.entries(limits).map(([id, limit]) => ({ id, limit }));
  const targets = Object.entries(own).map(([name, limits]) => ({ name, thresholds: list(limits) }));
  return { thresholds: list(common), targets };
};

const made = (options = {}) =>
  Object.values(dashboardFiles({ ...DEFAULT_DASHBOARDS, ...options })).map(readDashboard);
const [overview, target] = made() as [Dashboard, Dashboard, Dashboard];
const panel = (dashboard: Dashboard, title: string): Panel =>
  panelsOf(dashboard).find((p) => p.title === title) ?? assert.fail(`no panel ${title}`);

/** What is done to a good dashboard, and the rule that must find it. */
const MISTAKES: readonly [rule: keyof typeof RULES, what: string, mistake: (d: Dashboard) => unknown][] = [
  [
    'template-datasource-rule',
    'a datasource of another name',
    (d) => (variable(d, 'datasource').name = 'ds'),
  ],
  ['template-job-rule', 'no job', (d) => (variable(d, 'job').name = 'jobs')],
  ['template-job-rule', 'a job of its own datasource', (d) => (variable(d, 'job').datasource = { uid: 'x' })],
  ['template-instance-rule', 'another All', (d) => (variable(d, 'instance').allValue = '.*')],
  ['template-instance-rule', 'one instance only', (d) => (variable(d, 'instance').multi = false)],
  ['template-label-promql-rule', 'no label_values', (d) => (variable(d, 'job').query = 'metrics(soak)')],
  ['template-on-time-change-reload-rule', 'values that stay', (d) => (variable(d, 'job').refresh = 1)],
  ['panel-datasource-rule', 'a fixed datasource', (d) => (first(d).datasource = { uid: 'prometheus' })],
  ['panel-title-description-rule', 'no description', (d) => delete first(d).description],
  ['panel-units-rule', 'no unit', (d) => delete first(d).fieldConfig!.defaults.unit],
  ['panel-units-rule', 'a unit that is none', (d) => (first(d).fieldConfig!.defaults.unit = 'seconds')],
  ['panel-no-targets-rule', 'no query', (d) => (first(d).targets = [])],
  ['target-promql-rule', 'no PromQL', (d) => (query(d).expr = 'sum(')],
  ['target-promql-rule', 'a variable that is not there', (d) => (query(d).expr = 'sum($x)')],
  [
    'target-rate-interval-rule',
    'a fixed range',
    (d) => asks(d, 'soak_chunks_received_total', '[5m]', 'rate'),
  ],
  [
    'target-job-rule',
    'a fixed job',
    (d) => (query(d).expr = 'soak_run_active{job="soak", instance=~"$instance"}'),
  ],
  ['target-instance-rule', 'no instance', (d) => (query(d).expr = 'soak_run_active{job=~"$job"}')],
  ['target-counter-agg-rule', 'a bare counter', (d) => asks(d, 'soak_chunks_received_total')],
  [
    'target-counter-agg-rule',
    'another function',
    (d) => asks(d, 'soak_runs_total', '[$__rate_interval]', 'delta'),
  ],
  ['uneditable-dashboard', 'one that can be edited', (d) => (d.editable = true)],
  ['a metric that exists', 'one that is not measured', (d) => asks(d, 'soak_streams_opened')],
  ['a metric that exists', 'a histogram without its part', (d) => asks(d, METRICS.ttfb.name)],
  [
    'labels that it has',
    'a label that it has not',
    (d) => (query(d).expr = query(d).expr.replace('{', '{stage="1", ')),
  ],
  [
    'labels that something has',
    'a sum by one',
    (d) => (query(d).expr = query(d).expr.replace('scenario', 'stage')),
  ],
  ['labels that something has', 'a legend with one', (d) => (query(d).legendFormat = '{{stage}}')],
  ['what Grafana needs', 'two panels with one number', (d) => (first(d).id = panelsOf(d)[1]!.id!)],
  ['what Grafana needs', 'no uid', (d) => delete d.uid],
  ['a place of its own', 'one over the other', (d) => (first(d).gridPos!.w = 4)],
  ['a place of its own', 'one outside', (d) => (first(d).gridPos!.x = 22)],
  ['queries of a panel have names of their own', 'a query without', (d) => delete query(d).refId],
  ['says what to do', 'a description that does not', (d) => (first(d).description = 'Streams.')],
  ['legends are shown', 'a hidden one', (d) => (panel(d, 'TTFB').options.legend.showLegend = false)],
];

const first = (d: Dashboard) => panelsOf(d)[0]!;
const query = (d: Dashboard) => first(d).targets![0] as Dataquery;
const variable = (d: Dashboard, name: string) => variablesOf(d).find((v) => v.name === name)!;
function asks(d: Dashboard, name: string, range = '', call = ''): void {
  query(d).expr = `${call}(${name}{job=~"$job", instance=~"$instance"}${range})`;
  query(d).legendFormat = '';
}

describe('the lint', () => {
  for (const [rule, what, mistake] of MISTAKES) {
    it(`finds ${what}`, () => {
      const dashboard = structuredClone(overview);
      mistake(dashboard);
      const found = lint(dashboard);
      assert.ok(
        found.some((line) => line.startsWith(`${rule}: `)),
        `${rule} did not: ${found.join('\n')}`,
      );
    });
  }

  it('has a mistake for each of its rules', () => {
    assert.deepEqual(
      Object.keys(RULES).filter((rule) => !MISTAKES.some(([of]) => of === rule)),
      [],
    );
  });
});

describe('dashboards', () => {
  it('are the same each time they are made', () => {
    assert.deepEqual(dashboardFiles(DEFAULT_DASHBOARDS), dashboardFiles(DEFAULT_DASHBOARDS));
  });

  it('are found by one another, with time and variables kept', () => {
    for (const { links = [], tags } of made()) {
      const [link] = links;
      assert.deepEqual([link?.type, link?.keepTime, link?.includeVars], ['dashboards', true, true]);
      assert.deepEqual(link?.tags, tags);
      // In a menu nobody finds them.
      assert.equal('placement' in link!, false);
    }
  });

  it('share the crosshair, and show runs and alerts as annotations', () => {
    for (const dashboard of made()) {
      assert.equal(dashboard.graphTooltip, 1);
      assert.deepEqual(
        annotationsOf(dashboard).map(({ name, enable, useValueForTime = false }) => [
          name,
          enable,
          useValueForTime,
        ]),
        [
          ['Run started', true, true],
          ['Run ended', true, true],
          ['Run resumed', true, false],
          ['Alerts', true, false],
        ],
      );
    }
  });

  it('lead from the worst targets down to their own dashboard', () => {
    const { overrides } = panel(overview, 'Targets, the worst first').fieldConfig!;
    const links = overrides.flatMap(({ properties }) => properties).find(({ id }) => id === 'links');
    const [{ url }] = links!.value as [{ url: string }];
    assert.equal(url.split('?')[0], `/d/${target.uid}`);
    assert.match(url, /var-target=\$\{__value\.raw\}/);
  });

  it('say what the runbook says', () => {
    const { description } = panel(overview, 'TTFB');
    assert.ok(description!.includes(ALERTS.SoakTTFBHigh!.action));
  });

  it('name queries beyond Z', () => {
    assert.deepEqual([0, 25, 26, 27, 52].map(refIdOf), ['A', 'Z', 'AA', 'AB', 'BA']);
  });
});

const SCOPE = 'job="soak"';
const SUCCESS = ['success-objective', 'success-rate', 'success-rate-critical'];
const value = (id: string) => THRESHOLDS.find((t) => t.id === id)!.limit;

describe('limits in dashboards', () => {
  it('are those of the table, each in the colour of its severity', () => {
    const { steps, queries } = limitLines(SUCCESS, NONE, SCOPE);
    assert.deepEqual(queries, []);
    assert.deepEqual(steps, [
      { value: value('success-rate-critical'), colour: 'red' },
      { value: value('success-rate'), colour: 'orange' },
      { value: value('success-objective'), colour: 'blue' },
    ]);
    const drawn = (title: string) =>
      panel(overview, title).fieldConfig!.defaults.thresholds!.steps.map((step) => step.value);
    assert.deepEqual(drawn('Success').length, 4);
    assert.deepEqual(drawn('TTFB'), [null, 2.5]);
    assert.deepEqual(drawn('Duration of successes'), [null, 35, 40, 50]);
  });

  it('with one value are drawn once, as the more serious', () => {
    const { steps } = limitLines(['ttfb-p95', 'ttfb-p50'], NONE, SCOPE);
    assert.deepEqual(steps, [{ value: 2.5, colour: 'red' }]);
  });

  it('of a configuration replace them', () => {
    const { steps } = limitLines(
      SUCCESS,
      settings({ 'success-rate': 0.9, 'success-objective': 'off' }),
      SCOPE,
    );
    // The critical one follows, so that it is never stricter.
    assert.deepEqual(steps, [{ value: 0.9, colour: 'red' }]);
  });

  it('of single targets are queries, for the others too', () => {
    const own = settings({}, { a: { 'ttfb-p95': 1200 }, b: { 'ttfb-p95': 'off' }, c: { 'ttfb-p95': 1200 } });
    const { steps, queries } = limitLines(['ttfb-p95'], own, SCOPE);
    assert.deepEqual(steps, []);
    assert.equal(queries.length, 1);
    assert.equal(
      queries[0]!.expr,
      'label_replace(2.5 * group(soak_streams_desired{job="soak", target!~"a|c|b"}), "limit", "ttfb-p95 2.5 s", "", "") or ' +
        'label_replace(1.2 * group(soak_streams_desired{job="soak", target=~"a|c"}), "limit", "ttfb-p95 1.2 s (a, c)", "", "")',
    );
  });

  it('leave goodput out where no target has an objective, and only there', () => {
    const titles = (targets: LimitSettings['targets']) => {
      const [, ofTarget] = made({ settings: { thresholds: [], targets } });
      assert.deepEqual(lint(ofTarget!), []);
      return panelsOf(ofTarget!).map((p) => p.title);
    };
    const a = { name: 'a', thresholds: [] };
    assert.ok(!titles([a]).includes('Goodput'));
    assert.ok(titles([a, { name: 'b', thresholds: [], objective: { ttftMs: 2000 } }]).includes('Goodput'));
    assert.ok(titles([]).includes('Goodput'), 'no configuration is known');
  });

  it('that are off for all are not drawn', () => {
    const off = settings({ 'ttfb-p95': 'off', 'ttfb-p50': 'off', 'ttfb-mean': 'off' });
    assert.deepEqual(limitLines(['ttfb-p95', 'ttfb-p50'], off, SCOPE), { steps: [], queries: [] });
    const [without] = made({ settings: off });
    assert.equal(panel(without!, 'TTFB').fieldConfig!.defaults.custom.thresholdsStyle.mode, 'off');
    assert.deepEqual(lint(without!), []);
  });

  it('with limits of single targets the dashboards are as good', () => {
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`target-${i}`, { 'ttfb-p95': 1000 + i, 'success-rate': 0.5 }]),
    );
    for (const dashboard of made({ settings: settings({ 'duration-mean': 10_000 }, many) }))
      assert.deepEqual(lint(dashboard), []);
  });

  it('colour a figure: what must be reached from below, what must not be passed from above', () => {
    assert.deepEqual(limitColours(SUCCESS, NONE), [
      { value: null, colour: 'red' },
      { value: 0.95, colour: 'orange' },
      { value: 0.99, colour: 'blue' },
      { value: 0.995, colour: 'green' },
    ]);
    assert.deepEqual(limitColours(['duration-mean', 'duration-mean-critical'], NONE), [
      { value: null, colour: 'green' },
      { value: 40, colour: 'orange' },
      { value: 50, colour: 'red' },
    ]);
    assert.deepEqual(limitColours(['ttfb-p95'], settings({ 'ttfb-p95': 'off' })), [
      { value: null, colour: 'text' },
    ]);
  });
});
