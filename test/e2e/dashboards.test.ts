import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { parseConfig } from '../../src/config/load.ts';
import { DEFAULT_DASHBOARDS } from '../../src/gen/dashboards/dashboard-options.ts';
import { dashboardFiles } from '../../src/gen/dashboards/files.ts';
import { DEFAULT_RULES, ruleFiles } from '../../src/gen/rules.ts';
import { needs } from '../../support/needs.ts';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { type Running, soakd, start } from '../../support/process.ts';
import { type Prometheus, startPrometheus } from '../../support/prometheus.ts';
import { type Served, serve } from '../../support/service.ts';
import {
  annotationsOf,
  filledIn,
  type PanelQuery,
  queriesOf,
  readDashboard,
  variablesOf,
} from '../gen/dashboards-reading.ts';

// Limits of one target differ, and so few streams reach those of concurrency that their lines are drawn.
const CONFIG = `
targets:
  - name: steady
    simulator: { preset: quick, chunks: 12 }
    objective: { ttft: 20s }
    thresholds: { success-rate: 90%, ttfb-p95: 5s, duration-mean: 30s }
  - name: faulty
    simulator: { preset: quick, chunks: 5, faults: { truncate: 20%, http503: 10% } }
scenarios:
  short:
    targets: [{ name: steady }, { name: faulty }]
    stages: [{ users: 60, for: 6s }]
schedules:
  yearly: { scenario: short, cron: "0 0 1 1 *" }
thresholds: { concurrency-soft: 20, concurrency-scale: 25, concurrency-hard: 30 }
`;

/** An hour back there was nothing: no rules, no soakd. */
const BEFORE_ALL = Date.now() / 1000 - 3600;

const committed = Object.values(dashboardFiles(DEFAULT_DASHBOARDS)).map(readDashboard);
const exported = Object.values(
  dashboardFiles({ ...DEFAULT_DASHBOARDS, settings: parseConfig(CONFIG, { file: 'test.yaml' }) }),
).map(readDashboard);

/** All of the variables that take several, and one target. */
function filled(dashboard: Dashboard, target: string, query: Partial<PanelQuery>, expr: string): string {
  const variables = Object.fromEntries(
    variablesOf(dashboard).map(({ name, multi }) => [name, multi === true ? '.+' : target]),
  );
  const text = filledIn(expr, query, { variables, intervalSeconds: 1, scrapeSeconds: 1 });
  assert.doesNotMatch(text, /\$/, 'a variable that nobody fills in');
  return text;
}

describe('dashboards on the real Prometheus', {
  skip: needs('prometheus', 'node-exporter'),
}, () => {
  let folder: string;
  let host: Running;
  let service: Served;
  let prometheus: Prometheus;
  let startedAt: number;
  /** soakd after the end of its first process. */
  let again: Running | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soakd-dashboards-'));
    const hostPort = await freePort();
    host = start('prometheus-node-exporter', [
      `--web.listen-address=127.0.0.1:${hostPort}`,
      '--collector.disable-defaults',
      ...['cpu', 'meminfo', 'netdev'].map((collector) => `--collector.${collector}`),
    ]);
    service = await serve(CONFIG);
    // Windows and waiting times a hundredth as long, but of at least four scrapes: alerts fire within the test.
    const rules = ruleFiles({ ...DEFAULT_RULES, factor: 0.01, scrapeMs: 1000 }, '');
    for (const [name, text] of Object.entries(rules)) await writeFile(join(folder, name), text);
    const configFile = join(folder, 'prometheus.yml');
    await writeFile(
      configFile,
      `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ["${folder}/*.rules.yml"]
scrape_configs:
  - { job_name: soak, static_configs: [{ targets: ["127.0.0.1:${service.port}"] }] }
  - job_name: ${DEFAULT_DASHBOARDS.hostJob}
    static_configs: [{ targets: ["127.0.0.1:${hostPort}"], labels: { target: steady } }]
`,
    );
    startedAt = Date.now() / 1000;
    prometheus = await startPrometheus({ configFile });
  });
  after(async () => {
    await prometheus?.stop();
    await service?.stop();
    await again?.stop();
    await host?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** @returns the values of each series; an instant query has one of each */
  const answer = async ({ query }: PanelQuery, expr: string): Promise<(readonly number[])[]> => {
    if (query.instant === true) return (await prometheus.query(expr)).map(({ value }) => [value]);
    const series = await prometheus.queryRange(expr, startedAt, Date.now() / 1000, 1);
    return series.map(({ values }) => values);
  };

  it('idle: no error, no empty panel', async () => {
    // A rate needs two scrapes, and the last step of a query over time may lie a second back.
    const early = ['ALERTS', 'rate(soak_streams_started_total[4s])', 'rate(node_cpu_seconds_total[4s])'];
    for (const expr of early) {
      await poll(expr, async () => {
        const series = await prometheus.query(expr, Date.now() / 1000 - 1);
        return series.length > 0 || undefined;
      });
    }
    const empty: string[] = [];
    for (const dashboard of [...committed, ...exported]) {
      const filledPanels = new Map<string, number>();
      for (const item of queriesOf(dashboard)) {
        const series = await answer(item, filled(dashboard, 'steady', item, item.query.expr));
        const panel = `${item.dashboard} / ${item.panel.title}`;
        filledPanels.set(panel, (filledPanels.get(panel) ?? 0) + series.length);
      }
      for (const [panel, count] of filledPanels) if (count === 0) empty.push(panel);
    }
    assert.deepEqual(empty, []);
  });

  it('after a run: every query of every panel has figures', async () => {
    const reply = await service.startRun('short');
    assert.equal(reply.status, 201, await reply.text());
    await service.finished(60_000);
    await prometheus.scraped();
    const empty: string[] = [];
    for (const dashboard of [...committed, ...exported]) {
      for (const item of queriesOf(dashboard)) {
        const expr = filled(dashboard, 'steady', item, item.query.expr);
        const series = await answer(item, expr);
        if (!series.flat().some(Number.isFinite)) empty.push(`${item.where}: ${expr}`);
      }
    }
    assert.deepEqual(empty, []);
  });

  it('the faulty target has its own figures and alerts', async () => {
    const dashboard = committed.find(({ uid }) => uid === 'soak-target')!;
    const labels = async (title: string, target: string) => {
      const item = queriesOf(dashboard).find(({ panel }) => panel.title === title)!;
      const expr = filled(dashboard, target, item, item.query.expr);
      const series = await prometheus.queryRange(expr, startedAt, Date.now() / 1000, 1);
      return series
        .filter(({ values }) => values.some((v) => v > 0))
        .map((s) => Object.values(s.labels).join(' '));
    };
    assert.ok((await labels('Outcomes', 'faulty')).includes('truncated'));
    assert.deepEqual(await labels('Outcomes', 'steady'), ['complete']);
    assert.ok((await labels('Alerts', 'faulty')).includes('SoakSuccessRateLow faulty'));
    assert.ok((await labels('Status codes', 'faulty')).includes('503'));
  });

  it('goodput is shown for the target that has an objective alone', async () => {
    for (const dashboard of [committed, exported].map(
      (all) => all.find(({ uid }) => uid === 'soak-target')!,
    )) {
      const item = queriesOf(dashboard).find(({ panel }) => panel.title === 'Goodput')!;
      const values = async (target: string) =>
        (await answer(item, filled(dashboard, target, item, item.query.expr))).flat().filter(Number.isFinite);
      assert.ok((await values('steady')).some((share) => share > 0.9));
      assert.deepEqual(await values('faulty'), []);
    }
  });

  it('limits of a target are drawn for it alone', async () => {
    const dashboard = exported.find(({ uid }) => uid === 'soak-target')!;
    const limit = async (title: string, target: string) => {
      const found = queriesOf(dashboard).filter(
        ({ panel, query }) => panel.title === title && query.expr.includes('"ttfb-p95'),
      );
      const expr = filled(dashboard, target, found[0]!, found[0]!.query.expr);
      return (await prometheus.query(expr)).map(({ value, labels }) => [labels.limit, value]);
    };
    assert.deepEqual(await limit('TTFB', 'steady'), [['ttfb-p95 5 s (steady)', 5]]);
    assert.deepEqual(await limit('TTFB', 'faulty'), [['ttfb-p95 2.5 s', 2.5]]);
  });

  it('a run that soakd resumes after kill -9 has its annotation', async () => {
    assert.equal((await service.startRun('short')).status, 201);
    await service.program.line(/"msg":"run started"/, 10_000);
    // Its counters are in the history, and Prometheus has them, before it ends.
    await prometheus.scraped();
    process.kill(service.program.pid, 'SIGKILL');
    await service.program.ended(10_000);
    again = soakd(['serve', '--config', service.file, '--port', String(service.port)]);
    await poll('the resume', async () => {
      const series = await prometheus.query('soak_run_resumes_total == 1', Date.now() / 1000 - 2);
      return series.length > 0 || undefined;
    });
    await service.finished(30_000);
  });

  it('annotations: runs at their own times, resumes and alerts', async () => {
    // The last step of a query over time may lie a second back.
    await poll('the end of the run', async () => {
      const series = await prometheus.query('soak_run_end_timestamp_seconds > 0', Date.now() / 1000 - 1);
      return series.length > 0 || undefined;
    });
    for (const dashboard of committed) {
      for (const { name, expr, useValueForTime } of annotationsOf(dashboard)) {
        const series = await prometheus.queryRange(
          filled(dashboard, 'faulty', {}, expr!),
          startedAt,
          Date.now() / 1000,
          1,
        );
        const values = series.flatMap((s) => s.values);
        assert.ok(values.length > 0, `${dashboard.uid} / ${name}`);
        if (useValueForTime !== true) continue;
        assert.ok(
          values.every((ms) => Math.abs(ms - Date.now()) < 120_000),
          `${name}: ${values}`,
        );
        assert.equal(series[0]!.labels.scenario, 'short');
      }
    }
  });

  it('variables find their values', async () => {
    for (const dashboard of committed) {
      for (const { name, query } of variablesOf(dashboard)) {
        const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(String(query)) ?? [];
        if (series === undefined) continue;
        const found = await prometheus.query(filled(dashboard, '', {}, series));
        const values = new Set(found.map(({ labels }) => labels[label!]));
        const expected = {
          job: ['soak'],
          instance: [`127.0.0.1:${service.port}`],
          target: ['faulty', 'steady'],
        };
        assert.deepEqual(
          [...values].sort(),
          expected[name as keyof typeof expected],
          `${dashboard.uid} / ${name}`,
        );
      }
    }
  });

  it('without rules the panels of alerts say so', async () => {
    for (const dashboard of committed) {
      for (const item of queriesOf(dashboard).filter(({ query }) => query.expr.includes('Watchdog'))) {
        const expr = filled(dashboard, 'steady', item, item.query.expr);
        assert.equal(await prometheus.queryValue(expr, BEFORE_ALL), -1, item.where);
      }
    }
  });
});
