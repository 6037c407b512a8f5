import type {
  LevelPoint,
  PointTiming,
  PointTimings,
  Subject,
  SubjectLimit,
} from '../../src/analysis/level-point.ts';

const NO_TIMINGS: PointTimings = {
  connect: null,
  headers: null,
  ttfb: null,
  ttft: null,
  gap: null,
  tpot: null,
  duration: null,
};

/** A timing with one value for all statistics. */
export function timing(ms: number, errorMs: number | null = 0, n: number | null = 100): PointTiming {
  return { n, mean: ms, p50: ms, p95: ms, p99: ms, errorMs };
}

export type LevelPart = Partial<Omit<LevelPoint, 'timings'>> & { readonly timings?: Partial<PointTimings> };

/** A level of 100 successful streams in one minute. */
export function level(load: number, { timings = {}, ...rest }: LevelPart = {}): LevelPoint {
  return {
    load,
    fromAt: 1_000_000,
    toAt: 1_060_000,
    seconds: 60,
    streams: 100,
    succeeded: 100,
    successRatio: 1,
    completeRatio: 1,
    openMean: load,
    chunksPerStream: 100,
    bytesPerStream: 1500,
    charactersPerStream: 400,
    streamsPerSecond: 100 / 60,
    chunksPerSecond: 10_000 / 60,
    bytesPerSecond: 2500,
    outputTokensPerSecond: null,
    windows: 12,
    unreliable: 0,
    ...rest,
    timings: { ...NO_TIMINGS, ...timings },
  };
}

/** Levels that differ in TTFB alone. */
export function ttfbLevels(
  values: Readonly<Record<number, number>>,
  errorMs: number | null = 0,
): LevelPoint[] {
  return Object.entries(values).map(([load, ms]) =>
    level(Number(load), { timings: { ttfb: timing(ms, errorMs) } }),
  );
}

export function limit(part: Partial<SubjectLimit> = {}): SubjectLimit {
  return {
    threshold: 'ttfb-p95',
    measure: 'TTFB p95',
    unit: 'ms',
    crossedWhen: '>',
    limit: 2500,
    severity: 'warning',
    result: 'pass',
    observed: 1000,
    ...part,
  };
}

export const SUCCESS = limit({
  threshold: 'success-rate',
  measure: 'success rate',
  unit: 'ratio',
  crossedWhen: '<',
  limit: 0.99,
});

export function subject(levels: readonly LevelPoint[], limits: readonly SubjectLimit[] = [limit()]): Subject {
  return { name: 'a', unit: 'users', levels, limits, sharedBy: 1 };
}
