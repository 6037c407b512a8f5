/**
 * `npm run bench:hour -- --out docs/reports/hour`: a soak as a user would run it, seen from outside. The simulator with the
 * seed's workload in a process of its own, `soakd serve` with its history, and a real Prometheus with the shipped rules;
 * 1,500 users for 65 minutes. Writes the report of soakd, and what the bench saw of soakd itself, as HTML and Markdown.
 * `--kill-minute=30` kills soakd with -9 at that minute and starts it again 20 s later. `--note` is written into the report:
 * what else ran on the machine. All on loopback; ends by itself.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeDocument } from '../src/document/make.ts';
import { REPORT_FORMATS, type ReportFormat } from '../src/document/render/formats.ts';
import { openDatabase } from '../src/history/database.ts';
import { DATABASE } from '../src/history/folder.ts';
import { keptSource } from '../src/kept-report/report-source.ts';
import { BUILD } from '../src/version.ts';
import { needs } from '../support/needs.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { Restartable } from '../support/restartable.ts';
import { ROOT } from '../support/root.ts';
import { simulate } from '../support/simulator.ts';
import { type Minute, readMinute } from './hour/minutes.ts';
import { type HourSeen, type Scrapes, seenSection } from './hour/section.ts';
import { machine } from './measure.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '65' },
    users: { type: 'string', default: '1500' },
    'kill-minute': { type: 'string', default: '0' },
    out: { type: 'string' },
    note: { type: 'string', default: '' },
  },
});
const minutes = whole('minutes', 2, 24 * 60);
const users = whole('users', 1, 20_000);
/** 0: soakd is not killed. */
const killMinute = whole('kill-minute', 0, minutes - 1);
const { out } = values;
if (out === undefined) fail('--out: expected the start of the names of the two files, as docs/reports/hour');
const lacks = needs('prometheus');
if (lacks !== false) fail(`expected a Prometheus: ${lacks}`);

const DOWN_MS = 20_000;
const SCRAPE_S = 5;
const TEN_MINUTES_S = 600;

const loadBefore = loadavg()[0]!;
const simulator = await simulate(['--preset=seed']);
const service = await Restartable.create(`
maxMeasurementLag: 25ms
targets: [{ name: simulator, url: "${simulator.url}/", terminal: "[DONE]", expect: seed }]
scenarios: { hour: { target: simulator, stages: [{ shape: hold, users: ${users}, for: ${minutes}m }] } }
`);
let prometheus: Prometheus | undefined;
try {
  await service.start();
  prometheus = await startPrometheus({ configFile: prometheusFile() });
  await prometheus.scraped();
  const seen = await soak(prometheus);
  await write(seen);
  process.stdout.write(`${JSON.stringify({ ...seen, minutes: seen.minutes.length }, null, 2)}\n`);
} finally {
  await prometheus?.stop();
  await service.stop();
  await simulator.stop();
}

/** Holds the load, and reads what is to be read each minute. */
async function soak(from: Prometheus): Promise<HourSeen> {
  const startedAt = Date.now();
  const begun = await service.send('POST', '/api/v1/runs', { scenario: 'hour' });
  if (begun.status !== 201) throw new Error(`the run does not start: ${await begun.text()}`);
  const read: Minute[] = [];
  let kill: HourSeen['kill'] = null;
  for (let minute = 1; minute <= minutes; minute++) {
    if (minute - 1 === killMinute && killMinute > 0) {
      await service.kill();
      const at = Date.now();
      read.push(readMinute(undefined, service.data));
      await sleep(DOWN_MS);
      await service.start();
      kill = { at, againAt: Date.now() };
    }
    await sleep(startedAt + minute * 60_000 - Date.now());
    read.push(readMinute(service.program.pid, service.data));
  }
  // The drain comes after the plan.
  const { streams, chunks } = await service.finished(10 * 60_000);
  const endedAt = Date.now();
  await from.scraped();
  const truth = await simulator.groundTruth();
  const [start, end] = [startedAt / 1000, endedAt / 1000];
  return {
    machine: machine(),
    note: values.note,
    loadBefore,
    command: `npm run bench:hour -- --minutes=${minutes} --users=${users}${killMinute === 0 ? '' : ` --kill-minute=${killMinute}`} --out ${out}`,
    startedAt,
    endedAt,
    minutes: read,
    scrapes: {
      first: await scrapes(from, start, start + TEN_MINUTES_S),
      last: await scrapes(from, end - TEN_MINUTES_S, end),
      failed: await failedScrapes(from, start, end),
    },
    alerts: await fired(from, start, end),
    resets: await resets(from, end, Math.ceil(end - start)),
    truth: { started: truth.started, complete: truth.finished.complete ?? 0, chunks: truth.chunks },
    counted: { started: streams.started, complete: streams.finished.complete ?? 0, chunks },
    kill,
  };
}

/** Durations of scrapes between two times (s since 1970), as Prometheus has measured them. */
async function scrapes(of: Prometheus, from: number, to: number): Promise<Scrapes> {
  const [series] = await of.queryRange('scrape_duration_seconds{job="soak"}', from, to, SCRAPE_S);
  const sorted = [...(series?.values ?? [])].sort((a, b) => a - b);
  const p99 = sorted[Math.ceil(0.99 * sorted.length) - 1];
  return { n: sorted.length, p99Ms: p99 === undefined ? null : Math.round(p99 * 10_000) / 10 };
}

async function failedScrapes(of: Prometheus, from: number, to: number): Promise<number> {
  const [series] = await of.queryRange('up{job="soak"}', from, to, SCRAPE_S);
  return series?.values.filter((up) => up === 0).length ?? 0;
}

/** How often counters have fallen in the seconds before a time. */
async function resets(of: Prometheus, at: number, seconds: number): Promise<number> {
  const counters = await of.query('count by (__name__) ({__name__=~"soak_.+_(total|bucket|count|sum)"})', at);
  let sum = 0;
  for (const { labels } of counters)
    sum += await of.queryValue(`sum(resets(${labels.__name__}[${seconds}s]))`, at);
  return sum;
}

/** Names of the alerts that fired between two times, with their severity. */
async function fired(of: Prometheus, from: number, to: number): Promise<string[]> {
  const series = await of.queryRange('ALERTS{alertstate="firing",alertname!="Watchdog"}', from, to, SCRAPE_S);
  return [...new Set(series.map(({ labels }) => `${labels.alertname} (${labels.severity})`))].sort();
}

async function write(seen: HourSeen): Promise<void> {
  const db = openDatabase(join(service.data, DATABASE), { readOnly: true });
  try {
    const { run } = keptSource(db, 'last');
    const document = makeDocument({
      runs: [run],
      tables: [],
      comparisons: [],
      questions: { users: null, pricePerHour: null, currency: '' },
      version: BUILD.version,
      writtenAt: new Date().toISOString(),
    });
    mkdirSync(dirname(out!), { recursive: true });
    const whole = {
      ...document,
      sections: [document.sections[0]!, seenSection(seen), ...document.sections.slice(1)],
    };
    for (const format of ['html', 'md'] satisfies ReportFormat[])
      writeFileSync(`${out}.${format}`, await REPORT_FORMATS[format](whole));
  } finally {
    db.close();
  }
}

/** The shipped configuration, for the port of this soakd and without an Alertmanager. */
function prometheusFile(): string {
  const shipped = readFileSync(join(ROOT, 'prometheus/prometheus.yml'), 'utf8');
  const path = join(service.folder, 'prometheus.yml');
  const rules = join(ROOT, 'prometheus/rules/*.rules.yml');
  writeFileSync(
    path,
    shipped
      .replace('rules/*.rules.yml', rules)
      .replace('127.0.0.1:9876', `127.0.0.1:${service.port}`)
      .replace(/^alerting:\n(?: .*\n)+/m, ''),
  );
  return path;
}

function whole(flag: 'minutes' | 'users' | 'kill-minute', least: number, most: number): number {
  const value = Number(values[flag]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  fail(`--${flag}: expected a whole number from ${least} to ${most}, found ${values[flag]}`);
}

function fail(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}
