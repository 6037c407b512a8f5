/**
 * `node bench/drift.ts [--part=alarms,memories,waves,methods,power,leak,shapes,cost] [--runs=1000]`: how often drift is reported
 * where there is none, how small a leak is found, what is taken for one, and what a look costs. The tables of
 * docs/drift.md are from here. Everything is drawn from fixed seeds.
 */
import { parseArgs } from 'node:util';
import type { Pooling } from '../src/drift/blocks.ts';
import type { Drift } from '../src/drift/drift.ts';
import { examine } from '../src/drift/examine.ts';
import { levelOf } from '../src/drift/significance.ts';
import { DriftWatch } from '../src/drift/watch.ts';
import { type Grid, WindowSeries } from '../src/drift/window-series.ts';
import { carryOut, healthyRun, LEVELS, MINUTE_MS } from '../support/drift/made-run.ts';
import { ar, failures, type Noise, randoms } from '../support/drift/noise.ts';
import { SHAPES } from '../support/drift/shapes.ts';
import { ttfbWindows } from '../support/drift/ttfb-windows.ts';
import { METHODS } from './drift-methods.ts';
import { machine, table } from './measure.ts';

const { values: options } = parseArgs({
  options: {
    part: { type: 'string', default: 'alarms,memories,waves,methods,power,leak,shapes,cost' },
    runs: { type: 'string', default: '1000' },
  },
});
const RUNS = Number(options.runs);
const HOURS = [1, 4, 8, 24] as const;
/** A step at whose end the level stands, for a run of five signals of one target. */
const boundFor = (signals: number): number => levelOf('last') / (4 * signals);

const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;

function gridOf(values: ArrayLike<number>, count = 1): Grid {
  const series = new WindowSeries(MINUTE_MS);
  for (let i = 0; i < values.length; i++) series.add((i + 1) * MINUTE_MS, values[i]!, count);
  return series.grid();
}

/** Whole runs: all six signals, with the looks while they go on and the last. */
function alarms(): void {
  const rows = [['healthy runs', 'runs', 'live', 'at the end', 'either']];
  for (const hours of HOURS) {
    const runs = hours > 8 ? RUNS / 4 : RUNS;
    let [live, last, either] = [0, 0, 0];
    for (let seed = 0; seed < runs; seed++) {
      const { lives, report } = carryOut(healthyRun(hours * 60, seed).made);
      if (lives.length > 0) live++;
      if (report.drifts.length > 0) last++;
      if (lives.length + report.drifts.length > 0) either++;
    }
    rows.push([`${hours} h`, `${runs}`, ...[live, last, either].map((n) => percent(n, runs))]);
  }
  say(table(rows));
}

/** The same where all signals remember alike. */
function memories(): void {
  const lengths = [1, 2, 4, 8] as const;
  const rows = [['healthy runs, all signals', ...lengths.map((h) => `${h} h`)]];
  for (const phi of [0, 0.5, 0.8, 0.9]) {
    const cells = lengths.map((hours) => {
      const runs = Math.ceil((2 * RUNS) / hours);
      let found = 0;
      for (let seed = 0; seed < runs; seed++) {
        const random = randoms(seed);
        const made = Object.entries(LEVELS).map(
          ([signal, level], i) =>
            [signal, ar(phi)(hours * 60, random(i)).map((v) => level * (1 + 0.05 * v))] as const,
        );
        const { lives, report } = carryOut(Object.fromEntries(made));
        if (lives.length + report.drifts.length > 0) found++;
      }
      return percent(found, runs);
    });
    rows.push([`AR ${phi}`, ...cells]);
  }
  say(table(rows));
}

/** Waves of 10 % of the level in a run of 8 h: slow ones climb, for as long as nobody can know better. */
function waves(): void {
  const rows = [['wave with a period of', 'live', 'at the end']];
  const runs = Math.ceil(RUNS / 10);
  for (const minutes of [10, 30, 60, 120, 240, 480, 1440]) {
    let [live, last] = [0, 0];
    for (let seed = 0; seed < runs; seed++) {
      const random = randoms(seed);
      const phase = random(1)() * 2 * Math.PI;
      const made = ar(0.4)(480, random(2)).map(
        (v, i) => 1350 * (1 + 0.02 * v + 0.1 * Math.sin((2 * Math.PI * i) / minutes + phase)),
      );
      const { lives, report } = carryOut({ 'ttfb-p95': made });
      if (lives.length > 0) live++;
      if (report.drifts.length > 0) last++;
    }
    rows.push([`${minutes} min`, percent(live, runs), percent(last, runs)]);
  }
  say(table(rows));
}

/** One test of 480 windows by each method: how often p is below a level, where nothing climbs. */
function methods(): void {
  const noises: readonly (readonly [string, Noise])[] = [0, 0.2, 0.4, 0.6, 0.8, 0.9].map(
    (phi) => [`AR ${phi}`, ar(phi)] as const,
  );
  for (const level of [0.01, 0.001]) {
    const rows = [[`false alarms at ${level * 100} %`, ...METHODS.map(({ name }) => name)]];
    for (const [name, noise] of noises) {
      const found = METHODS.map(() => 0);
      for (let seed = 0; seed < RUNS; seed++) {
        const values = noise(480, randoms(seed)(1));
        METHODS.forEach(({ p }, m) => {
          if (p(values) <= level) found[m]!++;
        });
      }
      rows.push([name, ...found.map((n) => percent(n, RUNS))]);
    }
    say(table(rows));
  }
}

interface Watched {
  readonly name: string;
  readonly pooling: Pooling;
  /** Windows of one run with a climb of so much an hour. */
  readonly make: (windows: number, seed: number, perHour: number) => Float64Array;
  /** Slopes to try, from small to large. */
  readonly from: number;
  readonly unit: string;
  readonly show: (slope: number) => string;
}

function latency(name: string, phi: number): Watched {
  return {
    name,
    pooling: 'middle',
    make: (n, seed, perHour) =>
      ar(phi)(n, randoms(seed)(1)).map((v, i) => 1350 * (1 + 0.02 * v) + (perHour * i) / 60),
    from: 0.01,
    unit: 'ms/h',
    show: (slope) => (slope < 10 ? slope.toFixed(1) : slope.toFixed(0)),
  };
}

const WATCHED: readonly Watched[] = [
  latency('TTFB p95, noise ±27 ms', 0),
  latency('the same, AR 0.5', 0.5),
  latency('the same, AR 0.8', 0.8),
  {
    name: 'failure ratio, 0.2 % of 200 streams a window',
    pooling: 'weighted',
    // What is added comes as failures too: whole ones.
    make: (n, seed, perHour) => {
      const random = randoms(seed);
      const more = random(2);
      return failures(n, random(1), 0.002, 200).map((v, i) => {
        let failed = 0;
        for (let k = 0; k < 200; k++) if (more() < (perHour * i) / 60) failed++;
        return Math.min(1, v + failed / 200);
      });
    },
    from: 1e-6,
    unit: 'points/h',
    show: (slope) => (slope * 100).toFixed(3),
  },
  {
    name: 'memory of 400 MiB, noise ±4 MiB, AR 0.8',
    pooling: 'middle',
    make: (n, seed, perHour) =>
      ar(0.8)(n, randoms(seed)(1)).map((v, i) => 400 * (1 + 0.01 * v) + (perHour * i) / 60),
    from: 0.01,
    unit: 'MiB/h',
    show: (slope) => slope.toFixed(1),
  },
];

/** The least slope that is found in nine of ten runs, effect floor aside. */
function power(): void {
  const runs = Math.max(20, Math.ceil(RUNS / 20));
  for (const [what, signals] of [
    ['one target', 5],
    ['50 targets', 250],
  ] as const) {
    const hours = HOURS.filter((h) => h !== 8);
    const rows = [[`least leak found, ${what}`, ...hours.map((h) => `${h} h`), '']];
    for (const { name, pooling, make, from, unit, show } of WATCHED) {
      const cells = hours.map((h) => {
        const isFound = (slope: number): boolean => {
          let found = 0;
          for (let seed = 0; seed < runs; seed++) {
            const finding = examine(gridOf(make(h * 60, seed, slope), 200), pooling).conclude(
              boundFor(signals),
            );
            if (finding !== undefined && finding.kind !== 'step') found++;
          }
          return found >= 0.9 * runs;
        };
        // Up in doublings, then down by halving the step.
        let high = from;
        while (high < from * 2 ** 20 && !isFound(high)) high *= 2;
        if (high >= from * 2 ** 20) return 'none';
        let low = high / 2;
        for (let i = 0; i < 3; i++) {
          const middle = Math.sqrt(low * high);
          if (isFound(middle)) high = middle;
          else low = middle;
        }
        return show(high);
      });
      rows.push([name, ...cells, unit]);
    }
    say(table(rows));
  }
}

/** 50 ms an hour in lognormal TTFB of 1.1 s, read from fine histograms of 187 streams a minute, as 100 users make. */
function leak(): void {
  const runs = Math.max(20, Math.ceil(RUNS / 20));
  const rows = [['50 ms/h after', 'found', 'slope, mean', 'within 10 %', '95 % interval holds']];
  const firsts: number[] = [];
  for (const minutes of [30, 60, 90, 120, 180, 240, 480]) {
    const found: Drift[] = [];
    for (let seed = 0; seed < runs; seed++) {
      const made = ttfbWindows(minutes, 187, randoms(seed)(1), (i) => (50 * i) / 60);
      const { lives, report } = carryOut({ 'ttfb-p95': made['ttfb-p95'] });
      found.push(...report.drifts);
      if (minutes === 480) firsts.push(lives[0]?.windows ?? Number.POSITIVE_INFINITY);
    }
    const slopes = found.map((d) => d.slopePerHour);
    const near = slopes.filter((s) => Math.abs(s - 50) <= 5).length;
    const held = found.filter(({ interval }) => interval[0] <= 50 && interval[1] >= 50).length;
    rows.push([
      `${minutes} windows`,
      percent(found.length, runs),
      slopes.length === 0 ? '–' : (slopes.reduce((a, b) => a + b, 0) / slopes.length).toFixed(1),
      ...[near, held].map((n) => (found.length === 0 ? '–' : percent(n, found.length))),
    ]);
  }
  say(table(rows));
  firsts.sort((a, b) => a - b);
  say(
    `first shown live after ${firsts[0]}, ${firsts[runs >> 1]}, ${firsts.at(-1)} windows (least, median, most)\n`,
  );
}

/** What each shape is called, over runs of 480 windows. */
function shapes(): void {
  const runs = Math.max(20, Math.ceil(RUNS / 10));
  const kinds = ['trend', 'staircase', 'step', 'none'] as const;
  const rows = [['shape, AR 0.4', ...kinds]];
  for (const [name, shape] of Object.entries(SHAPES)) {
    const counts: Record<string, number> = {};
    for (let seed = 0; seed < runs; seed++) {
      const made = ar(0.4)(480, randoms(seed)(1)).map((v, i) => v + shape(i, 480));
      const kind = examine(gridOf(made), 'middle').conclude(boundFor(5))?.kind ?? 'none';
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    rows.push([name, ...kinds.map((k) => (counts[k] === undefined ? '–' : percent(counts[k], runs)))]);
  }
  say(table(rows));
}

/** A look over 50 targets with five signals of 512 windows each. */
function cost(): void {
  const signals = ['ttfb-p95', 'ttfb-p50', 'gap-p95', 'failure-ratio', 'target-rss'] as const;
  const rows = [['a look at 250 signals', 'in all', 'longest part', 'median part']];
  for (const [name, climb] of [
    ['none climbs', 0],
    ['all climb', 0.5],
  ] as const) {
    const targets = Array.from({ length: 50 }, (_, t) => `t${t}`);
    const watch = new DriftWatch({
      watched: targets.map((target) => ({ target, signals })),
      windowMs: MINUTE_MS,
      limitOf: () => undefined,
    });
    const noise = targets.map((_, t) => {
      const random = randoms(t);
      return signals.map((_s, s) => ar([0, 0.2, 0.4, 0.6, 0.8][s]!)(511, random(s)));
    });
    const parts: number[] = [];
    let total = 0;
    for (let i = 0; i < 511; i++) {
      watch.add(
        (i + 1) * MINUTE_MS,
        targets.map((target, t) => ({
          target,
          load: 1,
          unreliable: false,
          values: Object.fromEntries(
            signals.map((s, k) => [
              s,
              { value: 1000 * (1 + climb * (i / 511) + 0.05 * noise[t]![k]![i]!), count: 100 },
            ]),
          ),
        })),
      );
      // Looks along the way, so that the code is as warm as it would be.
      if (i < 505 && !watch.isDue) continue;
      parts.length = 0;
      total = 0;
      const evaluating = watch.evaluating();
      for (;;) {
        // Time of the processor, not of the clock: other programs run as well.
        const start = process.cpuUsage();
        const { done } = evaluating.next();
        const { user, system } = process.cpuUsage(start);
        const took = (user + system) / 1000;
        parts.push(took);
        total += took;
        if (done) break;
      }
    }
    parts.sort((a, b) => a - b);
    rows.push([
      name,
      ...[total, parts.at(-1)!, parts[parts.length >> 1]!].map((ms) => `${ms.toFixed(2)} ms`),
    ]);
  }
  say(table(rows));
}

const PARTS: Readonly<Record<string, () => void>> = {
  alarms,
  memories,
  waves,
  methods,
  power,
  leak,
  shapes,
  cost,
};
say(`${machine()}\n`);
for (const part of options.part.split(',')) PARTS[part]?.();
