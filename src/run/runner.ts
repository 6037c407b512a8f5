import { StreamView } from '../catalog/slots.ts';
import type { Control, RunEvent } from '../core/control.ts';
import { convertValues } from '../core/convert.ts';
import { SoakError } from '../core/errors.ts';
import type { OpenStream, OpenStreamQuery } from '../core/open-stream.ts';
import { GRACE_MS, type Run, type RunReason } from '../core/run.ts';
import { addValues } from '../core/snapshot.ts';
import type { AfterDeath, Engine } from '../load/engine.ts';
import { type Plan, transportsOf } from '../load/plan.ts';
import type { StreamSnapshot } from '../sink/sink.ts';
import { Sinks } from '../sink/sinks.ts';
import { type ThresholdStatus, ThresholdWatch } from '../thresholds/watch.ts';
import { ActiveRun } from './active-run.ts';
import { changesOf } from './changes.ts';
import { type ErrorBudget, errorBudgets } from './error-budget.ts';
import { type FollowedDrift, followDrift } from './follow-drift.ts';
import { closeWindow, lagMoment } from './measurement-quality/lag-log.ts';
import { LagWatch } from './measurement-quality/lag-watch.ts';
import { PastLag } from './measurement-quality/past-lag.ts';
import { outageLine, outageText } from './outage-text.ts';
import { type DriftGauge, driftGauges } from './run-drift.ts';
import { RunRecord, recordMoment } from './run-record.ts';
import type { RunResult, Setup } from './run-result.ts';
import type { RunnerOptions } from './runner-options.ts';

export type { RunResult, Setup } from './run-result.ts';

const SNAPSHOT_INTERVAL_MS = 1000;

const AFTER_DEATH: Readonly<Record<AfterDeath, string>> = {
  replaced: 'restarted',
  'not-needed': 'not restarted, since no new starts are planned',
  'given-up': 'crash loop, stopping the run',
};

/** The current run, and the sinks that show it. */
interface Current {
  readonly active: ActiveRun;
  readonly followed: FollowedDrift;
  readonly record: RunRecord;
  lag: LagWatch;
  readonly ticks: NodeJS.Timeout;
  readonly done: PromiseWithResolvers<RunResult>;
}

/** Carries out one run at a time. Keeps the totals of earlier runs, so counters never fall. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #sinks: Sinks;
  #setup: Setup;
  #watch: ThresholdWatch;
  /** Setup that waits for the end of the current run. */
  #nextSetup: Setup | undefined;
  /** Values of all finished runs. */
  #base: Float64Array;
  readonly #pastLag: PastLag;
  #current: Current | undefined;
  /** Worker restarts of all finished runs. */
  #restarts = 0;
  #starting = false;
  #last: RunResult | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#sinks = new Sinks(options.sinks, options.log);
    this.#setup = options.setup;
    this.#watch = new ThresholdWatch(options.setup.config);
    this.#base = new Float64Array(options.setup.layout.size);
    this.#pastLag = new PastLag(options.setup.layout);
  }

  /** The current run, or the previous one. */
  get run(): Run | undefined {
    return this.#current?.active.run ?? this.#last?.run;
  }

  /** Whether a run is starting; it is not the current run yet. */
  get starting(): boolean {
    return this.#starting;
  }

  get last(): RunResult | undefined {
    return this.#last;
  }

  /** Setup of the current run, and of the next one unless a newer setup waits. */
  get setup(): Setup {
    return this.#setup;
  }

  /** Resolves with the result of the current run; `undefined` without a run. */
  get result(): Promise<RunResult> | undefined {
    return this.#current?.done.promise;
  }

  /** Engine threads that died and were replaced, since the process began. */
  get workerRestarts(): number {
    return this.#restarts + (this.#current?.active.engine.restarts ?? 0);
  }

  /** Unreliable windows of all runs since the process began. */
  get unreliableWindows(): number {
    return this.#pastLag.windows + (this.#current?.lag.quality.unreliable ?? 0);
  }

  /** Whether the generator is saturated: its lag makes the timings of the current run unreliable. */
  get saturated(): boolean {
    return this.#current?.lag.saturated ?? false;
  }

  /** Returns the open streams; none without a run. */
  async openStreams(query: OpenStreamQuery): Promise<OpenStream[]> {
    return (await this.#current?.active.engine.list(query)) ?? [];
  }

  /** Returns the state of every threshold of every target. */
  thresholds(): ThresholdStatus[] {
    return this.#watch.states();
  }

  /** Returns the rest of the error budget of each target, in the current run or the previous one. */
  errorBudgets(): ErrorBudget[] {
    const { config } = this.#setup;
    if (this.#current !== undefined) {
      const { active } = this.#current;
      return errorBudgets(config, new StreamView(active.setup.layout, active.engine.values()));
    }
    return errorBudgets(config, this.#last && new StreamView(this.#last.layout, this.#last.values));
  }

  /** Returns the upward trend of each signal in the current run. */
  drifts(): DriftGauge[] {
    return driftGauges(this.#setup.config, this.#current?.followed.drift.live ?? []);
  }

  /** Returns all values counted since the process began. */
  snapshot(): StreamSnapshot {
    const { layout } = this.#setup;
    const active = this.#current?.active;
    const own = this.#counted();
    const values = own === undefined ? this.#base : addValues(layout, this.#base, own);
    const desired = active?.desired(layout, values) ?? layout.targets.map(() => 0);
    return { atMs: monotonicMs(), layout, values, desired, ...(own && active?.shares(own)) };
  }

  /**
   * Applies another configuration: at once, or after the current run, whose threads count in its layout. Keeps all
   * counts.
   * @returns whether the configuration is in effect
   */
  reconfigure(setup: Setup): boolean {
    if (this.#current !== undefined || this.#starting) {
      this.#nextSetup = setup;
      return false;
    }
    this.#base = convertValues(this.#setup.layout, setup.layout, this.#base);
    this.#pastLag.convert(setup.layout);
    this.#setup = setup;
    this.#watch = new ThresholdWatch(setup.config);
    this.#nextSetup = undefined;
    return true;
  }

  /**
   * Starts a run.
   * @param by user or component that starts it
   * @param prepare makes the plan; called only when no run is active
   * @param note reason of the start, for its event
   * @throws SoakError RUN_ACTIVE, and the errors of `prepare` and the engine
   */
  async start(by: string, prepare: (setup: Setup) => Promise<Plan>, note?: string): Promise<Run> {
    if (this.#current !== undefined || this.#starting) {
      const { id, scenario: name } = this.#current?.active.run ?? {};
      const current = id === undefined ? 'one is being started' : `${id} (${name})`;
      throw new SoakError(
        'RUN_ACTIVE',
        `a run is active: ${current}; stop it first, or wait until it has ended`,
      );
    }
    this.#starting = true;
    try {
      const plan = await prepare(this.#setup);
      const engine = await this.#options.openEngine(plan, this.#setup.layout, {
        failures: (results, omitted) => {
          if (this.#current !== undefined) this.#sinks.results(this.#current.active.run, results, omitted);
        },
        refused: (detail) => {
          this.#options.log.error(
            { run: plan.runId, detail },
            'target refused by the allowlist; stopping the run',
          );
          this.stop('target_not_allowed', 0);
        },
        lost: (error, then) => {
          const { message: err, stack } = error;
          this.#options.log.error(
            { run: plan.runId, err, stack },
            `engine thread died; ${AFTER_DEATH[then]}`,
          );
          if (then === 'given-up') this.stop('worker_died');
        },
      });
      return this.#begin(plan, engine, by, note);
    } finally {
      this.#starting = false;
      // After a failed start there is no run to wait for.
      if (this.#current === undefined) this.#takeNextSetup();
    }
  }

  /**
   * Changes the current run.
   * @param by user or component that changes it
   * @throws SoakError NO_RUN, NOT_RUNNING, LIMIT_EXCEEDED, USAGE; nothing has changed then
   */
  control(control: Control, by: string): Run {
    if (control.action === 'stop') return this.stop('stopped', control.graceMs, by);
    const { active } = this.#requireCurrent('to change');
    const { limits } = (this.#nextSetup ?? this.#setup).config;
    active.change(control, by, limits);
    this.#tick();
    return active.run;
  }

  /**
   * No new starts; open streams have the grace period, then they are `cancelled`.
   * @throws SoakError NO_RUN
   */
  stop(why: RunReason, graceMs = GRACE_MS, by = 'soakd'): Run {
    const { active } = this.#requireCurrent('to stop');
    active.stop(why, graceMs, by);
    this.#tick();
    return active.run;
  }

  #requireCurrent(what: string): Current {
    if (this.#current !== undefined) return this.#current;
    throw new SoakError(
      'NO_RUN',
      this.#starting
        ? `a run is being started: there is nothing ${what} yet; ask again in a second`
        : `no run is active: there is nothing ${what}`,
    );
  }

  #begin(plan: Plan, engine: Engine, by: string, note: string | undefined): Run {
    const { log } = this.#options;
    const setup = this.#setup;
    // Maxima are those of the current run.
    for (const i of setup.layout.maxima) this.#base[i] = 0;
    const changed = (): void => this.#tick();
    const noted = (event: RunEvent): void => this.#sinks.event(active.run, event);
    const active: ActiveRun = new ActiveRun({ plan, setup, engine, log, changed, noted }, by, note);
    const snapshot = this.snapshot();
    const { maxMeasurementLagMs } = setup.config;
    const { places: targets, objectives } = active;
    const options = { layout: setup.layout, model: plan.scenario.model.kind, targets, objectives };
    const current: Current = {
      active,
      record: new RunRecord(options, active.level, recordMoment(snapshot, active.run.startedAt)),
      lag: new LagWatch(maxMeasurementLagMs, transportsOf(plan), lagMoment(snapshot, engine)),
      followed: followDrift(active, this.#options),
      ticks: setInterval(changed, SNAPSHOT_INTERVAL_MS),
      done: Promise.withResolvers(),
    };
    this.#current = current;
    const { run } = current.active;
    this.#watch.begin();
    this.#watch.add({ run, atMs: snapshot.atMs, ...this.#pastLag.bounds(snapshot.values) });
    this.#sinks.start(run, snapshot);
    current.active.begin();
    engine.drained.then(() => this.#finish(current)).catch(current.done.reject);
    return run;
  }

  #tick(): void {
    if (this.#current === undefined) return;
    const { active, followed } = this.#current;
    active.refresh();
    const snapshot = this.snapshot();
    if (active.endWarmUp(() => this.#counted()!)) this.#startAfterWarmUp(this.#current, snapshot);
    this.#follow(this.#current, snapshot);
    const { lag } = this.#current;
    // Windows of lag end where those of thresholds do.
    if (this.#watch.isDue(snapshot.atMs))
      closeWindow(lag, lagMoment(snapshot, active.engine), this.#options.log, active.run.id);
    // Bounds of the current run only for an evaluation: they take three arrays of all counters.
    const current = this.#watch.isDue(snapshot.atMs) ? lag : undefined;
    this.#watch.add({
      run: active.run,
      atMs: snapshot.atMs,
      ...this.#pastLag.bounds(snapshot.values, current),
    });
    if (!active.isWarmingUp)
      followed.drift.add({
        ...snapshot,
        load: active.load(snapshot.layout),
        unreliableWindows: lag.quality.unreliable,
      });
    this.#abortWhereCrossed(active);
    this.#sinks.add(active.run, snapshot);
  }

  /** Restarts the windows of thresholds, of lag and of the record after the warm-up. */
  #startAfterWarmUp(current: Current, snapshot: StreamSnapshot): void {
    const { active, lag, record } = current;
    record.restart(recordMoment(snapshot, active.run.startedAt));
    const { maxMeasurementLagMs } = this.#setup.config;
    this.#pastLag.add(lag);
    current.lag = new LagWatch(
      maxMeasurementLagMs,
      transportsOf(active.plan),
      lagMoment(snapshot, active.engine),
    );
    this.#watch.restart();
  }

  /** Returns the values of the current run, with the main thread's part. */
  #counted(): Float64Array | undefined {
    if (this.#current === undefined) return undefined;
    const values = this.#current.active.engine.values();
    this.#current.record.addTo(values);
    return values;
  }

  #follow({ active, record, lag }: Current, snapshot: StreamSnapshot): void {
    const moment = recordMoment(snapshot, active.run.startedAt, lag.quality);
    const changes = record.add(moment, active.level, snapshot.desired);
    for (const change of changes)
      active.note({ action: 'outage', by: 'soakd', detail: outageText(change) }, outageLine(change));
  }

  #abortWhereCrossed(active: ActiveRun): void {
    if (active.isWarmingUp || (active.run.state !== 'running' && active.run.state !== 'paused')) return;
    const crossed = this.#watch.states().find((s) => s.abort && s.state === 'crossed');
    if (crossed === undefined) return;
    const { threshold, target } = crossed;
    active.stop('threshold_crossed', GRACE_MS, `threshold ${threshold.id} of ${target}`);
  }

  async #finish(current: Current): Promise<void> {
    const { active, followed, lag, record, ticks, done } = current;
    clearInterval(ticks);
    followed.close();
    // All threads have drained, the last one just now: its samples alone are expected.
    const last = this.snapshot();
    this.#follow(current, last);
    closeWindow(lag, { ...lagMoment(last, active.engine), threads: 1 }, this.#options.log, active.run.id);
    const { quality, shifts } = lag;
    const recorded = record.finish(recordMoment(this.snapshot(), active.run.startedAt, quality));
    const finished = active.finish(this.#watch.states(), shifts, this.#counted()!);
    const result = { ...finished, ...recorded, quality, drift: followed.drift.finish() };
    this.#watch.end();
    const { run, layout, values } = result;
    this.#base = addValues(layout, this.#base, values);
    this.#restarts += active.engine.restarts;
    this.#pastLag.add(lag);
    this.#current = undefined;
    this.#last = result;
    const snapshot = this.snapshot();
    this.#sinks.add(run, snapshot);
    const flushed = this.#sinks.stop(run, snapshot);
    this.#takeNextSetup();
    await Promise.all([flushed, active.engine.close()]);
    done.resolve(result);
  }

  #takeNextSetup(): void {
    const next = this.#nextSetup;
    const before = this.#setup.config;
    if (next === undefined || this.#starting || !this.reconfigure(next)) return;
    const { waiting: applied } = changesOf(before, next.config, true);
    this.#options.log.info({ applied }, 'waiting config applied');
    this.#options.changed?.(next);
  }
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
