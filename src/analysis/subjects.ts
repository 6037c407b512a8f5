import type { LevelSummary } from '../report/level-summary.ts';
import type { Summary } from '../report/summary.ts';
import { isSequence, loads } from '../report/turns.ts';
import type { StreamsSummary, TimedStats } from '../run/streams-summary.ts';
import type { LevelPoint, PointTiming, PointTimings, Subject } from './level-point.ts';
import { limitsOfTarget } from './subject-limits.ts';

/** Relative difference below which a level counts as constant: the plan of a run rounds. */
const ROUNDING = 1e-9;

/**
 * Returns one subject for each target of a run, in the order of the summary, with the levels that were held. Levels
 * are not merged. See {@link unheldLevels} for those that are left out.
 */
export function subjectsOf(summary: Summary): Subject[] {
  const { ratio, required } = summary.loadDelivered;
  return summary.targets.map((target) => ({
    name: target.name,
    unit: unitOf(summary),
    levels: summary.levels.filter(isHeld).flatMap((level) => {
      if (!loads(level, target.name)) return [];
      const of = level.targets.find(({ name }) => name === target.name);
      return of === undefined ? [] : [pointOf(level, of)];
    }),
    limits: limitsOfTarget(summary, target),
    sharedBy: isSequence(summary.setup) ? 1 : summary.targets.length,
    ...(ratio === null || ratio >= required ? {} : { delivered: ratio }),
  }));
}

/** Returns the levels of all targets of a run together, without limits: those are of one target. */
export function wholeSubject(summary: Summary): Subject {
  return {
    name: 'all targets',
    unit: unitOf(summary),
    levels: summary.levels.filter(isHeld).map((level) => pointOf(level, level)),
    limits: [],
    sharedBy: 1,
  };
}

const unitOf = ({ setup: { model } }: Summary): Subject['unit'] => (model.kind === 'open' ? 'rate' : 'users');

/** Returns the levels that are no level of constant load, each with the reason, for people. */
export function unheldLevels(summary: Summary): string[] {
  return summary.levels.flatMap((level, index) => {
    // The pauses between the turns of a sequence are planned.
    if (isHeld(level) || ((level.target ?? null) !== null && level.shape === 'pause')) return [];
    const { from, to } = (level.users ?? level.rate)!;
    const unit = level.users === null ? 'streams/s' : 'users';
    const reason =
      level.furtherLevels > 0 ? `holds ${level.furtherLevels} further levels` : `is a ${level.shape}`;
    return [`level ${index} (${from} to ${to} ${unit}) ${reason}`];
  });
}

/** Returns whether one load above 0 was held during a level. A level with further ones merged into it held several. */
function isHeld({ shape, users, rate, furtherLevels }: LevelSummary): boolean {
  const range = users ?? rate;
  if (shape !== 'hold' || range === null || furtherLevels > 0) return false;
  return range.to > 0 && Math.abs(range.to - range.from) <= ROUNDING * range.to;
}

function pointOf(level: LevelSummary, of: StreamsSummary): LevelPoint {
  const { success, failed } = of.streams.results;
  const streams = success + failed;
  const seconds = level.lastedMs / 1000;
  const each = (total: number): number | null => (streams === 0 ? null : total / streams);
  const perSecond = (total: number): number | null => (seconds > 0 ? total / seconds : null);
  return {
    load: (level.users ?? level.rate)!.to,
    fromAt: Date.parse(level.startedAt),
    toAt: Date.parse(level.endedAt),
    seconds,
    streams,
    succeeded: success,
    successRatio: of.successRatio,
    completeRatio: of.completeRatio,
    openMean: of.streams.openMean,
    timings: timingsOf(of),
    chunksPerStream: each(of.chunks),
    bytesPerStream: each(of.bytes),
    charactersPerStream: each(of.contentCharacters),
    streamsPerSecond: perSecond(streams),
    chunksPerSecond: of.chunksPerSecond,
    bytesPerSecond: perSecond(of.bytes),
    outputTokensPerSecond: of.outputTokens > 0 ? of.outputTokensPerSecond : null,
    windows: level.measurementQuality.windows,
    unreliable: level.measurementQuality.unreliable,
  };
}

/** `duration` is that of successes, as in the thresholds: a failure ends early or late for reasons of its own. */
function timingsOf(of: StreamsSummary): PointTimings {
  return {
    connect: timingOf(of.connectMs),
    headers: timingOf(of.headersMs),
    ttfb: timingOf(of.ttfbMs),
    ttft: timingOf(of.ttftMs),
    gap: timingOf(of.gapMs),
    tpot: timingOf(of.tpotMs),
    duration: timingOf(of.successDurationMs),
  };
}

function timingOf({ count, mean, p50, p95, p99, measurementErrorMs }: TimedStats): PointTiming | null {
  if (count === 0) return null;
  return { n: count, mean, p50, p95, p99, errorMs: measurementErrorMs?.p99 ?? null };
}
