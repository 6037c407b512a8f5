import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withMeasured } from '../../bench/peers/document.ts';
import { childSeconds, runMeasured } from '../../bench/peers/process-tree.ts';
import * as reports from '../../bench/peers/reports.ts';
import { type Contestant, type Measurement, tables } from '../../bench/peers/results.ts';
import { median, type Times, timesOf } from '../../bench/peers/times.ts';

const output = (name: string): string => readFileSync(join(import.meta.dirname, 'outputs', name), 'utf8');

// Outputs of the tools themselves, 20 users on the simulator of the seed.
const REPORTS: readonly [file: string, report: reports.Report, expected: Times][] = [
  ['soakd.json', reports.soakdReport, { mean: 1124, p50: 1128, p99: 1128 }],
  ['h2load.txt', reports.h2loadReport, { mean: 1110 }],
  ['hey.txt', reports.heyReport, { mean: 8 }],
  ['locust.json', reports.locustReport, { mean: 31, p50: 34, p99: 54 }],
  ['aiohttp.json', reports.aiohttpReport, { mean: 1112, p50: 1111, p99: 1117 }],
  ['artillery.json', reports.artilleryReport, { mean: 1, p50: 1, p99: 1 }],
  ['k6.json', reports.k6Report, { mean: 10, p50: 5, p99: 21 }],
  ['wrk.txt', reports.noReport, {}],
];

for (const [file, report, expected] of REPORTS) {
  test(`the report of ${file}`, () => {
    const rounded = Object.entries(report(output(file))).map(([which, ms]) => [which, Math.round(ms)]);
    assert.deepEqual(Object.fromEntries(rounded), expected);
  });
  if (report !== reports.noReport) {
    test(`${file}: an output without it is an error, never a time`, () => {
      for (const other of ['', '{}', '[]', 'resp wait: soon', '{"ttfbMs":{}}', '{"metrics":{}}']) {
        assert.throws(() => report(other), `of ${other}`);
      }
    });
  }
}

test('percentiles and medians', () => {
  assert.deepEqual(timesOf([]), {});
  assert.deepEqual(timesOf([3, 1, 2]), { mean: 2, p50: 2, p99: 3 });
  assert.equal(median([5, 1, 3]), 3);
  assert.equal(median([1, 2, 3, 10]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

const contestant = (tool: string, calls?: string): Contestant => ({
  tool,
  version: '1',
  calls,
  clock: 'a → b',
  gaps: tool === 'soakd',
  base: { cpuSeconds: 0.25, peakRssBytes: 10 * 2 ** 20 },
});

const run = (tool: string, round: number, cpuSeconds: number, reported: Times = {}): Measurement => ({
  tool,
  round,
  cpuSeconds,
  peakRssBytes: 20 * 2 ** 20,
  wallSeconds: 10,
  chunks: 1_000_000,
  streams: 22,
  complete: 11,
  trueTtfb: { mean: 1100, p50: 1100, p99: 1105 },
  reported,
  targetLatenessMs: 0.5,
});

test('ratios are of one round, and their median is what counts', () => {
  const text = tables(
    [contestant('soakd', 'ttfbMs'), contestant('slow'), contestant('absent')],
    [
      run('soakd', 0, 10, { mean: 1101 }),
      run('slow', 0, 20),
      // A slow minute of the machine, on both.
      run('soakd', 1, 40, { mean: 1103 }),
      run('slow', 1, 80),
      run('soakd', 2, 10, { mean: 1104 }),
      run('slow', 2, 30),
    ],
    11,
  );
  assert.match(
    text,
    /^\| slow 1 \| 30\.0 \| 2\.00 \| 0\.3 \| 20 \| 1\.00 \| 1024\.0 \| 100000 \| 22 \/ 11 \| 0\.5 \| 3 \|$/m,
  );
  assert.match(
    text,
    /^\| soakd \| `ttfbMs` \| a → b \| 1100 \/ 1100 \/ 1105 \| 1103 \/ – \/ – \| \+3 \/ – \/ – \| yes \|$/m,
  );
  assert.match(text, /^\| slow \| – \| a → b \| 1100 \/ 1100 \/ 1105 \| – \| – \| no \|$/m);
  assert.doesNotMatch(text, /absent|NaN/);
});

test('a round in which soakd failed gives no ratio', () => {
  const text = tables([contestant('slow')], [run('slow', 0, 20)], 11);
  assert.match(text, /^\| slow 1 \| 20\.0 \| – \|/m);
});

test('only what stands between the markers is replaced', () => {
  const document = 'a\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nz\n';
  const once = withMeasured(document, '\nnew $& \n');
  assert.equal(once, 'a\n<!-- bench: begin -->\nnew $&\n<!-- bench: end -->\nz\n');
  assert.equal(withMeasured(once, 'new $&'), once);
  for (const broken of [
    '',
    '<!-- bench: begin -->',
    '<!-- bench: end --><!-- bench: begin -->',
    document + document,
  ]) {
    assert.throws(() => withMeasured(broken, 'new'), /once each/);
  }
});

test('the account of the shell is of its children', () => {
  assert.equal(childSeconds('0m9.00s 0m9.00s\n1m2.500000s 0m0.250000s\n'), 62.75);
  assert.ok(Number.isNaN(childSeconds('')));
});

test('a program is measured with what it starts', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async () => {
  const burn = 'const until = performance.now() + 300; while (performance.now() < until);';
  const nested = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(burn)}])`;
  const ended = await runMeasured(
    { argv: [process.execPath, '-e', `${nested}; console.log('out'); process.exitCode = 3`], cwd: '/' },
    60_000,
    new AbortController().signal,
  );
  assert.equal(ended.code, 3);
  assert.equal(ended.stdout, 'out\n');
  assert.equal(ended.cut, false);
  assert.ok(ended.peakRssBytes > 2 ** 20);
  assert.ok(ended.cpuSeconds > 0, `${ended.cpuSeconds}`);
});

test('a program that does not end is ended, and all it started', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async () => {
  const ended = await runMeasured(
    { argv: ['/bin/sh', '-c', 'sleep 600 & echo $!; wait'], cwd: '/' },
    500,
    new AbortController().signal,
  );
  assert.equal(ended.cut, true);
  const started = Number(ended.stdout);
  assert.ok(started > 0);
  // Gone, or dead and not yet taken note of by whoever inherits orphans.
  const stat = existsSync(`/proc/${started}/stat`) ? readFileSync(`/proc/${started}/stat`, 'utf8') : ') Z';
  assert.match(stat, /\) [ZX]/);
});
