import { subjectsOf } from '../../src/analysis/subjects.ts';
import type { ReportedRun, ReportInput } from '../../src/document/input.ts';
import type { LevelSummary } from '../../src/schema/level-summary.ts';
import type { TargetSummary, TimedStats } from '../../src/schema/streams-summary.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { summaryOf, UNDECIDED } from '../../support/report/samples.ts';

const START = Date.UTC(2026, 10, 30, 12);
const MINUTE = 60_000;

function timed(ms: number, count: number, errorMs: number): TimedStats {
  const measurementErrorMs = { p50: errorMs / 2, p99: errorMs, count: 1000 };
  return { count, mean: ms, p50: ms, p95: 1.2 * ms, p99: 1.3 * ms, max: 2 * ms, measurementErrorMs };
}

export interface MadeLevels {
  readonly loads: readonly number[];
  readonly names: readonly string[];
  /** Mean TTFB at a load, ms. */
  readonly ttfb: (load: number) => number;
  readonly errorMs?: number;
  readonly part?: Partial<Summary>;
}

/** A summary whose levels last a minute each; every target has the same values. */
export function madeSummary({ loads, names, ttfb, errorMs = 5, part = {} }: MadeLevels): Summary {
  const base = summaryOf();
  const target = (name: string, load: number): TargetSummary => {
    const n = load * 3;
    return {
      ...base.targets[0]!,
      name,
      streams: { ...base.streams, results: { ...base.streams.results, success: n }, openMean: load },
      successRatio: 1,
      completeRatio: 1,
      chunks: n * 400,
      bytes: n * 6000,
      chunksPerSecond: (n * 400) / 60,
      connectMs: timed(10, n, errorMs),
      headersMs: timed(ttfb(load) / 2, n, errorMs),
      ttfbMs: timed(ttfb(load), n, errorMs),
      durationMs: timed(20_000, n, errorMs),
      successDurationMs: timed(20_000, n, errorMs),
    };
  };
  const levels = loads.map(
    (load, stage): LevelSummary => ({
      ...target('', load),
      targets: names.map((name) => target(name, load)),
      stage,
      target: null,
      shape: 'hold',
      users: { from: load, to: load },
      rate: null,
      startedAt: new Date(START + stage * MINUTE).toISOString(),
      endedAt: new Date(START + (stage + 1) * MINUTE).toISOString(),
      lastedMs: MINUTE,
      furtherLevels: 0,
      measurementQuality: { windows: 12, unreliable: 0 },
    }),
  );
  const [setup] = base.setup.targets;
  return {
    ...base,
    targets: names.map((name) => ({ ...target(name, 1000), ...UNDECIDED })),
    setup: {
      ...base.setup,
      stages: loads.map((level) => ({ shape: 'hold', level, durationMs: MINUTE })),
      targets: names.map((name) => ({ ...setup!, name, weight: 1 })),
    },
    thresholds: names.map((name) => ({
      threshold: 'ttfb-mean',
      measure: 'mean TTFB',
      target: name,
      result: 'fail',
      observed: 2600,
      limit: 2500,
      unit: 'ms',
      crossedWhen: '>',
      crossedAtLevels: [],
      crossedFrom: null,
      heldUpTo: null,
      count: 1000,
      required: 20,
      alerts: [],
    })),
    levels,
    ...part,
  };
}

export function madeRun(made: MadeLevels, name = 'r1'): ReportedRun {
  const summary = madeSummary(made);
  return { name, summary, subjects: subjectsOf(summary), series: [], use: null, useReason: null };
}

export function inputOf(...runs: readonly ReportedRun[]): ReportInput {
  return {
    runs,
    tables: [],
    questions: { users: null, pricePerHour: null, currency: 'EUR' },
    version: '0',
    writtenAt: '2026-11-30T00:00:00.000Z',
  };
}
