import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { METRICS } from '../../src/catalog/metrics.ts';
import type { MetricInfo } from '../../src/core/metric-info.ts';
import { type Database, openDatabase } from '../../src/history/database.ts';
import { openMetrics } from '../../src/history/open-metrics.ts';
import { HistoryReader } from '../../src/history/reader.ts';
import { PrometheusExporter } from '../../src/sink/prometheus/exporter.ts';
import { fill, openHistory, START_AT } from '../../support/history/filled.ts';
import { needs } from '../../support/needs.ts';
import { type Prometheus, startPrometheus } from '../../support/prometheus.ts';
import { said } from '../../support/promtool.ts';
import { LAYOUT, target } from '../../support/run/samples.ts';

const WINDOWS = 360;
const END_S = START_AT / 1000 + WINDOWS * 10;

const { folder, history, remove } = await openHistory();
const SUMMARY = await fill(history, 'r1', { windows: WINDOWS });
await fill(history, 'live', { windows: 5, startedAt: START_AT + 86_400_000, active: true });
const db: Database = openDatabase(join(folder, 'history.db'), { readOnly: true });
after(async () => {
  db.close();
  await remove();
});

const text = (ref = 'r1', more: object = {}): string =>
  [...openMetrics(new HistoryReader(db), ref, { width: 10_000, ...more })].join('');

describe('OpenMetrics of a run', () => {
  it('has the series of /metrics, with their names, labels and buckets', async () => {
    const exporter = new PrometheusExporter({
      build: { version: '1', revision: '1', nodeVersion: '1' },
      targets: ['a', 'b'].map((name) => target(name)),
      timingLimits: { ttfb: [1234] },
      logMessages: () => 0,
      reloads: () => ({ successful: true, successAt: 0 }),
      idle: { atMs: 0, layout: LAYOUT, values: new Float64Array(LAYOUT.size), desired: [0, 0] },
    });
    const scraped = await exporter.scrape();
    exporter.close();
    const seriesOf = (lines: string): Set<string> =>
      new Set(
        lines
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('#'))
          .map((line) => line.replace(/[}] .*$/, '}').replace(/^(\w+) .*$/, '$1')),
      );
    const live = seriesOf(scraped);
    const own = seriesOf(text());
    const odd = [...own].filter((line) => !live.has(line) && !line.startsWith('soak_run_info'));
    assert.deepEqual(odd, []);
    assert.ok(
      own.has('soak_stream_ttfb_seconds_bucket{le="1.234",target="a"}'),
      [...own].join('\n').slice(0, 2000),
    );
    // What a run does not keep: it is about the process, or about what the service evaluates.
    const missing = [...live].filter(
      (line) =>
        /target="/.test(line) &&
        !own.has(line) &&
        !/^soak_(load_delivered_ratio|target_memory|token_refresh)/.test(line),
    );
    assert.deepEqual(missing, []);
  });

  it('has each family and each series in one place, and times that rise', () => {
    const lines = text().split('\n');
    assert.deepEqual(lines.slice(-2), ['# EOF', '']);
    const families = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]!);
    assert.equal(new Set(families).size, families.length);
    const seen = new Set<string>();
    let last = '';
    let at = 0;
    let family = '';
    for (const line of lines.slice(0, -2)) {
      if (line.startsWith('# TYPE')) family = line.split(' ')[2]!;
      if (line.startsWith('#')) continue;
      const [, series, time] = /^(.*?) \S+ (\S+)$/.exec(line)!;
      assert.ok(series!.startsWith(family), line);
      if (series === last) assert.ok(Number(time) > at, line);
      else assert.ok(!seen.has(series!), `${series} twice`);
      seen.add(series!);
      last = series!;
      at = Number(time);
    }
    const names = new Map(Object.values<MetricInfo>(METRICS).map((m) => [m.name.replace(/_total$/, ''), m]));
    for (const name of families) assert.ok(names.has(name), name);
  });

  it('lacks the open window of an active run', () => {
    const times = [...text('live').matchAll(/^soak_streams_started_total\{target="a"\} \S+ (\S+)$/gm)];
    assert.equal(times.length, 5);
    assert.equal(Number(times.at(-1)![1]), START_AT / 1000 + 86_400 + 40);
  });

  it('has labels of the caller, but not those of the series', () => {
    const labels = { job: 'soak', instance: 'a"b\\c' };
    assert.match(
      text('r1', { labels }),
      /^soak_streams_started_total\{target="a",job="soak",instance="a\\"b\\\\c"\} 0 /m,
    );
    assert.throws(() => text('r1', { labels: { target: 'x' } }), { code: 'USAGE' });
  });
});

describe('OpenMetrics of a run in Prometheus', { skip: needs('prometheus', 'promtool') }, () => {
  let prometheus: Prometheus;
  const made = mkdtempSync(join(tmpdir(), 'soakd-blocks-'));
  before(async () => {
    writeFileSync(join(made, 'run.txt'), text());
    writeFileSync(join(made, 'prometheus.yml'), 'global: {}\n');
    const blocks = join(made, 'blocks');
    mkdirSync(blocks);
    const { status, text: output } = said('promtool', [
      ...['tsdb', 'create-blocks-from', 'openmetrics', join(made, 'run.txt'), blocks],
    ]);
    assert.equal(status, 0, output);
    prometheus = await startPrometheus({ configFile: join(made, 'prometheus.yml'), blocks });
  });
  after(async () => {
    await prometheus?.stop();
    rmSync(made, { recursive: true, force: true });
  });

  it('counts as the summary does, to the last stream', async () => {
    const value = (promql: string) => prometheus.queryValue(promql, END_S);
    for (const { name, streams, chunks, inputTokens } of SUMMARY.targets) {
      assert.equal(
        await value(`sum(soak_streams_finished_total{target="${name}",result="success"})`),
        streams.results.success,
      );
      assert.equal(
        await value(`sum(increase(soak_streams_finished_total{target="${name}",result="failed"}[2h]))`),
        streams.results.failed,
      );
      assert.equal(await value(`increase(soak_chunks_received_total{target="${name}"}[2h])`), chunks);
      assert.equal(await value(`soak_input_tokens_total{target="${name}"}`), inputTokens);
    }
    assert.equal(
      await value('sum(soak_streams_finished_total)'),
      SUMMARY.streams.finished.complete +
        SUMMARY.streams.finished.truncated +
        SUMMARY.streams.finished.cancelled,
    );
    assert.equal(await value('max(resets(soak_streams_finished_total[2h]))'), 0);
    assert.equal(await value('count(soak_run_info{run="r1"})'), 1);
  });

  it('has the timings of the summary, to the width of a bucket', async () => {
    for (const { name, ttfbMs, successDurationMs } of SUMMARY.targets) {
      const value = (promql: string) => prometheus.queryValue(promql, END_S);
      const of = `{target="${name}"}`;
      assert.equal(await value(`soak_stream_ttfb_seconds_count${of}`), ttfbMs.count);
      const mean = await value(`soak_stream_ttfb_seconds_sum${of} / soak_stream_ttfb_seconds_count${of}`);
      assert.ok(Math.abs(mean * 1000 - ttfbMs.mean!) < 1e-6 * ttfbMs.mean!);
      const p50 = await value(
        `histogram_quantile(0.5, sum by (le) (rate(soak_stream_ttfb_seconds_bucket${of}[2h])))`,
      );
      // Values are even from 1 ms to 4 s; buckets there are 0.5 and 1 s wide.
      assert.ok(Math.abs(p50 * 1000 - ttfbMs.p50!) < 60, `${p50} s for ${ttfbMs.p50} ms`);
      const p95 = await value(
        `histogram_quantile(0.95, rate(soak_stream_duration_seconds_bucket{target="${name}",result="success"}[2h]))`,
      );
      assert.ok(p95 > 1 && p95 <= 5 && successDurationMs.p95! <= 5000);
    }
  });
});
