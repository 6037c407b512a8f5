import { iso } from '../core/clock.ts';
import { heldLoad } from '../report/level-summary.ts';
import { isSequence, loads } from '../report/turns.ts';
import type { LevelSummary } from '../schema/level-summary.ts';
import type { StreamsSummary, TimedStats } from '../schema/streams-summary.ts';
import type { Summary } from '../schema/summary.ts';
import type { LevelPoint, PointTiming, PointTimings, Subject } from './level-point.ts';
import { limitsOfTarget } from './subject-limits.ts';

/**
 * Returns one subject for each target of a run, in the order of the summary, with the levels that were held. Levels
 * are not merged. See {@link unheldLevels} for those that are left out.
 */
export function subjectsOf(summary: Summary): Subject[] {
  const { ratio, required } = summary.loadDelivered;
  const held = summary.levels.filter(isHeld);
  return summary.targets.map((target) => ({
    name: target.name,
    unit: unitOf(summary),
    levels: held.flatMap((level) => {
      if (!loads(level, target.name)) return [];
      const of = level.targets.find(({ name }) => name === target.name);
      return of === undefined
        ? []
        : [withoutDrain(pointOf(level, of, summary), level, target.name, held.length)];
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
    levels: summary.levels
      .filter(isHeld)
      .map((level, _, held) => withoutDrain(pointOf(level, level, summary), level, null, held.length)),
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

const isHeld = (level: LevelSummary): boolean => heldLoad(level) !== undefined;

/** Levels are followed once a second: a shorter drain is none. */
const MIN_DRAIN_MS = 1500;

/**
 * Returns how long a level lasted after the end of the plan, in which its streams ended and none started, ms. In a sequence a
 * pause follows each turn.
 */
function drainMs(level: LevelSummary, { levels, setup, run, endReason }: Summary): number {
  const [first] = levels;
  if (isSequence(setup)) return 0;
  if (level.loaded != null) {
    const drained = Date.parse(level.endedAt) - Date.parse(level.loaded.endedAt);
    return drained < MIN_DRAIN_MS ? 0 : drained;
  }
  if (first === undefined || level !== levels.at(-1) || endReason !== 'completed') return 0;
  const plannedMs = setup.stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const start = Date.parse(first.startedAt) - setup.warmUpMs;
  const end = Date.parse(level.endedAt);
  const whole = { startedAt: iso(start), endedAt: level.endedAt };
  const over = end - start - gapMs(whole, run.gaps) - plannedMs;
  return over < MIN_DRAIN_MS ? 0 : Math.min(over, level.lastedMs);
}

type Rates = Pick<
  LevelPoint,
  'openMean' | 'streamsPerSecond' | 'chunksPerSecond' | 'bytesPerSecond' | 'outputTokensPerSecond'
>;

const NO_RATES: Rates = {
  openMean: null,
  streamsPerSecond: null,
  chunksPerSecond: null,
  bytesPerSecond: null,
  outputTokensPerSecond: null,
};

/**
 * Returns a point whose rates are those of its load. Rates over a time in which the load ended would bend a curve over several
 * levels: where a summary has no others, such a point has none.
 * @param levels number of levels with a load
 */
function withoutDrain(
  point: LevelPoint,
  level: LevelSummary,
  target: string | null,
  levels: number,
): LevelPoint {
  if (point.drainSeconds === undefined) return point;
  const { loaded = null } = level;
  const of = target === null ? loaded : loaded?.targets.find(({ name }) => name === target);
  if (loaded === null || of == null || loaded.lastedMs <= 0)
    return levels < 2 ? { ...point, ratesOf: 'whole' } : { ...point, ...NO_RATES, ratesOf: 'none' };
  const perSecond = (n: number): number => (n * 1000) / loaded.lastedMs;
  return {
    ...point,
    openMean: of.openMean,
    streamsPerSecond: perSecond(of.ended),
    chunksPerSecond: perSecond(of.chunks),
    bytesPerSecond: perSecond(of.bytes),
    outputTokensPerSecond: of.outputTokens > 0 ? perSecond(of.outputTokens) : null,
    ratesOf: 'load',
  };
}

function pointOf(level: LevelSummary, of: StreamsSummary, summary: Summary): LevelPoint {
  const { run } = summary;
  const drain = drainMs(level, summary);
  const { success, failed } = of.streams.results;
  const streams = success + failed;
  const seconds = (level.lastedMs - gapMs(level, run.gaps)) / 1000;
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
    ...(drain === 0 ? {} : { drainSeconds: drain / 1000 }),
  };
}

/** Returns the part of a level in which no process carried out the run, ms. */
function gapMs(
  { startedAt, endedAt }: Pick<LevelSummary, 'startedAt' | 'endedAt'>,
  gaps: Summary['run']['gaps'],
): number {
  const [start, end] = [Date.parse(startedAt), Date.parse(endedAt)];
  return gaps.reduce(
    (sum, { fromAt, toAt }) =>
      sum + Math.max(0, Math.min(end, Date.parse(toAt)) - Math.max(start, Date.parse(fromAt))),
    0,
  );
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
