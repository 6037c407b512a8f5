import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, describe, it } from 'node:test';
import { LOG_LEVELS, METRICS, RUN_VERDICTS } from '../../src/catalog/metrics.ts';
import { CELLS, type Cell, streamLayout, type TimingLimits } from '../../src/catalog/slots.ts';
import { FINISH_REASONS } from '../../src/core/finish-reason.ts';
import type { MetricInfo } from '../../src/core/metric-info.ts';
import { OUTCOMES, resultOf } from '../../src/core/outcome.ts';
import type { Run } from '../../src/core/run.ts';
import type { Timing } from '../../src/measures/list.ts';
import { PrometheusExporter } from '../../src/sink/prometheus/exporter.ts';
import { secondsToMs } from '../../src/sink/prometheus/series.ts';
import type { SeriesTarget } from '../../src/sink/prometheus/stream-series.ts';
import type { StreamSnapshot } from '../../src/sink/sink.ts';
import { observe } from '../../support/core/observe.ts';
import { needs } from '../../support/needs.ts';
import { finishedRun } from '../../support/run/samples.ts';
import { BUCKETS, LABEL_VALUES, OBSERVABILITY } from './observability.ts';
import { readScrape, type Scrape } from './scrape.ts';

const TARGETS: readonly SeriesTarget[] = [
  { name: 'a', labels: { region: 'eu', tier: 'gold' }, objective: { ttftMs: 2000 } },
  { name: 'b', labels: { region: 'us', tier: '' }, objective: { tpotMs: 100 } },
];
/** Buckets reach up to the longest timeout. */
const TIMEOUTS = { connectMs: 10_000, ttfbMs: 30_000, idleMs: 30_000, totalMs: 300_000, lingerMs: 1000 };
const LIMITS_MS: TimingLimits = { ttfb: [1200, 2500] };
const LAYOUT = streamLayout(
  TARGETS.map((t) => t.name),
  LIMITS_MS,
);

const OWN: readonly MetricInfo[] = Object.values<MetricInfo>(METRICS);

/** A snapshot that a test fills by hand. */
class Filled implements StreamSnapshot {
  readonly atMs = 0;
  readonly layout = LAYOUT;
  readonly values = new Float64Array(LAYOUT.size);
  desired: number[] = [0, 0];

  set(t: number, cell: Cell, n: number): this {
    this.values[LAYOUT.slots[t]!.cell[cell]] = n;
    return this;
  }

  times(t: number, timing: Timing, ...ms: number[]): this {
    for (const value of ms) observe(this.values, LAYOUT.slots[t]!.histogram[timing], value);
    return this;
  }
}

const running: Run = {
  id: '20261123-181502-4f9a',
  scenario: 'demo',
  startedAt: 1_800_000_000_500,
  plannedEndAt: 1_800_000_060_500,
  startMs: 0,
  durationMs: 60_000,
  stages: 1,
  gaps: [],
  events: [],
  state: 'running',
  stage: 0,
};

describe('Prometheus exporter', () => {
  const made: PrometheusExporter[] = [];
  afterEach(() => {
    for (const exporter of made.splice(0)) exporter.close();
  });

  function make(targets = TARGETS, timingLimits = LIMITS_MS, layout = LAYOUT): PrometheusExporter {
    const exporter = new PrometheusExporter({
      build: { version: '1.2.3', revision: 'abc', nodeVersion: 'v24.0.0' },
      targets,
      timingLimits,
      heaps: () => [
        ['engine-1', 5_000_000],
        ['engine-2', undefined],
        ['history', 7_000_000],
      ],
      logMessages: (level) => LOG_LEVELS.indexOf(level) * 10,
      reloads: () => ({ successful: true, successAt: 1_800_000_000_000 }),
      schedules: () => [{ name: 'nightly', nextAt: 0, lastStartedAt: null, skipped: 0 }],
      evaluations: {
        thresholds: () =>
          targets.flatMap(({ name }) => [
            { id: 'success-rate', target: name, state: 'ok' as const, limit: 0.99 },
            { id: 'concurrency-soft', target: name, state: 'ok' as const, limit: 1500 },
          ]),
        budgets: () => targets.map(({ name }) => ({ target: name, remaining: 1 })),
        drifts: () => [
          ...targets.flatMap(({ name: target }) => [
            { target, signal: 'ttfb-p95', unit: 'ms' as const, perHour: 0 },
            { target, signal: 'failure-ratio', unit: 'ratio' as const, perHour: 0 },
          ]),
          { target: null, signal: 'generator-rss', unit: 'bytes' as const, perHour: 0 },
        ],
      },
      limits: () => ({ cpuCores: 1.5, memoryBytes: 2 ** 29 }),
      idle: { atMs: 0, layout, values: new Float64Array(layout.size), desired: targets.map(() => 0) },
    });
    made.push(exporter);
    return exporter;
  }

  const read = async (exporter: PrometheusExporter): Promise<Scrape> => readScrape(await exporter.scrape());

  /** The samples of one of soakd's own metrics. */
  const samplesOf = (scrape: Scrape, { name, type }: Pick<MetricInfo, 'name' | 'type'>) =>
    type === 'histogram' ? scrape.all(`${name}_count`) : scrape.all(name);

  it('has the metrics of the table: all that are there from the first version, and none that is not in it', () => {
    const rows = OBSERVABILITY.flatMap(([work, names, type, labels]) =>
      names.split(' ').map((name) => ({ work, name, type, labels: labels.split(' ').filter(Boolean) })),
    );
    for (const { name, type, labels } of OWN) {
      const row = rows.find((r) => r.name === name);
      assert.ok(row !== undefined, `${name} is not in the table`);
      assert.deepEqual({ type, labels }, { type: row.type, labels: row.labels }, name);
    }
    for (const { work, name } of rows) {
      if (work === 'main')
        assert.ok(
          OWN.some((m) => m.name === name),
          `${name} is missing`,
        );
    }
  });

  it('has the buckets of the table', () => {
    for (const { name, buckets } of OWN) {
      if (name in BUCKETS) assert.deepEqual(buckets, BUCKETS[name]!.split(' ').map(Number), name);
    }
  });

  it('shows every metric with help and type, and every child of it at 0, before any run', async () => {
    const scrape = await read(make());
    for (const info of OWN) {
      assert.equal(scrape.types.get(info.name), info.type, info.name);
      assert.ok(scrape.helps.get(info.name)!.length > 10, info.name);
      const samples = samplesOf(scrape, info);
      assert.ok(samples.length > 0, `${info.name} stands there empty`);
      const perTarget = info.labels.includes('target');
      const expected = [...info.labels, ...(perTarget ? ['region', 'tier'] : [])].sort();
      for (const { labels } of samples) assert.deepEqual(Object.keys(labels).sort(), expected, info.name);
      // The memory of soakd has no target, and no target here tells its own.
      const whose = info.name === 'soak_drift_bytes_per_hour' ? [''] : ['a', 'b'];
      if (perTarget) assert.deepEqual([...new Set(samples.map((s) => s.labels.target))], whose, info.name);
    }
    const notZero = scrape.samples
      .filter((s) => s.name.startsWith('soak_') && s.value !== 0)
      .map((s) => s.name);
    assert.deepEqual(
      [...new Set(notZero)],
      [
        'soak_build_info',
        'soak_load_delivered_ratio',
        'soak_error_budget_remaining_ratio',
        'soak_streams_limit',
        'soak_config_last_reload_successful',
        'soak_config_last_reload_success_timestamp_seconds',
        'soak_process_cpu_limit_cores',
        'soak_process_memory_limit_bytes',
        'soak_thread_heap_bytes',
        'soak_log_messages_total',
        'soak_process_open_fds_age_seconds',
      ],
    );
  });

  for (const [label, values] of Object.entries(LABEL_VALUES)) {
    it(`has every ${label}, and no other`, async () => {
      const scrape = await read(make());
      for (const info of OWN.filter((m) => m.labels.includes(label))) {
        const seen = new Set(samplesOf(scrape, info).map((s) => s.labels[label]));
        assert.deepEqual([...seen].sort(), values.split(' ').sort(), info.name);
      }
    });
  }

  it('pairs each outcome with its result only', async () => {
    const scrape = await read(make());
    const pairs = scrape
      .all('soak_streams_finished_total', { target: 'a' })
      .map((s) => [s.labels.outcome, s.labels.result]);
    assert.deepEqual(
      pairs,
      OUTCOMES.map((o) => [o, resultOf(o)]),
    );
  });

  it('shows the static labels of each target on all its series', async () => {
    const scrape = await read(make());
    for (const { labels } of scrape.samples) {
      if (labels.target === 'a') assert.deepEqual([labels.region, labels.tier], ['eu', 'gold']);
      else if (labels.target === 'b') assert.deepEqual([labels.region, labels.tier], ['us', '']);
      else if (labels.target === '') assert.deepEqual([labels.region, labels.tier], ['', '']);
      else assert.ok(!('region' in labels));
    }
  });

  it('counts streams within an objective only for targets that have one, or had one', async () => {
    const [a, b] = TARGETS as [SeriesTarget, SeriesTarget];
    const { objective: _, ...without } = b;
    const exporter = make([a, without]);
    const names = async () =>
      (await read(exporter)).all('soak_streams_within_objective_total').map(({ labels }) => labels.target);
    assert.deepEqual(await names(), ['a']);
    const now = new Filled();
    exporter.reconfigure(
      {
        targets: [
          { ...b, objective: { tpotMs: 1 } },
          { ...a, objective: 'former' },
        ],
        timingLimits: LIMITS_MS,
      },
      now,
    );
    assert.deepEqual(await names(), ['b', 'a']);
  });

  it('shows each number of a snapshot where it belongs', async () => {
    const snapshot = new Filled();
    // Every cell of both targets has a number of its own.
    CELLS.forEach((cell, i) => {
      snapshot.set(0, cell, 1000 + i).set(1, cell, 2000 + i);
    });
    snapshot.desired = [12.5, 7];
    const exporter = make();
    exporter.start(running, snapshot);
    const scrape = await read(exporter);
    for (const [t, target] of ['a', 'b'].entries()) {
      const of = (cell: Cell): number => (t + 1) * 1000 + CELLS.indexOf(cell);
      const plain: Record<string, Cell> = {
        soak_streams_started_total: 'started',
        soak_streams_dropped_total: 'dropped',
        soak_chunks_received_total: 'chunks',
        soak_reads_total: 'reads',
        soak_received_bytes_total: 'bytes',
        soak_content_characters_total: 'characters',
        soak_keepalives_received_total: 'keepalives',
        soak_trailing_events_total: 'trailing',
      };
      for (const [name, cell] of Object.entries(plain))
        assert.equal(scrape.value(name, { target }), of(cell), name);
      for (const phase of ['connecting', 'waiting', 'streaming'] as const) {
        assert.equal(scrape.value('soak_streams_active', { target, phase }), of(`active:${phase}`));
      }
      for (const reason of FINISH_REASONS) {
        assert.equal(scrape.value('soak_finish_reasons_total', { target, reason }), of(`finish:${reason}`));
      }
      for (const outcome of OUTCOMES) {
        assert.equal(
          scrape.value('soak_streams_finished_total', { target, outcome }),
          of(`finished:${outcome}`),
        );
      }
      for (const code of ['200', '503', '2xx', 'other'] as const) {
        assert.equal(scrape.value('soak_responses_total', { target, code }), of(`response:${code}`));
      }
      assert.equal(scrape.value('soak_streams_desired', { target }), snapshot.desired[t]);
    }
  });

  const timings: readonly [Timing, name: string, labels: Record<string, string>][] = [
    ['connect', 'soak_stream_connect_seconds', {}],
    ['headers', 'soak_stream_headers_seconds', {}],
    ['ttfb', 'soak_stream_ttfb_seconds', {}],
    ['ttft', 'soak_stream_ttft_seconds', {}],
    ['gap', 'soak_stream_chunk_gap_seconds', {}],
    ['effective', 'soak_stream_effective_duration_seconds', {}],
    ['duration:success', 'soak_stream_duration_seconds', { result: 'success' }],
    ['duration:failed', 'soak_stream_duration_seconds', { result: 'failed' }],
    ['duration:cancelled', 'soak_stream_duration_seconds', { result: 'cancelled' }],
    ['duration:lost', 'soak_stream_duration_seconds', { result: 'lost' }],
  ];
  for (const [timing, name, labels] of timings) {
    it(`counts ${timing} exactly at every bucket of ${name}, in seconds`, async () => {
      const edges = BUCKETS[name]!.split(' ').map(Number);
      // On each edge, just below, just above, and far above the last.
      const ms = [...edges.map(secondsToMs).flatMap((e) => [e, e * 0.999, e * 1.001]), 5_000_000];
      const exporter = make();
      exporter.start(running, new Filled().times(1, timing, ...ms));
      const scrape = await read(exporter);
      const at = { target: 'b', ...labels };
      for (const edge of edges) {
        const expected = ms.filter((v) => v <= secondsToMs(edge)).length;
        assert.equal(scrape.value(`${name}_bucket`, { ...at, le: String(edge) }), expected, `le="${edge}"`);
      }
      assert.equal(scrape.value(`${name}_bucket`, { ...at, le: '+Inf' }), ms.length);
      assert.equal(scrape.value(`${name}_count`, at), ms.length);
      const sum = ms.reduce((a, b) => a + b, 0) / 1000;
      assert.ok(Math.abs(scrape.value(`${name}_sum`, at) / sum - 1) < 1e-9);
      assert.equal(scrape.value(`${name}_count`, { ...at, target: 'a' }), 0);
    });
  }

  it('has every configured limit of TTFB as a bucket, written as people do', async () => {
    const exporter = make();
    exporter.start(running, new Filled().times(0, 'ttfb', 1199, 1200, 1200.1, 1300));
    const scrape = await read(exporter);
    const of = (le: string): number => scrape.value('soak_stream_ttfb_seconds_bucket', { target: 'a', le });
    assert.deepEqual([of('1'), of('1.2'), of('1.5')], [0, 2, 4]);
    const edges = scrape.all('soak_stream_ttfb_seconds_bucket', { target: 'a' }).map((s) => s.labels.le);
    assert.deepEqual(
      edges,
      [...BUCKETS.soak_stream_ttfb_seconds!.split(' ').map(Number), 1.2]
        .sort((a, b) => a - b)
        .map(String)
        .concat('+Inf'),
    );
    assert.equal(scrape.all('soak_stream_ttft_seconds_bucket', { target: 'a', le: '1.2' }).length, 0);
  });

  it('takes odd limits of TTFB for what they are', async () => {
    const limits = [1234.5, 0.3, 1_200_000];
    const layout = streamLayout(['a', 'b'], { ttfb: limits });
    const exporter = make(TARGETS, { ttfb: limits }, layout);
    const values = new Float64Array(layout.size);
    for (const ms of limits) observe(values, layout.slots[0]!.histogram.ttfb, ms);
    exporter.start(running, { atMs: 0, layout, values, desired: [0, 0] });
    const scrape = await read(exporter);
    for (const [le, n] of [
      ['0.0003', 1],
      ['1.2345', 2],
      ['1200', 3],
    ] as const) {
      assert.equal(scrape.value('soak_stream_ttfb_seconds_bucket', { target: 'a', le }), n, le);
    }
  });

  it('has histograms that are cumulative and agree with their counts', async () => {
    const snapshot = new Filled();
    for (const [timing] of timings) snapshot.times(0, timing, 0.2, 3, 40, 400, 4000, 40_000, 4_000_000);
    observe(snapshot.values, LAYOUT.shared.scheduleLag, 0.4);
    observe(snapshot.values, LAYOUT.shared.eventLoopDelay, 12);
    const exporter = make();
    exporter.start(running, snapshot);
    const scrape = await read(exporter);
    for (const info of OWN.filter((m) => m.type === 'histogram')) {
      for (const { labels, value } of scrape.all(`${info.name}_count`)) {
        const buckets = scrape.all(`${info.name}_bucket`, labels);
        for (const [i, bucket] of buckets.entries())
          assert.ok(i === 0 || bucket.value >= buckets[i - 1]!.value);
        assert.equal(buckets.at(-1)!.labels.le, '+Inf');
        assert.equal(buckets.at(-1)!.value, value, info.name);
      }
    }
    assert.equal(scrape.value('soak_schedule_lag_seconds_bucket', { le: '0.0005' }), 1);
    assert.deepEqual(
      [
        scrape.value('soak_event_loop_delay_seconds_bucket', { le: '0.01' }),
        scrape.value('soak_event_loop_delay_seconds_bucket', { le: '0.025' }),
      ],
      [0, 1],
    );
  });

  it('follows the state of the run', async () => {
    const exporter = make();
    const look = async () => {
      const scrape = await read(exporter);
      const info = scrape.all('soak_run_info');
      assert.equal(info.length, 1);
      return {
        active: scrape.value('soak_run_active'),
        info: [info[0]!.labels.scenario, info[0]!.labels.run, info[0]!.value],
        start: scrape.value('soak_run_start_timestamp_seconds'),
        plannedEnd: scrape.value('soak_run_planned_end_timestamp_seconds'),
        end: scrape.value('soak_run_end_timestamp_seconds'),
        runs: RUN_VERDICTS.map((verdict) => scrape.value('soak_runs_total', { verdict })),
      };
    };
    const idle = { active: 0, info: ['', '', 0], start: 0, plannedEnd: 0, end: 0, runs: [0, 0, 0, 0] };
    assert.deepEqual(await look(), idle);

    const snapshot = new Filled();
    const info = ['demo', running.id, 1];
    const times = { start: 1_800_000_000.5, plannedEnd: 1_800_000_060.5 };
    exporter.start(running, snapshot);
    assert.deepEqual(await look(), { active: 1, info, ...times, end: 0, runs: [0, 0, 0, 0] });

    exporter.add({ ...running, state: 'draining', why: 'completed', drainedByMs: 0 }, snapshot);
    assert.deepEqual(await look(), { active: 0, info, ...times, end: 0, runs: [0, 0, 0, 0] });

    const { id, scenario, startedAt, plannedEndAt } = running;
    const finished = finishedRun({
      id,
      scenario,
      startedAt,
      plannedEndAt,
      endedAt: 1_800_000_070_000,
      verdict: 'fail',
    });
    exporter.add(finished, snapshot);
    exporter.stop(finished, snapshot);
    assert.deepEqual(await look(), { active: 0, info, ...times, end: 1_800_000_070, runs: [0, 1, 0, 0] });

    exporter.start({ ...running, id: 'next' }, snapshot);
    assert.deepEqual(await look(), {
      active: 1,
      info: ['demo', 'next', 1],
      ...times,
      end: 0,
      runs: [0, 1, 0, 0],
    });
    exporter.stop(finishedRun({ verdict: 'aborted' }), snapshot);
    assert.deepEqual((await look()).runs, [0, 1, 0, 1]);
  });

  it('counts log lines by level, and says what is running', async () => {
    const scrape = await read(make());
    for (const [i, level] of LOG_LEVELS.entries())
      assert.equal(scrape.value('soak_log_messages_total', { level }), i * 10);
    assert.equal(
      scrape.value('soak_build_info', { version: '1.2.3', revision: 'abc', node_version: 'v24.0.0' }),
      1,
    );
  });

  it('says what this process can have', async () => {
    const scrape = await read(make());
    assert.equal(scrape.value('soak_process_cpu_limit_cores'), 1.5);
    assert.equal(scrape.value('soak_process_memory_limit_bytes'), 536_870_912);
    assert.equal(scrape.value('soak_thread_heap_bytes', { thread: 'engine-1' }), 5_000_000);
    assert.equal(scrape.value('soak_thread_heap_bytes', { thread: 'history' }), 7_000_000);
    assert.ok(scrape.value('soak_thread_heap_bytes', { thread: 'main' })! > 1_000_000);
  });

  it('keeps label values with quotes, backslashes and line breaks in one piece', async () => {
    const region = 'a"b\\c\nd';
    const exporter = make([
      { name: 'a', labels: { region } },
      { name: 'b', labels: { region: '' } },
    ]);
    const scrape = await read(exporter);
    assert.equal(scrape.all('soak_streams_started_total', { target: 'a' })[0]!.labels.region, region);
  });

  it('has at most 300 series a target, and no more after a run than before', async () => {
    // 280 with the default timeouts; two limits of TTFB are among the edges already, or add one.
    const exporter = make(TARGETS.map((t) => ({ ...t, timeouts: TIMEOUTS })));
    const before = await read(exporter);
    for (const target of ['a', 'b']) {
      const series = before.samples.filter((s) => s.labels.target === target).length;
      assert.ok(series <= 300, `${series} series`);
    }
    exporter.start(running, new Filled().times(0, 'ttfb', 1, 2, 3));
    exporter.stop(finishedRun(), new Filled());
    const own = (scrape: Scrape): number => scrape.samples.filter((s) => s.name.startsWith('soak_')).length;
    assert.equal(own(await read(exporter)), own(before));
  });

  it('has no series twice', async () => {
    const { samples } = await read(make());
    const keys = samples.map((s) => `${s.name} ${JSON.stringify(Object.entries(s.labels).sort())}`);
    assert.equal(new Set(keys).size, keys.length);
  });

  it('brings process and runtime metrics, without those that grow with the connections', async () => {
    const { samples } = await read(make());
    const names = new Set(samples.map((s) => s.name));
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_start_time_seconds',
      'process_open_fds',
      'nodejs_heap_size_used_bytes',
    ]) {
      assert.ok(names.has(name), name);
    }
    assert.deepEqual(
      [...names].filter((name) => /^nodejs_(active_|eventloop_lag)/.test(name)),
      [],
    );
  });

  it('gives the same to readers at the same time, and takes nothing away by being read', async () => {
    const exporter = make();
    exporter.start(running, new Filled().set(0, 'started', 5).times(0, 'ttfb', 10));
    const own = (text: string): string =>
      text
        .split('\n')
        .filter((l) => /^soak_(?!metrics_collect|process_open_fds_age|thread_heap)/.test(l))
        .join('\n');
    const texts = (await Promise.all([exporter.scrape(), exporter.scrape(), exporter.scrape()])).map(own);
    assert.equal(texts[1], texts[0]);
    assert.equal(texts[2], texts[0]);
    assert.equal(own(await exporter.scrape()), texts[0]);
  });

  it('is one snapshot, even when the next one comes while it is put together', async () => {
    const exporter = make();
    exporter.start(running, new Filled().set(0, 'started', 10).set(0, 'finished:complete', 10));
    const scraping = exporter.scrape();
    exporter.add(running, new Filled().set(0, 'started', 99).set(0, 'finished:complete', 99));
    const scrape = readScrape(await scraping);
    const [started, complete] = [
      scrape.value('soak_streams_started_total', { target: 'a' }),
      scrape.value('soak_streams_finished_total', { target: 'a', outcome: 'complete' }),
    ];
    assert.equal(started, complete);
  });

  it('says how long the last scrape took', async () => {
    const exporter = make();
    assert.equal((await read(exporter)).value('soak_metrics_collect_duration_seconds'), 0);
    const seconds = (await read(exporter)).value('soak_metrics_collect_duration_seconds');
    assert.ok(seconds > 0 && seconds < 1, `${seconds} s`);
  });

  it('has the content type that Prometheus wants', () => {
    assert.match(make().contentType, /^text\/plain; version=0\.0\.4/);
  });

  it('passes promtool check metrics, idle and after a run', { skip: needs('promtool') }, async () => {
    const exporter = make();
    const check = async (): Promise<void> => {
      const input = await exporter.scrape();
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input,
        encoding: 'utf8',
      });
      assert.equal(status, 0, stdout + stderr);
      assert.equal(stdout + stderr, '');
    };
    await check();
    exporter.start(running, new Filled().set(0, 'started', 3).times(0, 'ttfb', 1200));
    await check();
  });
});
