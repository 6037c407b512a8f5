import type { LevelPoint, PointTiming, Subject, SubjectLimit } from '../analysis/level-point.ts';
import type { LevelSummary } from '../report/level-summary.ts';
import type { Summary } from '../report/summary.ts';
import type { StreamsSummary, TimedStats } from '../run/streams-summary.ts';

/** Returns a subject for each target of a run, in the order of the summary. */
export function subjectsOf(summary: Summary): Subject[] {
  return summary.targets.map(({ name }) => ({
    name,
    unit: unitOf(summary),
    levels: summary.levels.filter(isHeld).flatMap((level) => {
      const own = level.targets.find((t) => t.name === name);
      return own === undefined ? [] : [levelPoint(level, own)];
    }),
    limits: limitsOf(summary, (target) => target === name),
    sharedBy: summary.targets.length,
  }));
}

/** Returns the levels of all targets of a run together, without limits: those are of one target. */
export function wholeSubject(summary: Summary): Subject {
  return {
    name: 'all targets',
    unit: unitOf(summary),
    levels: summary.levels.filter(isHeld).map((level) => levelPoint(level, level)),
    limits: [],
    sharedBy: 1,
  };
}

const unitOf = ({ setup: { model } }: Summary): Subject['unit'] =>
  model.kind === 'closed' ? 'users' : 'rate';

/** Returns whether one load above 0 was held during a level. */
const isHeld = ({ shape, users, rate, furtherLevels }: LevelSummary): boolean =>
  shape === 'hold' && furtherLevels === 0 && (users ?? rate)?.to !== 0;

function limitsOf({ thresholds }: Summary, isOf: (target: string) => boolean): SubjectLimit[] {
  return thresholds
    .filter(({ target }) => isOf(target))
    .map(({ threshold, measure, unit, crossedWhen, limit, result, observed }) => ({
      threshold,
      measure,
      unit,
      crossedWhen,
      limit,
      severity: 'critical',
      result,
      observed,
    }));
}

function levelPoint(level: LevelSummary, of: StreamsSummary): LevelPoint {
  const streams = of.streams.results.success + of.streams.results.failed;
  const perStream = (n: number): number | null => (streams === 0 ? null : n / streams);
  const perSecond = (n: number): number | null => (level.lastedMs <= 0 ? null : (n * 1000) / level.lastedMs);
  return {
    load: (level.users ?? level.rate)?.to ?? 0,
    fromAt: Date.parse(level.startedAt),
    toAt: Date.parse(level.endedAt),
    seconds: level.lastedMs / 1000,
    streams,
    succeeded: of.streams.results.success,
    successRatio: of.successRatio,
    completeRatio: of.completeRatio,
    openMean: of.streams.openMean,
    timings: {
      connect: timing(of.connectMs),
      headers: timing(of.headersMs),
      ttfb: timing(of.ttfbMs),
      ttft: timing(of.ttftMs),
      gap: timing(of.gapMs),
      tpot: timing(of.tpotMs),
      // Of successes, as in the thresholds.
      duration: timing(of.successDurationMs),
    },
    chunksPerStream: perStream(of.chunks),
    bytesPerStream: perStream(of.bytes),
    charactersPerStream: perStream(of.contentCharacters),
    streamsPerSecond: perSecond(streams),
    chunksPerSecond: of.chunksPerSecond,
    bytesPerSecond: perSecond(of.bytes),
    outputTokensPerSecond: of.outputTokensPerSecond,
    windows: level.measurementQuality.windows,
    unreliable: level.measurementQuality.unreliable,
  };
}

function timing({ count, mean, p50, p95, p99, measurementErrorMs }: TimedStats): PointTiming {
  return { n: count, mean, p50, p95, p99, errorMs: measurementErrorMs?.p99 ?? null };
}
