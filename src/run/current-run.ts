import { calendarAt, monotonicMs } from '../core/clock.ts';
import type { RunEvent } from '../core/control.ts';
import type { Run, Verdict } from '../core/run.ts';
import type { Engine } from '../load/engine.ts';
import { type Plan, transportsOf } from '../load/plan.ts';
import type { StreamSnapshot } from '../sink/sink.ts';
import type { KeptPoll } from '../thresholds/history.ts';
import type { ThresholdStatus, WatchState } from '../thresholds/watch.ts';
import { ActiveRun } from './active-run.ts';
import type { OutageChange } from './availability.ts';
import { checkpointParts, type StatePart } from './checkpoint.ts';
import { type FollowedDrift, followDrift } from './follow-drift.ts';
import { Freezes, freezeEvent } from './freezes.ts';
import { closeWindow, lagMoment } from './measurement-quality/lag-log.ts';
import { type LagMoment, type LagShifts, LagWatch } from './measurement-quality/lag-watch.ts';
import { type ResumedRun, shiftMs } from './new-run.ts';
import { outageLine, outageText } from './outage-text.ts';
import { type RecordMoment, RunRecord, recordMoment } from './run-record.ts';
import type { RunResult, Setup } from './run-result.ts';
import { verdictsOf } from './run-verdicts.ts';
import type { RunnerOptions } from './runner-options.ts';
import { withoutWarmUp } from './warm-up.ts';
import type { EndedWarmUp } from './warm-ups.ts';

export interface CurrentRunOptions extends Pick<RunnerOptions, 'log' | 'followMemory' | 'minDriftMs'> {
  readonly plan: Plan;
  readonly setup: Setup;
  readonly engine: Engine;
  /** Who or what starts the run. */
  readonly by: string;
  /** Reason of the start, for its event. */
  readonly note?: string;
  /** Absent: the run begins. */
  readonly resumed?: ResumedRun;
  readonly changed: () => void;
  readonly noted: (run: Run, event: RunEvent) => void;
}

/** The active run with what follows it: its record, the lag of the generator, its drift. */
export class CurrentRun {
  readonly active: ActiveRun;
  readonly #options: CurrentRunOptions;
  readonly #record: RunRecord;
  readonly #followed: FollowedDrift;
  readonly freezes = new Freezes(monotonicMs);
  readonly #done = Promise.withResolvers<RunResult>();
  #lag: LagWatch;
  /** Values of the run as they were last shown to the sinks, and when, monotonic ms. */
  #latest: { readonly values: Float64Array; readonly atMs: number } | undefined;
  /** Values of the run when the open window of lag began. */
  #lagFrom: Float64Array;

  /** @param snapshot of the whole process, before the first stream of this process */
  constructor(options: CurrentRunOptions, snapshot: StreamSnapshot) {
    const { plan, setup, engine, resumed, log, noted, changed, by, note } = options;
    this.#options = options;
    this.active = new ActiveRun({
      plan,
      setup,
      engine,
      log,
      changed,
      noted: (event) => noted(this.active.run, event),
      by,
      note,
      resumed,
    });
    const { places: targets, objectives, run } = this.active;
    const record = { layout: setup.layout, scenario: plan.scenario, targets, objectives };
    const values = resumed?.values ?? new Float64Array(setup.layout.size);
    this.#record = new RunRecord(
      record,
      this.active.level,
      recordMoment({ atMs: snapshot.atMs, values }, run),
    );
    this.#lag = this.#newLag(snapshot);
    this.#lagFrom = values;
    if (resumed !== undefined) {
      this.#lag.restore(resumed.lag);
      if (resumed.openLag !== undefined)
        this.#lag.closeKept(resumed.openLag, resumed.values, resumed.active.at);
      const { atMs } = snapshot;
      this.#record.restore(resumed.record, recordMoment({ atMs, values }, run, this.#lag.quality));
    }
    this.#followed = followDrift(this.active, options);
    if (resumed !== undefined) this.#followed.drift.restore(resumed.drift, shiftMs(resumed));
  }

  /** Resolves with the result of the run. */
  get done(): PromiseWithResolvers<RunResult> {
    return this.#done;
  }

  get lag(): LagWatch {
    return this.#lag;
  }

  get drift(): FollowedDrift['drift'] {
    return this.#followed.drift;
  }

  /** Returns the values of the run, with the main thread's part. */
  values(): Float64Array {
    const values = this.active.engine.values();
    this.#record.addTo(values);
    return values;
  }

  /**
   * Follows the run. Call once a second and after every change.
   * @param snapshot of the whole process @param values of the run, at the same moment
   * @param isDue whether windows of lag end now
   */
  follow(snapshot: StreamSnapshot, values: Float64Array, isDue: boolean): void {
    const { active } = this;
    this.#latest = { values, atMs: snapshot.atMs };
    this.#follow(snapshot, values);
    this.#noteFreezes();
    if (isDue) {
      closeWindow(this.#lag, this.#lagMoment(snapshot), this.#options.log, active.run.id);
      this.#lagFrom = values;
      const { atMs } = snapshot;
      this.#record.windowEnded(recordMoment({ atMs, values }, active.run, this.#lag.quality));
    }
    if (active.isWarmingUp) return;
    this.#followed.drift.add({
      ...snapshot,
      load: active.load(snapshot.layout),
      unreliableWindows: this.#lag.quality.unreliable,
    });
  }

  /** Returns the results of the thresholds if the run ended now. @param watched states of its thresholds */
  verdicts(watched: readonly ThresholdStatus[]): Verdict[] {
    const { warmUps, setup, plan } = this.active;
    const values = this.#latest?.values ?? this.values();
    const warmUp = warmUps.leftOut(values);
    const measured = warmUp === undefined ? values : withoutWarmUp(setup.layout, values, warmUp);
    return verdictsOf(setup, plan.scenario, measured, this.#lag.shifts, watched).verdicts;
  }

  /** Returns the values that sinks keep between two seconds: those of a checkpoint are the same. */
  keep(): Float64Array {
    const values = this.values();
    this.#latest = { values, atMs: monotonicMs() };
    return values;
  }

  /**
   * Ends the second at the end of a warm-up.
   * @param values of the run, at the moment of the snapshot
   * @returns the values with the time that targets were up, down and unknown until now
   */
  endSecond(snapshot: StreamSnapshot, values: Float64Array): Float64Array {
    const ended = this.#record.endSecond(this.#moment(snapshot, values));
    this.#noteOutages(ended.changes);
    return ended.values;
  }

  /**
   * Restarts the record after a warm-up. The windows of lag restart after the first one: of a later one, only the timings
   * of its target are left out.
   * @returns the lag of the warm-up
   */
  restart(
    snapshot: StreamSnapshot,
    values: Float64Array,
    { targets, isFirst }: EndedWarmUp,
  ): Pick<LagWatch, 'shifts' | 'quality'> {
    const { lag } = this;
    const { windows, unreliable } = lag.quality;
    const moment = recordMoment({ atMs: snapshot.atMs, values }, this.active.run);
    const begin = isFirst ? moment : { ...moment, windows, unreliable };
    this.#record.restart(begin, this.active.level, targets);
    if (!isFirst) return lag.without(targets);
    this.#lag = this.#newLag(snapshot);
    this.#lagFrom = values;
    return lag;
  }

  /**
   * Ends the run, all of whose threads have drained.
   * @param watched states of its thresholds
   * @param endedAt calendar time, ms since 1970
   */
  finish(
    last: StreamSnapshot,
    watched: readonly ThresholdStatus[],
    endedAt = calendarAt(last.atMs),
  ): RunResult {
    const { active } = this;
    this.#followed.close();
    this.freezes.close();
    this.#noteFreezes(true);
    this.#follow(last, this.values(), endedAt);
    // No second follows.
    this.#noteOutages(this.#record.endSecond(this.#moment(last, this.values(), endedAt)).changes);
    // The last thread has drained just now: its samples alone are expected.
    closeWindow(this.#lag, { ...this.#lagMoment(last), threads: 1 }, this.#options.log, active.run.id);
    const { quality, shifts } = this.#lag;
    const values = this.values();
    const end = this.#moment(last, values, endedAt);
    // Ended within a warm-up: what its targets counted is left out.
    if (active.warmingUp.length > 0) this.#record.restart(end, active.level, active.warmingUp);
    const unended = this.#record.endOutages();
    if (!active.isSuspended) this.#noteOutages(unended);
    const recorded = this.#record.finish(end);
    const finished = active.finish(watched, shifts, values, endedAt);
    return { ...finished, ...recorded, quality, drift: this.#followed.drift.finish() };
  }

  /**
   * Returns the parts of a state from which another process can continue the run: of the moment that it last followed,
   * so that a resume begins with what the kept windows end with.
   */
  checkpoint(watch: WatchState, polls: readonly KeptPoll[], pastShifts?: LagShifts): StatePart[] {
    const { engine, state } = this.active;
    const { values, atMs } = this.#latest ?? { values: this.values(), atMs: monotonicMs() };
    const now = { atMs, deaths: engine.deaths, frozenMs: this.freezes.engineMs };
    const openLag = this.#lag.openWindow(this.#lagFrom, now);
    return checkpointParts({
      ...state,
      engine: engine.progress,
      watch,
      polls,
      pastShifts,
      lag: this.#lag.state,
      openLag,
      record: this.#record.state,
      drift: this.#followed.drift.state,
      values,
    });
  }

  #newLag(snapshot: StreamSnapshot): LagWatch {
    const { plan, setup } = this.#options;
    return new LagWatch(setup.config.maxMeasurementLagMs, transportsOf(plan), this.#lagMoment(snapshot));
  }

  #lagMoment(snapshot: StreamSnapshot): LagMoment {
    return lagMoment(snapshot, this.#options.engine, this.freezes.engineMs);
  }

  #noteFreezes(all = false): void {
    for (const stood of this.freezes.take(all))
      this.active.note(...freezeEvent(stood, this.#options.engine.size));
  }

  /** @param at calendar time, ms since 1970; absent: it is computed */
  #follow(snapshot: StreamSnapshot, values: Float64Array, at?: number): void {
    const { active } = this;
    const moment = this.#moment(snapshot, values, at);
    this.#noteOutages(this.#record.add(moment, active.level, snapshot.desired, active.isWarmingUp));
    if (active.run.state === 'draining') this.#noteOutages(this.#record.endLoad(moment));
  }

  #moment({ atMs }: StreamSnapshot, values: Float64Array, at?: number): RecordMoment {
    const moment = recordMoment({ atMs, values }, this.active.run, this.#lag.quality);
    return { ...moment, ...(at === undefined ? {} : { at }), frozenToMs: this.freezes.lastMs };
  }

  #noteOutages(changes: readonly OutageChange[]): void {
    for (const change of changes)
      this.active.note({ action: 'outage', by: 'soakd', detail: outageText(change) }, outageLine(change));
  }
}
