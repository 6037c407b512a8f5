import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfig } from '../../src/config/load.ts';
import { parseDuration } from '../../src/core/duration.ts';
import { alertmanagerText } from '../../src/gen/alertmanager.ts';
import { DEFAULT_RULES, ruleFiles } from '../../src/gen/rules.ts';
import type { Status } from '../../src/http/status.ts';
import { promDuration } from '../../src/promql/promql.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { THRESHOLDS } from '../../src/thresholds/table.ts';
import { Alertmanager, type Delivered, Webhook } from '../../support/alertmanager.ts';
import { needs } from '../../support/needs.ts';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { type Running, soakd, start } from '../../support/process.ts';
import { type Prometheus, startPrometheus } from '../../support/prometheus.ts';
import { ROOT } from '../../support/root.ts';
import { type Served, serve } from '../../support/service.ts';

/** Minutes of the committed rules are seconds here. */
const FACTOR = 1 / 60;
/** How long all alerts together may take to arrive, or to resolve, ms: a schedule is missed at the next full minute. */
const SOON_MS = 120_000;
/** How long an inhibited alert is watched, ms: five of its `group_wait`, as that is shortened here. */
const HELD_MS = 2500;

const quick = (more: string) => `{ preset: quick, gap: 20ms, chunks: 5${more} }`;

/** One fault a target, so that the drills run side by side. */
const CONFIG = `
targets:
  - name: healthy
    simulator: ${quick('')}
  - name: slow
    simulator: ${quick(', ttfb: 2.8s')}
  - name: strict
    simulator: ${quick(', ttfb: 1.5s')}
    thresholds: { ttfb-p95: 1.2s, ttfb-p50: 1.2s, ttfb-mean: 1.2s }
  - name: lenient
    simulator: ${quick(', ttfb: 1.5s')}
  - name: flaky
    simulator: ${quick(', faults: { truncate: 2.5% }')}
    thresholds: { success-objective: off }
  - name: wanting
    simulator: ${quick(', every: { truncate: 150 }')}
  - name: broken
    simulator: ${quick(', faults: { truncate: 40% }')}
  - name: stalling
    simulator: ${quick(', faults: { stall: 30% }')}
    timeouts: { stall: 500ms, idle: 4s }
  - name: long
    simulator: { preset: quick, gap: 100ms, chunks: 20 }
    thresholds: { duration-mean: 1s, duration-mean-critical: 1.5s }
  - name: crowded
    simulator: ${quick('')}
    thresholds: { concurrency-soft: 3, concurrency-scale: 5, concurrency-hard: 7 }
  # Its first event holds a role and no word: TTFB is good, and nobody has read anything.
  - name: wordless
    simulator: { preset: quick, gap: 400ms, chunks: 5, format: openai-chat }
    objective: { ttft: 300ms }
    thresholds: { ttft-p95: 300ms, gap-p99: 200ms, effective-p95: 1s, goodput: 90% }
scenarios:
  drill:
    targets:
      - { name: healthy, weight: 20 }
      - { name: slow, weight: 100 }
      - { name: strict, weight: 60 }
      - { name: lenient, weight: 60 }
      - { name: flaky, weight: 60 }
      - { name: wanting, weight: 40 }
      - { name: broken, weight: 30 }
      - { name: stalling, weight: 60 }
      - { name: long, weight: 40 }
      - { name: crowded, weight: 60 }
      - { name: wordless, weight: 90 }
    stages: [{ users: 620, for: 170s }]
  next: { target: healthy, stages: [{ users: 1, for: 1s }] }
schedules:
  minutely: { scenario: next, cron: "* * * * *" }
thresholds:
  { process-cpu: 0.1%, process-memory: 0.1%, file-descriptors: 0.01%, target-cpu: 0.1%, target-memory: 0.1% }
`;

/** Nothing arrives from it, no first byte times out while the drill lasts, and no generator is fast enough. */
const MUTE = `
maxMeasurementLag: 0.001ms
targets:
  - name: mute
    simulator: ${quick(', faults: { noFirstByte: 100% }')}
    timeouts: { ttfb: 280s, idle: 280s, stall: 270s }
scenarios:
  drill: { target: mute, stages: [{ users: 3, for: 10m }] }
`;

interface Drill {
  readonly alert: string;
  readonly target?: string;
  readonly severity: string;
  /** The twin that is firing, and is not told of. */
  readonly inhibited?: string;
}

/** What must fire. */
const DRILLS: readonly Drill[] = [
  { alert: 'SoakTTFBHigh', target: 'slow', severity: 'critical', inhibited: 'warning' },
  { alert: 'SoakTTFBMeanHigh', target: 'slow', severity: 'warning' },
  { alert: 'SoakTTFBHigh', target: 'strict', severity: 'critical', inhibited: 'warning' },
  { alert: 'SoakTTFBMeanHigh', target: 'strict', severity: 'warning' },
  { alert: 'SoakSuccessRateLow', target: 'flaky', severity: 'warning' },
  { alert: 'SoakSuccessBelowObjective', target: 'wanting', severity: 'info' },
  { alert: 'SoakSuccessRateLow', target: 'broken', severity: 'critical', inhibited: 'warning' },
  { alert: 'SoakErrorBudgetBurn', target: 'broken', severity: 'critical' },
  { alert: 'SoakStalledStreams', target: 'stalling', severity: 'warning' },
  { alert: 'SoakStreamDurationHigh', target: 'long', severity: 'critical', inhibited: 'warning' },
  { alert: 'SoakConcurrencyHigh', target: 'crowded', severity: 'critical', inhibited: 'warning' },
  { alert: 'SoakTTFTHigh', target: 'wordless', severity: 'warning' },
  { alert: 'SoakChunkGapHigh', target: 'wordless', severity: 'warning' },
  { alert: 'SoakStreamSlow', target: 'wordless', severity: 'warning' },
  { alert: 'SoakGoodputLow', target: 'wordless', severity: 'warning' },
  { alert: 'SoakTargetCpuHigh', target: 'healthy', severity: 'warning' },
  { alert: 'SoakTargetMemoryHigh', target: 'healthy', severity: 'warning' },
  { alert: 'SoakNotMakingProgress', severity: 'critical' },
  { alert: 'SoakGeneratorSaturated', severity: 'warning' },
  { alert: 'SoakScheduleMissed', severity: 'warning' },
  { alert: 'SoakHistoryFailing', severity: 'warning' },
];

/** Of soakd itself: its limits are set so low that they are always crossed, so they resolve when it ends. */
const OF_PROCESS: readonly Drill[] = [
  { alert: 'SoakProcessCpuHigh', severity: 'warning' },
  { alert: 'SoakProcessMemoryHigh', severity: 'warning' },
  { alert: 'SoakFileDescriptorsHigh', severity: 'warning' },
];

/** Drilled elsewhere in this file, or not, and why. */
const OTHERS: Readonly<Record<string, string>> = {
  SoakDrift:
    'no drift is reported in the first ten minutes of a run; test/e2e/drift for its metric, promtool for the rule',
  SoakDown: 'when the mute soakd is stopped, below',
  Watchdog: 'always there, below',
  SoakResponsesBuffered:
    'no simulator holds a response back; test/e2e/buffered for what is counted, promtool for the rule',
  SoakTargetNetworkHigh: 'no link of a machine like this has a speed; promtool for the rule',
};

const off = needs('prometheus', 'alertmanager', 'node-exporter');

/** Its data folder: the default one. */
const dataOf = ({ file }: Served): string => join(dirname(file), 'soakd-data');

const labelsOf = ({ alert, target, severity }: Drill): Record<string, string> => ({
  alertname: alert,
  severity,
  ...(target === undefined ? {} : { target }),
});
/** Shortens the waiting times of a configuration of Alertmanager as those of the rules are. */
const quicker = (config: string): string =>
  config.replace(
    /((?:group_wait|_interval): )(\w+)/g,
    (_, key: string, time: string) => `${key}${promDuration(parseDuration(time)! * FACTOR)}`,
  );

const nameOf = ({ alert, target, severity }: Drill): string =>
  `${alert}${target === undefined ? '' : ` on ${target}`} (${severity})`;

describe('drills on the real Prometheus and Alertmanager', { skip: off, concurrency: false }, () => {
  let folder: string;
  let webhook: Webhook;
  let alertmanager: Alertmanager;
  let prometheus: Prometheus;
  let exporter: Running;
  let service: Served;
  let mute: Served;
  /** What was told before the faults ended. */
  let during: readonly Delivered[] = [];
  let deadlineMs = Number.POSITIVE_INFINITY;
  const left = (): number => Math.max(1000, deadlineMs - performance.now());

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soakd-drills-'));
    webhook = await Webhook.listen();
    // One after the other: what is started is stopped, also where the next one fails.
    service = await serve(CONFIG);
    mute = await serve(MUTE);
    const exporterPort = await freePort();
    exporter = start('prometheus-node-exporter', [
      `--web.listen-address=127.0.0.1:${exporterPort}`,
      '--collector.disable-defaults',
      '--collector.cpu',
      '--collector.meminfo',
    ]);
    alertmanager = await Alertmanager.start(
      quicker(alertmanagerText({ webhook: `${webhook.url}/alerts`, watchdog: `${webhook.url}/watchdog` })),
    );
    const settings = parseConfig(CONFIG, { file: 'soakd.yaml' });
    const rules = ruleFiles({ ...DEFAULT_RULES, factor: FACTOR, scrapeMs: 1000, settings }, '# A drill.');
    for (const [name, text] of Object.entries(rules)) await writeFile(join(folder, name), text);
    const configFile = join(folder, 'prometheus.yml');
    await writeFile(
      configFile,
      `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [${join(folder, '*.rules.yml')}]
alerting:
  alertmanagers: [{ static_configs: [{ targets: ['${new URL(alertmanager.url).host}'] }] }]
scrape_configs:
  - job_name: soak
    static_configs: [{ targets: ['127.0.0.1:${service.port}', '127.0.0.1:${mute.port}'] }]
  - job_name: soak-target-host
    static_configs: [{ targets: ['127.0.0.1:${exporterPort}'], labels: { target: healthy } }]
`,
    );
    prometheus = await startPrometheus({ configFile, flags: ['--rules.alert.resend-delay=10s'] });
  });

  after(async () => {
    await Promise.all([service?.stop(), mute?.stop(), exporter?.stop()]);
    await prometheus?.stop();
    await alertmanager?.stop();
    webhook?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('has a word on every alert of the table', () => {
    const drilled = [...DRILLS, ...OF_PROCESS].map((d) => d.alert);
    const all = new Set(THRESHOLDS.map((t) => t.alert));
    assert.deepEqual([...new Set([...drilled, ...Object.keys(OTHERS)])].sort(), [...all].sort());
  });

  it('the Watchdog reaches its webhook before anything runs, and no other alert is there', async () => {
    await poll('Watchdog', () => webhook.has('firing', { alertname: 'Watchdog' }) || undefined, {
      timeoutMs: 30_000,
    });
    // The minutely schedule may have run by now: its stream takes CPU, and so does this test.
    const known = (name: string) =>
      name.startsWith('SoakTarget') || OF_PROCESS.some((drill) => drill.alert === name);
    const others = webhook.delivered.filter(
      (d) => d.path !== '/watchdog' && !known(d.labels.alertname ?? ''),
    );
    assert.deepEqual(
      others.map((d) => d.labels),
      [],
    );
  });

  it('runs begin', async () => {
    deadlineMs = performance.now() + SOON_MS;
    // The schedule may just have started its own.
    for (const each of [service, mute])
      await poll('run', async () => (await each.startRun('drill')).status === 201 || undefined);
    // A file in the place of the data folder: every write fails at once, also for root.
    await poll('a file in the place of the data folder', async () => {
      // The last one is put back.
      await rm(`${dataOf(mute)}-away`, { recursive: true, force: true });
      await rename(dataOf(mute), `${dataOf(mute)}-away`);
      // Where the folder was gone at a write, soakd made a new one: `wx` then meets it.
      return writeFile(dataOf(mute), '', { flag: 'wx' }).then(
        () => true as const,
        () => undefined,
      );
    });
  });

  for (const drill of [...DRILLS, ...OF_PROCESS]) {
    it(`${nameOf(drill)} reaches the webhook`, async () => {
      await poll(nameOf(drill), () => webhook.has('firing', labelsOf(drill)) || undefined, {
        timeoutMs: left(),
      });
    });
  }

  for (const drill of DRILLS) {
    if (drill.inhibited === undefined) continue;
    const twin = { ...drill, severity: drill.inhibited };
    it(`${nameOf(twin)} is inhibited, and nobody is told of it`, async () => {
      const isHeld = async () => {
        const [held] = await alertmanager.alerts(labelsOf(twin));
        return held?.status.state === 'suppressed' && held.status.inhibitedBy.length > 0;
      };
      // On a starved machine the lower limit may be crossed, and told, well before the other; and what Prometheus does not
      // send again in time ends for Alertmanager, so the highest may come back after the lower. While it is held, none is told.
      await poll(
        `inhibited and silent ${nameOf(twin)}`,
        async () => {
          if (!(await isHeld())) return;
          const told = webhook.count('firing', labelsOf(twin));
          await sleep(HELD_MS);
          return (await isHeld()) && webhook.count('firing', labelsOf(twin)) === told ? true : undefined;
        },
        { timeoutMs: left() },
      );
    });
  }

  it('what is well, and what a limit of its own allows, has no alert', async () => {
    during = [...webhook.delivered];
    const told = (target: string) =>
      during.filter((d) => d.labels.target === target).map((d) => d.labels.alertname);
    assert.deepEqual(told('lenient'), []);
    assert.deepEqual(
      told('healthy').filter((name) => !name!.startsWith('SoakTarget')),
      [],
    );
  });

  it('what a person reads names the limit of the target', () => {
    const high = during.find(
      (d) => d.labels.alertname === 'SoakTTFBMeanHigh' && d.labels.target === 'strict',
    );
    assert.match(high!.annotations.summary!, /strict: 1\.2 s/);
  });

  it('a history that cannot be written is in the status, and the run continues', async () => {
    const { history, state } = (await mute.status()) as unknown as Status;
    assert.match(history?.failing ?? '', /soakd-data/);
    assert.equal(state, 'running');
    // soakd makes a new folder at its next write: the old one could not be put back in time.
    await rm(dataOf(mute));
    await poll('a write', async () => {
      const { history: now } = (await mute.status()) as unknown as Status;
      return now?.failing === null || undefined;
    });
  });

  it('the verdict of the run has the same limits', async () => {
    deadlineMs = performance.now() + SOON_MS;
    assert.equal((await service.send('POST', '/api/v1/runs/current/stop', { grace: '0s' })).status, 202);
    await mute.send('POST', '/api/v1/runs/current/stop', { grace: '0s' });
    const { thresholds } = (await service.finished(30_000)) as unknown as Summary;
    const { history } = (await mute.finished(30_000)) as unknown as Summary;
    assert.ok(history.writeFailures > 3, JSON.stringify(history));
    assert.equal(history.failing, null);
    const of = (target: string, id: string) => {
      const { limit, result } = thresholds.find((t) => t.target === target && t.threshold === id)!;
      return [limit, result];
    };
    assert.deepEqual(of('strict', 'ttfb-p95'), [1200, 'fail']);
    assert.deepEqual(of('strict', 'ttfb-p50'), [1200, 'fail']);
    assert.deepEqual(of('strict', 'ttfb-mean'), [1200, 'fail']);
    assert.deepEqual(of('lenient', 'ttfb-p95'), [2500, 'pass']);
    assert.deepEqual(of('slow', 'ttfb-p50'), [2500, 'fail']);
    assert.deepEqual(of('broken', 'success-rate'), [0.99, 'fail']);
    assert.deepEqual(of('healthy', 'success-rate'), [0.99, 'pass']);
  });

  for (const drill of DRILLS) {
    it(`${nameOf(drill)} resolves`, async () => {
      await poll(`end of ${nameOf(drill)}`, () => webhook.has('resolved', labelsOf(drill)) || undefined, {
        timeoutMs: left(),
      });
    });
  }

  it('SoakDown reaches the webhook when a soakd is gone, and resolves when it is back', async () => {
    deadlineMs = performance.now() + SOON_MS;
    const { port, file } = mute;
    const down = { alertname: 'SoakDown', instance: `127.0.0.1:${port}`, severity: 'critical' };
    await mute.program.stop();
    await poll('SoakDown', () => webhook.has('firing', down) || undefined, { timeoutMs: left() });
    const again = soakd(['serve', '--config', file, '--port', String(port)]);
    try {
      await poll('end of SoakDown', () => webhook.has('resolved', down) || undefined, { timeoutMs: left() });
    } finally {
      await again.stop();
    }
  });

  it('alerts on soakd itself end with it', async () => {
    await service.program.stop();
    const names = OF_PROCESS.map((d) => d.alert).join('|');
    await poll(
      'end of the alerts on the process',
      async () => {
        const query = `ALERTS{alertname=~"${names}", instance="127.0.0.1:${service.port}"}`;
        return (await prometheus.query(query)).length === 0 || undefined;
      },
      { timeoutMs: left() },
    );
  });
});

describe('what is exported for a limit of 1.2 s', () => {
  it('says 1.2 in rules, in lines of dashboards and in the runbook', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'soakd-drills-export-'));
    try {
      const config = join(folder, 'soakd.yaml');
      await writeFile(config, CONFIG);
      const exported = async (what: string): Promise<string> => {
        const out = join(folder, what);
        const { code } = await soakd(['export', what, '--config', config, '--out', out]).ended();
        assert.equal(code, 0);
        const names = (await readdir(out)).filter((name) => !name.startsWith('.'));
        return (await Promise.all(names.map((name) => readFile(join(out, name), 'utf8')))).join('\n');
      };
      const rules = await exported('rules');
      assert.match(rules, /soak_stream_ttfb_seconds_bucket\{le="1\.2"\}/);
      assert.match(rules, /over_1200ms[^\n]*\{target="strict"\} > 0\.05/);
      assert.match(rules, /2\.5 s \(strict: 1\.2 s\)/);
      // A line of its own, since Grafana's thresholds are those of a whole panel.
      const LINE =
        /label_replace\(1\.2 \* group\([^)]*target=\\"strict\\"\}\), \\"limit\\", \\"ttfb-p95 1\.2 s/;
      assert.match(await exported('dashboards'), LINE);
      for (const name of await readdir(join(ROOT, 'dashboards')))
        assert.doesNotMatch(await readFile(join(ROOT, 'dashboards', name), 'utf8'), LINE);
      const runbook = await exported('runbook');
      assert.match(runbook, /\| \[SoakTTFBHigh\][^\n]*TTFB p95 > 2\.5 s \(strict: 1\.2 s\) over 5m/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
