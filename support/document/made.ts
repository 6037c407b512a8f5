import type { Subject } from '../../src/analysis/level-point.ts';
import { subjectsOf } from '../../src/analysis/subjects.ts';
import type { ReportedRun, ReportInput, TargetSeries } from '../../src/document/input.ts';
import type { LevelSummary } from '../../src/schema/level-summary.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { SUCCESS, TTFB } from '../report/checked.ts';
import { summaryOf } from '../report/samples.ts';

export const STARTED_AT = Date.UTC(2026, 10, 23, 18, 0);
const iso = (ms: number): string => new Date(ms).toISOString();

export interface MadeOptions {
  readonly targets?: readonly string[];
  /** Users of each level, one after another. */
  readonly users?: readonly number[];
  /** TTFB of all streams of a level, ms; the same for each level where there are fewer. */
  readonly ttfbMs?: readonly number[];
  readonly levelMs?: number;
  readonly windowMs?: number;
  readonly limitMs?: number;
  /** What the timings of the levels may be too long by, ms. */
  readonly errorMs?: number;
  readonly summary?: Partial<Summary>;
}

/** Makes a run with levels and windows, without measuring anything. */
export function madeReportedRun({
  targets = ['a'],
  users = [100, 200, 400],
  ttfbMs = [200],
  levelMs = 60_000,
  windowMs = 10_000,
  limitMs = 2500,
  errorMs = 5,
  summary: changes = {},
}: MadeOptions = {}): ReportedRun {
  const ttfbOf = (i: number): number => ttfbMs[i] ?? ttfbMs.at(-1)!;
  const all = summaryOf(
    { verdicts: [{ ...TTFB, limit: limitMs, observed: Math.max(...ttfbMs) }, SUCCESS].slice(0, 1) },
    {
      started: 300,
      'finished:complete': 297,
      'finished:reset': 3,
      chunks: 120_000,
      bytes: 1_800_000,
      reads: 119_000,
    },
    { ttfb: ttfbMs, ttft: ttfbMs, gap: [60, 70, 80] },
  );
  const target = { ...all.targets[0]! };
  const levels = users.map((load, stage): LevelSummary => {
    const of = {
      ...target,
      ttfbMs: {
        ...target.ttfbMs,
        mean: ttfbOf(stage),
        p50: ttfbOf(stage),
        p95: ttfbOf(stage),
        p99: ttfbOf(stage),
        measurementErrorMs: { p50: 1, p99: errorMs, count: 1000 },
      },
    };
    return {
      ...of,
      targets: targets.map((name) => ({ ...of, name })),
      stage,
      target: null,
      shape: 'hold',
      users: { from: load, to: load },
      rate: null,
      startedAt: iso(STARTED_AT + stage * levelMs),
      endedAt: iso(STARTED_AT + (stage + 1) * levelMs),
      lastedMs: levelMs,
      furtherLevels: 0,
      measurementQuality: { windows: 12, unreliable: 0 },
    };
  });
  const lastedMs = users.length * levelMs;
  const summary: Summary = {
    ...all,
    run: {
      ...all.run,
      startedAt: iso(STARTED_AT),
      endedAt: iso(STARTED_AT + lastedMs),
      lastedMs,
      measuredMs: lastedMs,
      events: [{ at: iso(STARTED_AT), action: 'start', by: 'local', detail: 'scenario demo' }],
    },
    setup: { ...all.setup, targets: targets.map((name) => ({ ...all.setup.targets[0]!, name })) },
    targets: targets.map((name) => ({ ...target, name })),
    thresholds: targets.map((name) => ({ ...all.thresholds[0]!, target: name })),
    levels,
    ...changes,
  };
  return {
    name: summary.run.id,
    summary,
    subjects: subjectsOf(summary),
    series: targets.map((name) => seriesOf(name, lastedMs, windowMs)),
    unreliable: [{ fromAt: STARTED_AT + windowMs, toAt: STARTED_AT + 2 * windowMs }],
    use: null,
    useReason: 'no Prometheus was asked',
  };
}

function seriesOf(target: string, lastedMs: number, windowMs: number): TargetSeries {
  return {
    target,
    rows: Array.from({ length: Math.floor(lastedMs / windowMs) }, (_, n) => ({
      fromAt: STARTED_AT + n * windowMs,
      toAt: STARTED_AT + (n + 1) * windowMs,
      openMean: 100 + (n % 7),
      successRatio: n % 11 === 5 ? null : 1 - (n % 3) / 1000,
      ttfbP95: 200 + 7 * (n % 13),
      ttftP95: 230 + 7 * (n % 13),
      gapP95: 60 + (n % 5),
      chunks: 4000,
    })),
  };
}

export function inputOf(...runs: readonly ReportedRun[]): ReportInput {
  return {
    runs,
    tables: [],
    questions: { users: null, pricePerHour: null, currency: '' },
    version: '1.2.3',
    writtenAt: '2026-11-30T12:00:00.000Z',
  };
}

/** A table that someone wrote: TTFB alone. */
export function tableSubject(
  name: string,
  levels: readonly (readonly [load: number, ttfb: number])[],
): Subject {
  return {
    name,
    unit: 'users',
    sharedBy: 1,
    limits: [
      {
        threshold: 'ttfb-mean',
        measure: 'mean TTFB',
        unit: 'ms',
        crossedWhen: '>',
        limit: 2500,
        severity: 'critical',
        result: 'fail',
        observed: null,
      },
    ],
    levels: levels.map(([load, mean]) => ({
      load,
      fromAt: null,
      toAt: null,
      seconds: null,
      streams: null,
      succeeded: null,
      successRatio: 1,
      completeRatio: 1,
      openMean: null,
      timings: {
        connect: null,
        headers: null,
        ttfb: { n: null, mean, p50: null, p95: null, p99: null, errorMs: null },
        ttft: null,
        gap: null,
        tpot: null,
        duration: null,
      },
      chunksPerStream: null,
      bytesPerStream: null,
      charactersPerStream: null,
      streamsPerSecond: null,
      chunksPerSecond: null,
      bytesPerSecond: null,
      outputTokensPerSecond: null,
      windows: 0,
      unreliable: 0,
    })),
  };
}
