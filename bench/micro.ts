/**
 * `node bench/micro.ts`: what one unit of each part of the hot path costs, and a scrape. Nanoseconds, medians of rounds; they
 * move from machine to machine. Ten seconds.
 */

import { METRICS } from '../src/catalog/metrics.ts';
import { streamLayout } from '../src/catalog/slots.ts';
import { seededRandom } from '../src/core/random.ts';
import { newCounters } from '../src/formats/classifier.ts';
import { classifierFor } from '../src/formats/list.ts';
import { arrivalPacer, arrivalSums, userPacer } from '../src/load/pacer.ts';
import { allocateRecord, Recorder } from '../src/load/recorder.ts';
import { PrometheusExporter } from '../src/sink/prometheus/exporter.ts';
import { ResponseParser } from '../src/transport/lean/response-parser.ts';
import { machine, measure, table } from './measure.ts';

const ROUNDS = 30;
const UNITS = 20_000;
const EVENT = 'data: {"n":123,"token":" word"}\n\n';
const READ = Buffer.from(`${EVENT.length.toString(16)}\r\n${EVENT}\r\n`);
const HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
);
const STAGES = [{ shape: 'ramp', from: 1, to: 3000, durationMs: 3_600_000 }] as const;
const TARGETS = Array.from({ length: 10 }, (_, i) => `target-${i}`);

const layout = streamLayout(TARGETS, { ttfb: [2500] });
const recorder = new Recorder(layout, allocateRecord(layout));
const random = seededRandom(1, 0);
const times = Float64Array.from({ length: 1024 }, () => 2000 * random());
const rows: string[][] = [['part', 'ns']];

function row(name: string, unit: string, units: number, run: () => number): void {
  const { ns } = measure([{ name, run }], units, ROUNDS)[0]!;
  rows.push([`${name}, ${unit}`, ns < 100 ? ns.toFixed(1) : String(Math.round(ns))]);
}

const parser = new ResponseParser({ head() {}, data() {}, end() {} });
parser.expect('GET');
parser.read(HEAD, HEAD.length);
row('HTTP/1.1 of the lean transport', 'a read of one chunk', UNITS, () => {
  for (let i = 0; i < UNITS; i++) parser.read(READ, READ.length);
  return 0;
});

const judge = classifierFor('sse', { terminal: { kind: 'data', data: '[DONE]' } });
const tally = newCounters();
const event = Buffer.from(EVENT);
row('SSE and its judge', 'an event', UNITS, () => {
  for (let i = 0; i < UNITS; i++) judge.read(event, true, tally, 0, event.length);
  return 0;
});

const target = recorder.targets[0]!;
row('counting', 'a read of one chunk with its gap', UNITS, () => {
  for (let i = 0; i < UNITS; i++) {
    target.chunks(1, 1, times[i & 1023]!);
    target.body(EVENT.length, true, 30, 0);
  }
  return 0;
});
row('histogram', 'a value', UNITS, () => {
  for (let i = 0; i < UNITS; i++) target.timing('ttfb', times[i & 1023]!);
  return 0;
});

const users = userPacer(STAGES);
row('pacer of users', 'a level', UNITS, () => {
  let sum = 0;
  for (let i = 0; i < UNITS; i++) sum += users.level(i * 100);
  return Math.round(sum);
});
row('pacer of arrivals', 'an arrival', UNITS, () => {
  const pacer = arrivalPacer([{ shape: 'hold', level: 300, durationMs: 3_600_000 }]);
  const sums = arrivalSums('poisson', seededRandom(1, 0));
  let at = 0;
  for (let i = 0; i < UNITS; i++) at = pacer.when(sums()) ?? 0;
  return Math.round(at);
});

const snapshot = { atMs: 0, layout, values: new Float64Array(layout.size), desired: TARGETS.map(() => 0) };
const exporter = new PrometheusExporter({
  build: { version: '0', revision: '0', nodeVersion: process.version },
  targets: TARGETS.map((name) => ({ name, labels: {} })),
  timingLimits: { ttfb: [2500] },
  logMessages: () => 0,
  reloads: () => ({ successful: true, successAt: 0 }),
  idle: snapshot,
});
const scrapes: number[] = [];
let series = 0;
for (let i = 0; i < 40; i++) {
  const start = process.hrtime.bigint();
  const text = await exporter.scrape();
  scrapes.push(Number(process.hrtime.bigint() - start));
  series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}
exporter.close();
scrapes.sort((a, b) => a - b);
rows.push([
  `scrape of ${series} series (${TARGETS.length} targets, ${Object.keys(METRICS).length} metrics)`,
  String(Math.round(scrapes[20]!)),
]);
process.stdout.write(`${machine()}\n\n${table(rows)}`);
