import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { stringify } from 'yaml';
import { seededRandom } from '../../src/core/random.ts';
import { DEFAULT_RULES, ruleFiles } from '../../src/gen/rules.ts';
import { slotsOf, timingRecord } from '../../src/measures/list.ts';
import { bounded, evaluate } from '../../src/thresholds/evaluate.ts';
import { measureNamed } from '../../src/thresholds/measures/list.ts';
import { thresholdById } from '../../src/thresholds/table.ts';
import type { Threshold } from '../../src/thresholds/threshold.ts';
import { needs } from '../../support/needs.ts';

/** Thresholds that are compared, each with its limit, and with windows of its own. */
const LIMITS: Readonly<Record<string, number>> = {
  'success-rate': 0.99,
  'success-rate-critical': 0.93,
  'ttfb-p95': 2500,
  'ttfb-p50': 1200,
  'ttfb-mean': 2500,
  'ttft-p90': 3000,
  'ttft-max': 7000,
  'gap-p99': 500,
  'gap-p99.9': 750,
  'gap-mean': 85,
  'connect-p99': 70,
  'headers-p50': 333,
  'duration-p95': 41_000,
  'duration-mean': 40_000,
  'effective-p99': 90_000,
  'stalled-share': 0.07,
  'concurrency-soft': 1500,
};
const WINDOWS = 30;
const MINUTES = 5;

/** What one target counts each minute. */
interface Window {
  readonly target: string;
  readonly count: number;
  /** Of a share: how many of them are on the wrong side; of a mean: their sum, ms. */
  readonly part: number;
}

const random = seededRandom(17, 0);
const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));

/** The share at which the threshold turns, of shares. */
const SHARES: Readonly<Record<string, number>> = {
  p50: 0.5,
  p90: 0.1,
  p95: 0.05,
  p99: 0.01,
  'p99.9': 0.001,
  max: 0,
};

/** Around the edge, at it, and around the count that is needed. */
function windowOf(threshold: Threshold, limit: number, target: string): Window {
  const { statistic, minCount, metric } = threshold;
  const least = Math.ceil(minCount / MINUTES);
  const count =
    metric === 'active' ? 1 : random() < 0.2 ? Math.max(1, least + whole(-1, 1)) : whole(1, 40) * 25;
  if (metric === 'active') return { target, count, part: limit + whole(-1, 1) };
  if (statistic === 'mean') return { target, count, part: count * limit + whole(-2, 2) };
  const share = metric === 'success' ? 1 - limit : metric === 'stalled' ? limit : SHARES[statistic]!;
  return { target, count, part: Math.max(0, Math.min(count, Math.round(share * count) + whole(-1, 1))) };
}

/** As the metrics have it: counters that rise by the same each minute, or gauges that stand. */
function seriesOf({ metric, statistic }: Threshold, limit: number, { target, count, part }: Window) {
  const job = 'job="soak", instance="a:1"';
  const labels = `${job}, target="${target}"`;
  const rises = (name: string, more: string, by: number) => ({
    series: `${name}{${labels}${more}}`,
    values: `0+${by}x20`,
  });
  const stands = (name: string, more: string, at: number) => ({
    series: `${name}{${labels}${more}}`,
    values: `${at}x20`,
  });
  if (metric === 'success')
    return [
      rises('soak_streams_finished_total', ', result="failed", outcome="reset"', part),
      rises('soak_streams_finished_total', ', result="success", outcome="complete"', count - part),
    ];
  if (metric === 'stalled')
    return [
      stands('soak_streams_stalled', '', part),
      stands('soak_streams_active', ', phase="streaming"', count),
    ];
  if (metric === 'active') return [stands('soak_streams_active', ', phase="streaming"', part)];
  const record = timingRecord(measureNamed(metric).timing!);
  const more = record.byResult === true ? ', result="success"' : '';
  const { name } = record.metric;
  return [
    rises(`${name}_count`, more, count),
    ...(statistic === 'mean'
      ? [rises(`${name}_sum`, more, part / 1000)]
      : [rises(`${name}_bucket`, `${more}, le="${limit / 1000}"`, count - part)]),
  ];
}

/** The same window, as the service itself sums it. */
function crossedHere(threshold: Threshold, limit: number, { count, part }: Window): boolean {
  const watched = bounded(threshold, limit, 0.005);
  const over = watched.evaluator.sums.map(({ key }) => {
    if (threshold.metric === 'active') return key === 'polls' ? 60 : part * 60;
    if (threshold.metric === 'stalled') return { stalled: part * 60, active: count * 60, polls: 60 }[key]!;
    return (key === 'finished' || key.endsWith(':count') ? count : part) * MINUTES;
  });
  const found = evaluate(watched, { sums: over, short: over, activeMax: part }, threshold.minCount);
  assert.notEqual(found.kind, 'inconclusive');
  return found.kind === 'crossed';
}

describe('a threshold of the service and its rule', { skip: needs('promtool') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'soakd-rules-'));
  for (const [id, limit] of Object.entries(LIMITS)) {
    it(`agree at and around the edge: ${id}`, (t) => {
      t.after(() => rmSync(join(folder, id), { force: true, recursive: true }));
      const threshold = thresholdById(id)!;
      const windows = Array.from({ length: WINDOWS }, (_, i) => windowOf(threshold, limit, `t${i}`));
      const crossed = windows.filter((w) => crossedHere(threshold, limit, w)).map((w) => w.target);
      // Both sides are tried.
      assert.ok(crossed.length > 0 && crossed.length < WINDOWS, `${crossed.length} of ${WINDOWS}`);

      const settings = { thresholds: [{ id, limit }], targets: [] };
      const files = ruleFiles({ ...DEFAULT_RULES, settings }, '# of a test');
      const [rules, text] = Object.entries(files).find(([, made]) =>
        made.includes(`alert: ${threshold.alert}\n`),
      )!;
      writeFileSync(join(folder, rules), text);
      const file = join(folder, `${id}.yml`);
      const labels = (target: string) =>
        `ALERTS{alertname="${threshold.alert}", job="soak", severity="${threshold.severity}", target="${target}"${threshold.labelled === true ? `, threshold="${id}"` : ''}}`;
      const expr = `max without (alertstate) (ALERTS{alertname="${threshold.alert}", severity="${threshold.severity}"${threshold.labelled === true ? `, threshold="${id}"` : ''}})`;
      const test = {
        interval: '1m',
        input_series: [
          { series: 'soak_run_active{job="soak", instance="a:1"}', values: '1x20' },
          ...windows.flatMap((w) => seriesOf(threshold, limit, w)),
        ],
        promql_expr_test: [
          {
            expr,
            eval_time: '10m',
            exp_samples: crossed.map((target) => ({
              labels: labels(target).replace('ALERTS', ''),
              value: 1,
            })),
          },
        ],
      };
      writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: '1m', tests: [test] }));
      try {
        execFileSync('promtool', ['test', 'rules', file], { cwd: folder, stdio: 'pipe' });
      } catch (error) {
        assert.fail(String((error as { stdout?: Buffer; stderr?: Buffer }).stderr ?? error).slice(0, 4000));
      }
    });
  }

  it('are compared on 500 windows', () => {
    assert.ok(Object.keys(LIMITS).length * WINDOWS >= 500);
    assert.ok(slotsOf('duration').length > 1);
    rmSync(folder, { recursive: true });
  });
});
