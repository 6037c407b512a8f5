import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { StreamView, streamLayout } from '../../src/catalog/slots.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Run } from '../../src/core/run.ts';
import { DEFAULT_RULES, ruleFiles } from '../../src/gen/rules.ts';
import { PrometheusExporter } from '../../src/sink/prometheus/exporter.ts';
import { POLL_INTERVAL_MS, ThresholdWatch } from '../../src/thresholds/watch.ts';
import { observe } from '../../support/core/observe.ts';
import { needs } from '../../support/needs.ts';
import { configOf, target } from '../../support/run/samples.ts';

const NAMES = ['a', 'b'];
const LIMITS_MS = { ttfb: [2500], ttft: [3000], gap: [500] };
/** Limits of a user, of measures that have no default. */
const THRESHOLDS = [
  { id: 'ttft-p95', limit: 3000 },
  { id: 'gap-p99', limit: 500 },
  { id: 'goodput', limit: 0.9 },
];
const SETTINGS = { thresholds: THRESHOLDS, targets: [] };
const LAYOUT = streamLayout(NAMES, LIMITS_MS);
const SCRAPE_S = 15;
/** How far apart the two may be: one evaluation of the rules, and one look of the service. */
const TOLERANCE_S = 30;
/** Rules put windows of hours together from such of five minutes. */
const TILE_S = 300;
const LOOK_S = POLL_INTERVAL_MS / 1000;

/** What one second brings to a target. */
interface Second {
  readonly ok?: number;
  readonly failed?: number;
  readonly ttfbMs?: number;
  /** TTFT and a gap of each success. */
  readonly ttftMs?: number;
  readonly gapMs?: number;
  /** Of the successes: within the objective, and arrived at once. Absent: all, none. */
  readonly good?: number;
  readonly buffered?: number;
  readonly durationMs?: number;
  readonly active?: number;
  readonly stalled?: number;
}

interface Story {
  readonly minutes: number;
  readonly second: (s: number, target: string) => Second;
  readonly state?: (s: number) => Run['state'];
  /** When the service is started again, with nothing counted. */
  readonly restartAtS?: number;
  /** `threshold target` of all that is crossed. */
  readonly crossed: readonly string[];
}

const GOOD: Second = { ok: 6, ttfbMs: 1100, ttftMs: 1200, gapMs: 76, durationMs: 30_000, active: 240 };
const between = (s: number, fromMinute: number, toMinute: number): boolean =>
  s >= fromMinute * 60 && s < toMinute * 60;
/** So many of a thousand fail, evenly. */
const failing = (perMille: number): ((s: number) => Second) => {
  let owed = 0;
  return () => {
    owed += (10 * perMille) / 1000;
    const failed = Math.floor(owed);
    owed -= failed;
    return { ...GOOD, ok: 10 - failed, failed };
  };
};

const STORIES: Readonly<Record<string, () => Story>> = {
  'all is well': () => ({ minutes: 60, second: () => GOOD, crossed: [] }),
  'the first byte comes later and later': () => ({
    minutes: 80,
    second: (s) => ({ ...GOOD, ttfbMs: 1100 + s * 0.5 }),
    crossed: NAMES.flatMap((t) => [`ttfb-p95 ${t}`, `ttfb-p50 ${t}`, `ttfb-mean ${t}`]),
  }),
  '99.2 % succeed': () => {
    const second = failing(8);
    return {
      minutes: 90,
      second: (s, t) => (t === 'a' ? second(s) : GOOD),
      crossed: ['success-objective a'],
    };
  },
  '98.5 % succeed': () => {
    const second = failing(15);
    return {
      minutes: 60,
      second: (s, t) => (t === 'a' ? second(s) : GOOD),
      crossed: ['success-rate a', 'success-objective a'],
    };
  },
  '94 % succeed': () => {
    const second = failing(60);
    return {
      minutes: 60,
      second: (s, t) => (t === 'a' ? second(s) : GOOD),
      crossed: ['success-rate a', 'success-rate-critical a', 'success-objective a', 'budget-burn-6h a'],
    };
  },
  'nothing answers for ten minutes': () => ({
    minutes: 60,
    second: (s) => (between(s, 20, 30) ? { failed: 6, active: 240 } : GOOD),
    crossed: NAMES.flatMap((t) =>
      [
        'success-rate',
        'success-rate-critical',
        'success-objective',
        'budget-burn-1h',
        'budget-burn-6h',
        'goodput',
      ].map((id) => `${id} ${t}`),
    ),
  }),
  'streams stall for a quarter of an hour': () => ({
    minutes: 60,
    second: (s, t) => (t === 'a' && between(s, 20, 35) ? { ...GOOD, stalled: 12 } : GOOD),
    crossed: ['stalled-share a'],
  }),
  'a few streams, and half of them fail': () => ({
    minutes: 60,
    second: (s) =>
      s % 60 === 0 ? { ok: 1, failed: 1, ttfbMs: 9000, durationMs: 60_000, active: 2 } : { active: 2 },
    // Fewer than 20 in five minutes say nothing; 50 in an hour do.
    crossed: NAMES.map((t) => `budget-burn-1h ${t}`),
  }),
  'slow, then paused, then slow again': () => ({
    minutes: 70,
    second: (s) => (between(s, 20, 35) ? {} : { ...GOOD, ttfbMs: 3000 }),
    state: (s) => (between(s, 20, 35) ? 'paused' : 'running'),
    crossed: NAMES.flatMap((t) => [`ttfb-p95 ${t}`, `ttfb-p50 ${t}`, `ttfb-mean ${t}`]),
  }),
  'words come late, in pauses, or all at once': () => ({
    minutes: 60,
    second: (s, t) =>
      t === 'a' && between(s, 15, 40) ? { ...GOOD, ttftMs: 3200, gapMs: 600, good: 4, buffered: 1 } : GOOD,
    crossed: ['ttft-p95 a', 'gap-p99 a', 'goodput a', 'buffered-share a'],
  }),
  'one of two targets is slow and full': () => ({
    minutes: 60,
    second: (s, t) =>
      t === 'b' && between(s, 10, 45) ? { ...GOOD, ttfbMs: 2700, durationMs: 52_000, active: 2600 } : GOOD,
    crossed: [
      'ttfb-p95 b',
      'ttfb-p50 b',
      'ttfb-mean b',
      'duration-mean b',
      'duration-mean-critical b',
      'concurrency-soft b',
      'concurrency-scale b',
      'concurrency-hard b',
    ],
  }),
  'the service is started again while all is well': () => ({
    minutes: 60,
    second: () => GOOD,
    restartAtS: 1801,
    crossed: [],
  }),
};

/** From when to when it was crossed, s; the last may last. */
type Times = Map<string, [from: number, to: number | undefined][]>;

/** Plays a story to the service's own watch, and to its exporter. */
async function play({ minutes, second, state, restartAtS }: Story) {
  const config = {
    ...configOf(NAMES.map((name) => target(name, { objective: { ttftMs: 3000 } }))),
    thresholds: THRESHOLDS,
  };
  const start = () => {
    const values = new Float64Array(LAYOUT.size);
    const snapshot = { atMs: 0, layout: LAYOUT, values, desired: NAMES.map(() => 240) };
    const watch = new ThresholdWatch(config, () => 0);
    const exporter = new PrometheusExporter({
      build: { version: '1', revision: '', nodeVersion: '' },
      targets: config.targets,
      timingLimits: LIMITS_MS,
      logMessages: () => 0,
      reloads: () => ({ successful: true, successAt: 0 }),
      idle: snapshot,
    });
    return { values, snapshot, watch, exporter };
  };
  let now = start();
  const times: Times = new Map();
  const series = new Map<string, (number | undefined)[]>();
  const random = seededRandom(1, 0);
  for (let s = 0; s <= minutes * 60; s++) {
    if (s === restartAtS) {
      now.exporter.close();
      now = start();
    }
    const { values, watch, exporter, snapshot } = now;
    const run = { state: state?.(s) ?? 'running' } as Run;
    if (s > 0) {
      NAMES.forEach((name, t) => {
        // Once: some stories count their calls.
        const seen = second(s, name);
        const { ok = 0, failed = 0, ttfbMs, ttftMs, gapMs, durationMs, active = 0, stalled = 0 } = seen;
        const { good = ok, buffered = 0 } = seen;
        const { cell, histogram } = LAYOUT.slots[t]!;
        values[cell['finished:complete']]! += ok;
        values[cell['finished:http_error']]! += failed;
        values[cell['goodput:part']]! += good;
        values[cell['buffered:whole']]! += ok;
        values[cell['buffered:part']]! += buffered;
        for (let n = 0; n < ok; n++) {
          if (ttfbMs !== undefined) observe(values, histogram.ttfb, ttfbMs * (0.95 + 0.1 * random()));
          if (ttftMs !== undefined) observe(values, histogram.ttft, ttftMs);
          if (gapMs !== undefined) observe(values, histogram.gap, gapMs);
          if (durationMs !== undefined) observe(values, histogram['duration:success'], durationMs);
        }
        values[cell['active:streaming']] = active;
        values[cell.stalled] = stalled;
      });
    }
    const observed = new StreamView(LAYOUT, values);
    watch.add({ run, atMs: s * 1000, observed, least: observed, greatest: observed });
    for (const status of s % LOOK_S === 0 ? watch.states() : []) {
      const key = `${status.threshold.id} ${status.target}`;
      const all = times.get(key) ?? [];
      const last = all.at(-1);
      const crossed = status.state === 'crossed';
      if (crossed && (last === undefined || last[1] !== undefined)) times.set(key, [...all, [s, undefined]]);
      else if (!crossed && last !== undefined && last[1] === undefined) last[1] = s;
    }
    if (s % SCRAPE_S !== 0) continue;
    exporter.add(run, snapshot);
    for (const line of (await exporter.scrape()).split('\n')) {
      if (
        !/^soak_(run_active|stream_(ttfb|ttft|chunk_gap|duration)_seconds|streams_(active|stalled|desired|finished_total|started_total|buffer|within)|chunks)/.test(
          line,
        )
      )
        continue;
      const space = line.lastIndexOf(' ');
      const name = line.slice(0, space);
      const column = series.get(name) ?? [];
      column[s / SCRAPE_S] = Number(line.slice(space));
      series.set(name, column);
    }
  }
  now.exporter.close();
  return { times, series, thresholds: now.watch.states() };
}

const labelled = (series: string): string =>
  series.includes('{')
    ? series.replace('{', '{job="soak",instance="i",')
    : `${series}{job="soak",instance="i"}`;

const at = (s: number): string => `${s}s`;

describe('verdict and alerts on the same run', { skip: needs('promtool'), concurrency: 2 }, () => {
  for (const [name, make] of Object.entries(STORIES)) {
    it(`agree: ${name}`, async () => {
      const story = make();
      const { times, series, thresholds } = await play(story);
      const endS = story.minutes * 60;
      const checks: { expr: string; eval_time: string; exp_samples: object[] }[] = [];
      for (const { threshold, target: of } of thresholds) {
        const labels = [
          `alertname="${threshold.alert}"`,
          `severity="${threshold.severity}"`,
          `target="${of}"`,
          'alertstate="firing"',
        ];
        const window = /^budget-burn-(\w+)$/.exec(threshold.id)?.[1];
        if (window !== undefined) labels.push(`window="${window}"`);
        if (threshold.labelled === true) labels.push(`threshold="${threshold.id}"`);
        const of1 = `max without (job) (ALERTS{${labels.join()}})`;
        const firing = (s: number, wanted: boolean): void => {
          if (s < 0 || s > endS) return;
          checks.push({
            expr: `count(${of1}) or vector(0)`,
            eval_time: at(Math.round(s / SCRAPE_S) * SCRAPE_S),
            exp_samples: [{ value: wanted ? 1 : 0 }],
          });
        };
        const crossings = times.get(`${threshold.id} ${of}`) ?? [];
        if (crossings.length === 0) {
          checks.push({
            expr: `count(count_over_time(ALERTS{${labels.join()}}[${at(endS)}])) or vector(0)`,
            eval_time: at(endS),
            exp_samples: [{ value: 0 }],
          });
        }
        const tolerance = threshold.windowMs > 3_600_000 ? TOLERANCE_S + TILE_S : TOLERANCE_S;
        for (const [from, to] of crossings) {
          firing(from - tolerance, false);
          firing(from + tolerance, true);
          if (to === undefined) continue;
          firing(to - tolerance, true);
          firing(to + tolerance, false);
        }
      }
      const folder = await mkdtemp(join(tmpdir(), 'soakd-story-'));
      try {
        const file = join(folder, 'story.yml');
        // In this order: objectives and shares are made from what soak-success records.
        const made = ruleFiles({ ...DEFAULT_RULES, settings: SETTINGS }, '# of a test');
        const rules = ['success', 'objectives', 'latency', 'streams'].map((n) => `soak-${n}.rules.yml`);
        for (const rule of rules) await writeFile(join(folder, rule), made[rule]!);
        const test = {
          name,
          interval: at(SCRAPE_S),
          input_series: [...series].map(([key, column]) => ({
            series: labelled(key),
            values: Array.from(column, (v) => (v === undefined ? '_' : String(v))).join(' '),
          })),
          promql_expr_test: checks,
        };
        await writeFile(
          file,
          stringify({
            rule_files: rules,
            evaluation_interval: at(SCRAPE_S),
            tests: [test],
          }),
        );
        const { stderr, code } = await promisify(execFile)('promtool', ['test', 'rules', file]).then(
          () => ({ stderr: '', code: 0 }),
          (error: { stderr: string; stdout: string; code: number }) => ({
            ...error,
            stderr: error.stdout + error.stderr,
          }),
        );
        const told = [...times].map(
          ([key, all]) => `${key} ${all.map(([f, t]) => `${f}–${t ?? ''}`).join()}`,
        );
        assert.equal(code, 0, `the service says\n${told.join('\n')}\n${stderr.slice(0, 4000)}`);
      } finally {
        await rm(folder, { recursive: true });
      }
      assert.deepEqual([...times.keys()].sort(), [...story.crossed].sort());
    });
  }
});
