import type { ShareName } from '../measures/list.ts';
import type { LevelSummary } from '../schema/level-summary.ts';
import type { TargetSummary } from '../schema/streams-summary.ts';
import type { Summary } from '../schema/summary.ts';
import { type Compared, nothing } from './compared.ts';
import type { NotCompared } from './comparison.ts';
import { countedDifference, floorOf } from './difference.ts';
import { commonLoads, heldLevels } from './levels.ts';
import type { Options } from './options.ts';
import type { Proportion } from './proportions.ts';
import { COMPARED, type Statistic } from './statistics.ts';
import type { Uncorrected } from './values.ts';

/** Streams that a proportion of a summary needs. */
const MIN_STREAMS = 40;
/** Largest difference of the shares of time at a load: runs that held it longer count it more. */
const MAX_MIX = 0.05;

const NO_WINDOWS = 'a summary alone has no windows, so the value has no interval';

/**
 * Compares two runs by their summaries alone: shares of streams by their counts at the loads that both held, as if
 * streams failed independently. Timings and rates are shown and not compared: percentiles without windows have no
 * interval, and a difference without an interval is no result.
 */
export function summaryValues(
  a: Summary,
  b: Summary,
  targets: readonly string[],
  options: Options,
): Compared {
  const compared: Uncorrected[] = [];
  const notCompared: NotCompared[] = [];
  for (const target of targets) {
    const sides = [a, b].map((of, i) => levelsOf(of, i === 0 ? b : a, target));
    if (!isSameMix(sides[0]!, sides[1]!)) {
      notCompared.push(...shown(target, sides, 'the runs held their loads for different shares of the time'));
      continue;
    }
    for (const statistic of shareStatistics()) {
      const [of, other] = sides.map((levels) => proportionOf(statistic, levels)) as [Proportion, Proportion];
      if (of.whole === 0 && other.whole === 0) continue;
      if (statistic.measure !== 'success' && of.part === 0 && other.part === 0) continue;
      if (Math.min(of.whole, other.whole) < MIN_STREAMS) {
        const reason = `${Math.min(of.whole, other.whole)} streams, expected at least ${MIN_STREAMS}`;
        notCompared.push(notComparedShare(target, statistic, of, other, reason));
        continue;
      }
      compared.push(shareValue(target, statistic, of, other, options));
    }
    notCompared.push(...shown(target, sides, NO_WINDOWS));
  }
  if (compared.length === 0)
    return nothing({
      reason: 'too-few-streams',
      text: 'without windows only shares of streams are compared, and none has enough streams at an equal load',
    });
  const notes = [
    'without the windows of both runs only shares of streams are compared, as if streams failed independently',
  ];
  return { refused: null, compared, notCompared, notes, windows: [0, 0], complete: false };
}

interface TargetLevel {
  readonly load: number;
  readonly lastedMs: number;
  readonly counted: TargetSummary;
}

function levelsOf(summary: Summary, other: Summary, target: string): TargetLevel[] {
  const held = heldLevels(summary, target);
  const common = commonLoads(held, heldLevels(other, target));
  return held.flatMap(({ index, load }) => {
    const level: LevelSummary = summary.levels[index]!;
    const counted = level.targets.find(({ name }) => name === target);
    return common.includes(load) && counted !== undefined
      ? [{ load, lastedMs: level.lastedMs, counted }]
      : [];
  });
}

function isSameMix(a: readonly TargetLevel[], b: readonly TargetLevel[]): boolean {
  const shares = [a, b].map((levels) => {
    const total = levels.reduce((sum, { lastedMs }) => sum + lastedMs, 0);
    const of = (load: number): number =>
      levels.reduce((sum, l) => sum + (l.load === load ? l.lastedMs : 0), 0) / total;
    return of;
  });
  return a.length > 0 && a.every(({ load }) => Math.abs(shares[0]!(load) - shares[1]!(load)) <= MAX_MIX);
}

function shareStatistics(): Statistic[] {
  return COMPARED.flatMap(({ kind, statistics }) => (kind === 'share' ? [...statistics] : []));
}

/** Shares of a summary by their measures: every one that windows have. */
const PROPORTIONS: Readonly<Record<'success' | ShareName, (of: TargetSummary) => Proportion>> = {
  success: ({ streams: { results } }) => ({ part: results.success, whole: results.success + results.failed }),
  goodput: ({ goodput }) => ({ part: goodput?.within ?? 0, whole: goodput?.finished ?? 0 }),
  buffered: ({ buffered }) => ({ part: buffered.streams, whole: buffered.of }),
};

function proportionOf({ measure }: Statistic, levels: readonly TargetLevel[]): Proportion {
  const read = PROPORTIONS[measure as keyof typeof PROPORTIONS];
  let [part, whole] = [0, 0];
  for (const { counted } of levels) {
    const of = read(counted);
    part += of.part;
    whole += of.whole;
  }
  return { part, whole };
}

function shareValue(
  target: string,
  statistic: Statistic,
  of: Proportion,
  other: Proportion,
  { confidence, relativeFloor }: Options,
): Uncorrected {
  const { measure, statistic: id, name, unit, worse } = statistic;
  const [a, b] = [of.part / of.whole, other.part / other.whole];
  const floor = floorOf(statistic, a, [], relativeFloor);
  const difference = countedDifference(of, other, confidence);
  return { target, measure, statistic: id, name, unit, worse, a, b, floor, ...difference };
}

function notComparedShare(
  target: string,
  { name, unit }: Statistic,
  of: Proportion,
  other: Proportion,
  reason: string,
): NotCompared {
  const [a, b] = [of, other].map(({ part, whole }) => (whole === 0 ? null : part / whole)) as [
    number | null,
    number | null,
  ];
  return { target, name, unit, a, b, reason };
}

const TIMINGS = {
  ttfbMs: 'TTFB',
  ttftMs: 'TTFT',
  gapMs: 'chunk gap',
  successDurationMs: 'success duration',
} as const;

/** Returns the main timings of a target, for people; of several levels those of the level that lasted longest. */
function shown(target: string, sides: readonly (readonly TargetLevel[])[], reason: string): NotCompared[] {
  const [a, b] = sides.map((levels) => levels.toSorted((x, y) => y.lastedMs - x.lastedMs)[0]?.counted);
  return (Object.entries(TIMINGS) as [keyof typeof TIMINGS, string][]).flatMap(([key, noun]) =>
    (['p50', 'p95'] as const)
      .map((q) => ({
        target,
        name: `${noun} ${q}`,
        unit: 'ms' as const,
        a: a?.[key][q] ?? null,
        b: b?.[key][q] ?? null,
        reason,
      }))
      .filter((value) => value.a !== null || value.b !== null),
  );
}
