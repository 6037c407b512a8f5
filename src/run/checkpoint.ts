import { deserialize, serialize } from 'node:v8';
import { packValues, unpackValues } from '../core/packed-values.ts';
import type { Run, RunGap, RunReason } from '../core/run.ts';
import type { Scenario } from '../core/scenario.ts';
import type { EngineProgress } from '../load/continuation.ts';
import type { LivePlan } from '../load/live-plan.ts';
import { type KeptPoll, MAX_POLLS } from '../thresholds/history.ts';
import type { WatchState } from '../thresholds/watch.ts';
import type { GeneratorUse } from './generator-use.ts';
import type { Level, OpenLevel } from './levels.ts';
import type { LagShifts, LagState, OpenLagWindow } from './measurement-quality/lag-watch.ts';
import type { RunDriftState } from './run-drift.ts';
import type { LevelCounts, RunRecordState } from './run-record.ts';

/** State of an active run besides its values. */
export interface ActiveRunState {
  readonly id: string;
  readonly scenario: Scenario;
  /** Calendar times, ms since 1970. */
  readonly startedAt: number;
  readonly at: number;
  readonly state: Exclude<Run['state'], 'finished'>;
  /** Why it drains; absent in other states. */
  readonly why?: RunReason;
  readonly gaps: readonly RunGap[];
  /** Position in the plan, ms. */
  readonly elapsedMs: number;
  readonly livePlan: LivePlan;
  /** Targets whose warm-up is over. */
  readonly warmedUp: readonly string[];
  /** Indexes of targets whose learned end of streams has been logged. */
  readonly learned: readonly number[];
  readonly use: GeneratorUse;
}

/** State of a run from which another process can continue it. */
interface RunState {
  readonly active: ActiveRunState;
  readonly engine: EngineProgress;
  readonly watch: WatchState;
  readonly lag: Omit<LagState, 'shifts'>;
  /** Absent in a state of before 0.3.0. */
  readonly openLag?: Omit<OpenLagWindow, 'from'>;
  readonly record: Omit<RunRecordState, 'ended' | 'from' | 'level'>;
  readonly level: Omit<OpenLevel, 'from'> & { readonly from: Omit<OpenLevel['from'], 'values'> };
  /** Levels that have ended; each is a part of its own. */
  readonly ended: number;
}

/** A part of a state. It is written again when its version changes. */
export interface StatePart {
  readonly key: string;
  readonly version: unknown;
  pack(): Uint8Array;
}

/** Everything that a resume needs. */
export interface ResumableRun extends Omit<RunState, 'record' | 'lag' | 'openLag' | 'level' | 'ended'> {
  /** Counted by the run. */
  readonly values: Float64Array;
  readonly warmUp: Float64Array | undefined;
  readonly record: RunRecordState;
  readonly lag: LagState;
  /** Window of lag that was open at the last record. */
  readonly openLag?: OpenLagWindow;
  readonly polls: readonly KeptPoll[];
  readonly drift: RunDriftState;
  /** Of the warm-up and of earlier runs, which the windows of thresholds contain; absent: none. */
  readonly pastShifts?: LagShifts;
}

/** Version of the form of a state; another version cannot resume it. */
const FORMAT = 2;

/** Input of {@link checkpointParts}. */
export interface CheckpointInput {
  readonly active: ActiveRunState;
  readonly engine: EngineProgress;
  readonly watch: WatchState;
  readonly lag: LagState;
  readonly openLag?: OpenLagWindow;
  readonly record: RunRecordState;
  readonly values: Float64Array;
  readonly warmUp: Float64Array | undefined;
  readonly polls: readonly KeptPoll[];
  /** The same object until it changes. */
  readonly drift: RunDriftState;
  /** The same object until it changes; `undefined`: none. */
  readonly pastShifts?: LagShifts | undefined;
}

/** Returns the state of a run in parts, those that change each second first. */
export function checkpointParts(input: CheckpointInput): StatePart[] {
  const { active, engine, watch, lag, openLag, record, values, warmUp, polls, drift, pastShifts } = input;
  const { shifts, ...lagState } = lag;
  const { ended, from, level, ...rest } = record;
  const { values: levelFrom, ...moment } = level.from;
  const { from: lagFrom, ...openWindow } = openLag ?? {};
  const state: RunState = {
    active,
    engine,
    watch,
    lag: lagState,
    ...(openLag === undefined ? {} : { openLag: openWindow as Omit<OpenLagWindow, 'from'> }),
    record: rest,
    level: { ...level, from: moment },
    ended: ended.length,
  };
  const array = (key: string, version: unknown, numbers: Float64Array): StatePart => ({
    key,
    version,
    pack: () => packValues(numbers, 0, numbers.length),
  });
  return [
    { key: 'state', version: state, pack: () => serialize({ format: FORMAT, ...state }) },
    array('values', values, values),
    ...(warmUp === undefined ? [] : [array('warm-up', warmUp, warmUp)]),
    array('from', from, from),
    array('level-from', levelFrom, levelFrom),
    ...(lagFrom === undefined ? [] : [array('lag-from', lagFrom, lagFrom)]),
    ...ended.map((one, i) => ({ key: `level-${i}`, version: one, pack: () => serialize(one) })),
    array('shifts-least', lag.unreliable, shifts.least),
    array('shifts-greatest', lag.unreliable, shifts.greatest),
    ...(pastShifts === undefined
      ? []
      : [
          array('past-least', pastShifts, pastShifts.least),
          array('past-greatest', pastShifts, pastShifts.greatest),
        ]),
    { key: 'drift', version: drift, pack: () => serialize(drift) },
    ...polls.map((kept) => ({
      key: `poll-${kept.level}-${kept.n % MAX_POLLS}`,
      version: kept,
      pack: () => serialize(kept),
    })),
  ];
}

/**
 * Restores a state from its packed parts.
 * @param size of the layout in which the values were packed
 * @param convert converts values from that layout to the one of this process
 * @returns `undefined` if parts are missing, damaged or of another version of soakd
 */
export function restoreCheckpoint(
  parts: ReadonlyMap<string, Uint8Array>,
  size: number,
  convert: (values: Float64Array) => Float64Array,
): ResumableRun | undefined {
  const read = <T>(key: string): T => {
    const part = parts.get(key);
    if (part === undefined) throw new RangeError(`part ${key} is missing`);
    return deserialize(part) as T;
  };
  const array = (key: string): Float64Array => {
    const values = new Float64Array(size);
    const part = parts.get(key);
    if (part === undefined) throw new RangeError(`part ${key} is missing`);
    unpackValues(part, values, 0, size);
    return convert(values);
  };
  try {
    const { format, ...state } = read<RunState & { readonly format: number }>('state');
    if (format !== FORMAT) return undefined;
    const { active, engine, watch, lag, openLag, record, level, ended } = state;
    const levels = Array.from({ length: ended }, (_, i) => read<Level<LevelCounts>>(`level-${i}`));
    const shifts: LagShifts = { least: array('shifts-least'), greatest: array('shifts-greatest') };
    const polls = [...parts.keys()]
      .filter((key) => key.startsWith('poll-'))
      .map((key) => read<KeptPoll>(key));
    return {
      active,
      engine,
      watch,
      values: array('values'),
      warmUp: parts.has('warm-up') ? array('warm-up') : undefined,
      lag: { ...lag, shifts },
      ...(openLag === undefined ? {} : { openLag: { ...openLag, from: array('lag-from') } }),
      record: {
        ...record,
        from: array('from'),
        ended: levels,
        level: { ...level, from: { ...level.from, values: array('level-from') } },
      },
      polls,
      drift: read<RunDriftState>('drift'),
      ...(parts.has('past-least')
        ? { pastShifts: { least: array('past-least'), greatest: array('past-greatest') } }
        : {}),
    };
  } catch {
    return undefined;
  }
}
