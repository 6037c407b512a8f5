import { type Compared, nothing } from './compared.ts';
import type { NotCompared, Refusal } from './comparison.ts';
import { commonLoads, type HeldLevel, heldLevels } from './levels.ts';
import type { Options } from './options.ts';
import type { ComparedRun, Recording } from './run.ts';
import { type Strata, strataOf } from './strata.ts';
import { MIN_WINDOWS, targetValues, type Uncorrected } from './values.ts';
import { type Condensed, condense } from './windows.ts';

/** Share of the windows at constant load that may have unreliable timings. */
const MAX_UNRELIABLE = 0.25;

/** Compares two runs by their windows. @param targets names that both have; both runs have a recording */
export function windowValues(
  a: ComparedRun,
  b: ComparedRun,
  targets: readonly string[],
  options: Options,
): Compared {
  const runs = [a, b] as const;
  const sides = runs.map((run) => condensed(run, targets)) as [Condensed, Condensed];
  const refused = tooUnreliable(runs, sides);
  if (refused !== undefined) return nothing(refused);
  const compared: Uncorrected[] = [];
  const notCompared: NotCompared[] = [];
  const notes = runs.flatMap(({ id }, i) => unreliableNote(id, sides[i]!));
  const windows: [number, number] = [0, 0];
  const lengths: string[] = [];
  targets.forEach((target, place) => {
    const strata = targetStrata(runs, sides, target);
    const counts = strata.map((s) => s.windows.length) as [number, number];
    counts.forEach((count, i) => {
      windows[i] = Math.max(windows[i]!, count);
    });
    if (Math.min(...counts) < MIN_WINDOWS) {
      lengths.push(`${target} has ${counts.join(' and ')} windows at a load that both runs held`);
      return;
    }
    const both = strata.map((s, i) => ({ strata: s, layout: sides[i]!.layout, lag: sides[i]!.lag }));
    const values = targetValues(target, place, [both[0]!, both[1]!], options);
    compared.push(...values.compared);
    notCompared.push(...values.notCompared);
  });
  const few = lengths.map((text) => `${text}, expected at least ${MIN_WINDOWS}`);
  if (lengths.length === targets.length) return nothing({ reason: 'too-few-windows', text: few.join('; ') });
  if (compared.length === 0)
    return nothing({ reason: 'too-few-streams', text: 'no statistic has enough observations in both runs' });
  return {
    refused: null,
    compared,
    notCompared,
    notes: [...notes, ...few.map((text) => `${text}: not compared`)],
    windows,
    complete: lengths.length === 0,
  };
}

function condensed(run: ComparedRun, targets: readonly string[]): Condensed {
  // The times of levels are those of the run, whatever share of the load a target has.
  const levels = new Map<number, HeldLevel>();
  for (const target of targets)
    for (const level of heldLevels(run.summary, target)) levels.set(level.index, level);
  return condense(run, run.recording as Recording, targets, [...levels.values()]);
}

function targetStrata(
  runs: readonly ComparedRun[],
  sides: readonly [Condensed, Condensed],
  target: string,
): [Strata, Strata] {
  const levels = runs.map(({ summary }) => heldLevels(summary, target));
  const common = new Set(commonLoads(levels[0]!, levels[1]!));
  const loads = levels.map(
    (of) => new Map(of.filter(({ load }) => common.has(load)).map(({ index, load }) => [index, load])),
  );
  const windows = sides.map((side) => side.windows.get(target)!);
  return strataOf([windows[0]!, windows[1]!], [loads[0]!, loads[1]!]);
}

function tooUnreliable(runs: readonly ComparedRun[], sides: readonly Condensed[]): Refusal | undefined {
  const place = sides.findIndex(({ held, unreliable }) => unreliable > held * MAX_UNRELIABLE);
  if (place < 0) return undefined;
  const { held, unreliable } = sides[place]!;
  return {
    reason: 'unreliable-measurement',
    text: `${unreliable} of ${held} windows of run ${runs[place]!.id} have unreliable timings, expected at most a quarter`,
  };
}

function unreliableNote(id: string, { held, unreliable }: Condensed): string[] {
  return unreliable === 0
    ? []
    : [`${unreliable} of ${held} windows of run ${id} are left out: their timings are unreliable`];
}
