import { difference } from '../catalog/difference.ts';
import { type Cell, PHASES, type StreamLayout, StreamView } from '../catalog/slots.ts';
import { calendarAt } from '../core/clock.ts';
import { OUTCOMES } from '../core/outcome.ts';
import { gapsMs, type Run } from '../core/run.ts';
import type { Scenario } from '../core/scenario.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { StreamsSummary, TargetSummary } from '../schema/streams-summary.ts';
import type { MeasurementQuality } from '../schema/summary.ts';
import { Availability, type AvailabilityState, type OutageChange, watchedMs } from './availability.ts';
import { Contention, type ContentionState, type TargetContention } from './contention.ts';
import { type Level, LevelLog, maxLevels, type OpenLevel, type PlannedLevel } from './levels.ts';
import { streamsSummary } from './streams-summary.ts';
import { withSlots } from './warm-ups.ts';

/** Counts of which a target of a sequence has one at least in the levels that list it. */
const ENDED_OR_STARTED: readonly Cell[] = [
  'started',
  'dropped',
  ...OUTCOMES.map((o) => `finished:${o}` as const),
];

/** Summary of the streams of one level, in total and by target; in a sequence, by the targets that had streams in it. */
export interface LevelCounts extends StreamsSummary {
  readonly targets: readonly TargetSummary[];
}

/** Record of a run besides its counts. */
export interface RunRecording {
  readonly levels: readonly Level<LevelCounts>[];
  readonly availability: Pick<Availability, 'outages' | 'failureTimes'>;
  readonly contention: readonly TargetContention[];
}

export interface RecordOptions {
  readonly layout: StreamLayout;
  readonly scenario: Pick<Scenario, 'model' | 'stages' | 'sequence'>;
  /** Of the scenario: names, and places in the layout. */
  readonly targets: readonly { readonly name: string; readonly index: number }[];
  /** Names of the targets that have an objective. */
  readonly objectives: readonly string[];
}

/** One moment of a run. */
export interface RecordMoment {
  /** Monotonic, ms. */
  readonly atMs: number;
  /** Calendar time, ms since 1970. */
  readonly at: number;
  /** Gaps of the run so far, ms. */
  readonly gapMs?: number;
  /** Values of the run at that time. */
  readonly values: Float64Array;
  /** End of the last freeze of soakd so far, monotonic ms; absent: there was none. */
  readonly frozenToMs?: number;
  /** Windows of lag so far, and how many of them were unreliable. */
  readonly windows: number;
  readonly unreliable: number;
}

/** Returns the moment of values of a run. A run starts, and continues after a gap, a moment after it is made. */
export function recordMoment(
  { atMs, values }: Pick<Snapshot, 'atMs' | 'values'>,
  { startedAt, gaps }: Pick<Run, 'startedAt' | 'gaps'>,
  quality?: MeasurementQuality,
): RecordMoment {
  const { windows = 0, unreliable = 0 } = quality ?? {};
  const gapMs = gapsMs(gaps);
  const at = calendarAt(atMs);
  const earlyMs = Math.max(0, (gaps.at(-1)?.toAt ?? startedAt) - at);
  return { atMs: atMs + earlyMs, at: at + earlyMs, gapMs, values, windows, unreliable };
}

/** State of the record of a run, for a resume. */
export interface RunRecordState {
  readonly availability: AvailabilityState;
  readonly contention: readonly ContentionState[];
  readonly level: OpenLevel;
  readonly ended: readonly Level<LevelCounts>[];
  /** Values at the start, or at the end of the warm-up. */
  readonly from: Float64Array;
}

/** Records a run once a second: its levels, the outages of its targets, and contention in them. */
export class RunRecord {
  readonly #options: RecordOptions;
  readonly #availability: Availability;
  readonly #contention: Contention;
  readonly #levels: LevelLog<LevelCounts>;
  #from: Float64Array;
  #hasLoadEnded = false;

  constructor(options: RecordOptions, first: PlannedLevel, begin: RecordMoment) {
    const { layout, scenario, targets } = options;
    this.#options = options;
    this.#availability = new Availability(targets, layout, begin);
    this.#contention = new Contention(layout, targets);
    this.#from = begin.values;
    this.#levels = new LevelLog(
      scenario.model.kind,
      maxLevels(targets.length, scenario.sequence !== undefined),
      (from, to, durationMs) => this.#counts(from, to, durationMs),
      first,
      begin,
    );
  }

  /** Adds the counts of the main thread to those of the engine. */
  addTo(values: Float64Array): void {
    this.#availability.addTo(values);
  }

  /**
   * @param desired streams wanted now, by target of the layout
   * @param isWarmingUp whether the targets of the level are warming up
   */
  add(
    now: RecordMoment,
    level: PlannedLevel,
    desired: readonly number[],
    isWarmingUp = false,
  ): OutageChange[] {
    const current = this.#levels.current.level;
    const passes = isWarmingUp && this.#isTurnOf(level);
    const isEnd = !passes && this.#levels.ends(level);
    // Before the level ends, so that its last second counts in it.
    const changes = this.#availability.add(now, this.#turnOf(isEnd ? current : level), isEnd);
    if (passes) this.#levels.pass(level);
    else this.#followTo(level, now, isWarmingUp);
    this.#contention.add(now.values, desired);
    return changes;
  }

  /** Ends the second, however short it is, so that the values of this moment have its time. */
  endSecond(now: RecordMoment): { readonly values: Float64Array; readonly changes: OutageChange[] } {
    const changes = this.#availability.add(now, this.#turnOf(this.#levels.current.level), true);
    return { values: this.#counted(now).values, changes };
  }

  /** A window of lag has ended. */
  windowEnded(now: RecordMoment): void {
    this.#levels.windowsAt(now);
  }

  /** Notes that the plan has ended, or was stopped: open streams end, and no new ones start. A second call changes nothing. */
  endLoad(now: RecordMoment): OutageChange[] {
    if (this.#hasLoadEnded) return [];
    this.#hasLoadEnded = true;
    const { values, changes } = this.endSecond(now);
    this.#levels.endLoad({ ...now, values });
    return changes;
  }

  /**
   * Drops the record of some targets so far, as after a warm-up.
   * @param targets in a sequence, the one whose turn it is: levels of earlier turns stay
   */
  restart(now: RecordMoment, level: PlannedLevel, targets: readonly string[]): void {
    const { layout } = this.#options;
    // A second that came so late that it saw no moment of the warm-up.
    if (!this.#isTurnOf(level)) this.#followTo(level, now, true);
    const kept = this.#options.targets.map(({ name }) => name).filter((name) => !targets.includes(name));
    const current = this.#levels.current.from.values;
    const values = withSlots(layout, withOpenToStart(layout, now.values), current, kept);
    this.#from = withSlots(layout, now.values, this.#from, kept);
    this.#levels.restart(level, { ...now, values });
    this.#contention.restart(targets);
    this.#availability.restart(targets);
  }

  /** State for a resume. Its parts are shared with this record. */
  get state(): RunRecordState {
    return {
      availability: this.#availability.state(),
      contention: this.#contention.states,
      level: this.#levels.current,
      ended: this.#levels.ended,
      from: this.#from,
    };
  }

  /** Continues the record of an earlier process. @param now with the values counted by the run so far */
  restore({ availability, contention, level, ended, from }: RunRecordState, now: RecordMoment): void {
    this.#availability.restore(availability, now.values);
    this.#contention.restore(contention);
    this.#levels.restore(ended, level, now);
    this.#from = from;
  }

  /** Ends the outages that no target has ended, and returns those that were reported. Call once, before {@link finish}. */
  endOutages(): OutageChange[] {
    return this.#availability.finish().map((outage) => ({ kind: 'unended', outage }));
  }

  finish(now: RecordMoment): RunRecording {
    const { layout } = this.#options;
    return {
      levels: this.#levels.finish(now),
      availability: this.#availability,
      contention: this.#contention.finish(difference(layout, now.values, this.#from)),
    };
  }

  /** Returns whether a level loads what the current one does: the same target of a sequence, or all. */
  #isTurnOf(level: PlannedLevel): boolean {
    const { stages } = this.#options.scenario;
    return stages[level.stage]?.target === stages[this.#levels.current.level.stage]?.target;
  }

  /**
   * Ends the level where the plan is on another one. Seconds come late: what a target has counted in a warm-up that has
   * begun by now is left out, and belongs to no level.
   */
  #followTo(level: PlannedLevel, now: RecordMoment, isWarmingUp: boolean): void {
    const { layout, scenario } = this.#options;
    const warming = isWarmingUp ? scenario.stages[level.stage]?.target : undefined;
    this.#levels.follow(level, () => {
      const counted = this.#counted(now);
      if (warming === undefined) return counted;
      const { values } = this.#levels.current.from;
      return { ...counted, values: withSlots(layout, counted.values, values, [warming]) };
    });
  }

  #counted(now: RecordMoment): RecordMoment {
    return { ...now, values: this.#availability.counted(now.values) };
  }

  /** Returns the only target that a level loads, `null`: none; `undefined` if all are loaded at once. */
  #turnOf({ stage, from, to }: PlannedLevel): string | null | undefined {
    const { stages, sequence } = this.#options.scenario;
    if (sequence === undefined) return undefined;
    return to > 0 || from > 0 ? stages[stage]?.target : null;
  }

  #counts(from: Float64Array, to: Float64Array, durationMs: number): LevelCounts {
    const { layout, targets, objectives, scenario } = this.#options;
    const isSequence = scenario.sequence !== undefined;
    const values = difference(layout, to, from);
    const view = new StreamView(layout, values);
    const context = { layout, values, objectives, durationMs };
    return {
      ...streamsSummary(
        targets.map((t) => t.index),
        context,
      ),
      targets: targets
        .filter(({ index }) => !isSequence || hasStreams(view, index))
        .map(({ name, index }) => ({
          name,
          ...streamsSummary(
            [index],
            isSequence ? { ...context, durationMs: watchedMs(view, index) } : context,
          ),
        })),
    };
  }
}

function hasStreams(view: StreamView, target: number): boolean {
  return view.active(target) > 0 || ENDED_OR_STARTED.some((cell) => view.cell(target, cell) > 0);
}

/** Streams that are open at the end of a warm-up count as started after it. */
function withOpenToStart(layout: StreamLayout, values: Float64Array): Float64Array {
  const adjusted = values.slice();
  for (const { cell } of layout.slots)
    for (const phase of PHASES) adjusted[cell.started]! -= values[cell[`active:${phase}`]]!;
  return adjusted;
}
