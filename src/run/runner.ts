import { StreamView } from '../catalog/slots.ts';
import { monotonicMs } from '../core/clock.ts';
import type { Control, RunEvent } from '../core/control.ts';
import { SoakError } from '../core/errors.ts';
import type { OpenStream, OpenStreamQuery } from '../core/open-stream.ts';
import { GRACE_MS, type Run, type RunReason, type Verdict } from '../core/run.ts';
import type { Scenario } from '../core/scenario.ts';
import type { Transport } from '../core/target.ts';
import type { EngineEvents } from '../load/engine-events.ts';
import { type Plan, transportsOf } from '../load/plan.ts';
import type { StreamSnapshot } from '../sink/sink.ts';
import { Sinks } from '../sink/sinks.ts';
import { type ThresholdStatus, ThresholdWatch } from '../thresholds/watch.ts';
import type { ActiveRun } from './active-run.ts';
import { changesOf } from './changes.ts';
import type { StatePart } from './checkpoint.ts';
import { continuationOf } from './continuation.ts';
import { CurrentRun, type CurrentRunOptions } from './current-run.ts';
import { type ErrorBudget, errorBudgets } from './error-budget.ts';
import { type ResumedRun, shiftMs } from './new-run.ts';
import { type DriftGauge, driftGauges } from './run-drift.ts';
import { AFTER_DEATH } from './run-log.ts';
import type { RunResult, Setup } from './run-result.ts';
import type { RunnerOptions } from './runner-options.ts';
import { startTicks } from './ticks.ts';
import { Totals } from './totals.ts';

/** Carries out one run at a time. Keeps the totals of earlier runs, so counters never fall. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #sinks: Sinks;
  #setup: Setup;
  #watch: ThresholdWatch;
  /** Setup that waits for the end of the current run. */
  #nextSetup: Setup | undefined;
  readonly #totals: Totals;
  #current: CurrentRun | undefined;
  #stopTicks: (() => void) | undefined;
  #starting = false;
  #last: RunResult | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#sinks = new Sinks(options.sinks, options.log);
    this.#setup = options.setup;
    this.#watch = new ThresholdWatch(options.setup.config);
    this.#totals = new Totals(options.setup.layout, options.earlier?.values);
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

  /** Scenario of the current run, with its overrides; `undefined` without a run. */
  get scenario(): Scenario | undefined {
    return this.#current?.active.plan.scenario;
  }

  /** Windows of lag of the current run so far; none without a run. */
  get quality(): { readonly windows: number; readonly unreliable: number } {
    return this.#current?.lag.quality ?? { windows: 0, unreliable: 0 };
  }

  /** Setup of the current run, and of the next one unless a newer setup waits. */
  get setup(): Setup {
    return this.#setup;
  }

  /** Engine threads of the current run at work, how many have died, and its transports; none without a run. */
  get generator(): {
    readonly threads: number;
    readonly deaths: number;
    readonly transports: Set<Transport>;
  } {
    if (this.#current === undefined) return { threads: 0, deaths: 0, transports: new Set() };
    const { engine, plan } = this.#current.active;
    return { threads: engine.threads, deaths: engine.deaths, transports: transportsOf(plan) };
  }

  /** Used heap of each engine thread of the current run, bytes, where it is known. */
  get heaps(): (number | undefined)[] {
    return this.#current?.active.engine.heaps ?? [];
  }

  /** Resolves with the result of the current run; `undefined` without a run. */
  get result(): Promise<RunResult> | undefined {
    return this.#current?.done.promise;
  }

  /** Engine threads that died and were replaced, since the process began. */
  get workerRestarts(): number {
    return this.#totals.restarts + (this.#current?.active.engine.restarts ?? 0);
  }

  /** Unreliable windows of all runs since the process began. */
  get unreliableWindows(): number {
    return this.#totals.unreliableWindows + (this.#current?.lag.quality.unreliable ?? 0);
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

  /** Returns the results of the thresholds of the current run so far; none without a run. */
  verdicts(): Verdict[] {
    return this.#current?.verdicts(this.#watch.states()) ?? [];
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
    return driftGauges(this.#setup.config, this.#current?.drift.live ?? []);
  }

  /**
   * Returns all values counted since the process began.
   * @param own values of the current run, or of one that is about to be resumed, in the layout of the setup
   */
  snapshot(own: Float64Array | undefined = this.#current?.values()): StreamSnapshot {
    const { layout } = this.#setup;
    const active = this.#current?.active;
    const values = this.#totals.with(own);
    const desired = active?.desired(layout, values) ?? layout.targets.map(() => 0);
    return { atMs: monotonicMs(), layout, values, desired, ...(own && active?.shares(own)) };
  }

  /** Leaves the current run to the next process; call before its stop. */
  suspend(): void {
    if (this.#current !== undefined) this.#current.active.isSuspended = true;
  }

  /** Adds the counts of a finished run of an earlier process. @throws TypeError during a run */
  include(values: Float64Array): void {
    if (this.#current !== undefined) throw new TypeError('a run is active');
    this.#totals.include(values);
  }

  /** Returns the parts of a state from which another process can continue the current run; none without a run. */
  checkpoint(): StatePart[] {
    const [watch, past] = [this.#watch, this.#totals.lag.shifts];
    return this.#current?.checkpoint(watch.state(monotonicMs()), watch.latestPolls, past) ?? [];
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
    this.#totals.convert(setup.layout);
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
  start(by: string, prepare: (setup: Setup) => Promise<Plan>, note?: string): Promise<Run> {
    return this.#start(by, prepare, { note });
  }

  /**
   * Continues a run of an earlier process.
   * @param resumed its state in the layout of the setup
   * @throws SoakError as {@link start}
   */
  resume(resumed: ResumedRun, prepare: (setup: Setup) => Promise<Plan>): Promise<Run> {
    // From now on, not only once it has begun: a scrape meanwhile must not show that a crossing is over.
    this.#watch.restore(resumed.watch, resumed.polls, shiftMs(resumed));
    return this.#start('soakd', prepare, { resumed }).catch((error) => {
      this.#watch = new ThresholdWatch(this.#setup.config);
      throw error;
    });
  }

  async #start(
    by: string,
    prepare: (setup: Setup) => Promise<Plan>,
    more: Pick<CurrentRunOptions, 'note' | 'resumed'>,
  ): Promise<Run> {
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
      const { layout } = this.#setup;
      const continued = more.resumed && continuationOf(more.resumed, layout);
      const engine = await this.#options.openEngine(plan, layout, this.#engineEvents(plan.runId), continued);
      return this.#begin({ ...this.#options, ...more, plan, engine, by });
    } finally {
      this.#starting = false;
      // After a failed start there is no run to wait for.
      if (this.#current === undefined) this.#takeNextSetup();
    }
  }

  #engineEvents(run: string): EngineEvents {
    const { log } = this.#options;
    return {
      failures: (results, omitted) => {
        if (this.#current !== undefined) this.#sinks.results(this.#current.active.run, results, omitted);
      },
      refused: (detail) => {
        log.error({ run, detail }, 'target refused by the allowlist; stopping the run');
        this.stop('target_not_allowed', 0);
      },
      lost: (error, then) => {
        const { message: err, stack } = error;
        log.error({ run, err, stack }, `engine thread died; ${AFTER_DEATH[then]}`);
        if (then === 'given-up') this.stop('worker_died');
      },
      frozen: (thread, freeze) => this.#current?.freezes.add(thread, freeze),
    };
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

  #requireCurrent(what: string): CurrentRun {
    if (this.#current !== undefined) return this.#current;
    const why = this.#starting ? 'a run is being started' : 'no run is active';
    const then = this.#starting ? ' yet; ask again in a second' : '';
    throw new SoakError('NO_RUN', `${why}: there is nothing ${what}${then}`);
  }

  #begin(options: Omit<CurrentRunOptions, 'setup' | 'changed' | 'noted'>): Run {
    const setup = this.#setup;
    this.#totals.forgetMaxima();
    const { resumed, engine } = options;
    const changed = (): void => this.#tick();
    const noted = (run: Run, event: RunEvent): void => this.#sinks.event(run, event);
    const before = this.snapshot(resumed?.values);
    const current = new CurrentRun({ ...options, setup, changed, noted }, before);
    this.#current = current;
    // After a freeze, windows end once the engine threads have said whether they were frozen, too.
    this.#stopTicks = startTicks({
      second: changed,
      between: () => this.#sinks.between(current.active.run, this.snapshot(current.keep())),
      isSettling: () => current.freezes.isSettling,
    });
    const { run } = current.active;
    const snapshot = this.snapshot();
    if (resumed === undefined) this.#watch.begin();
    else this.#totals.resume(resumed);
    const lag = resumed && current.lag;
    this.#watch.add({ run, atMs: snapshot.atMs, ...this.#totals.lag.bounds(snapshot.values, lag) });
    this.#sinks.start(run, resumed === undefined ? snapshot : before);
    // What the earlier process had open is lost: counted after the start, so that windows have it.
    if (resumed !== undefined) this.#sinks.add(run, snapshot);
    current.active.begin();
    engine.drained.then(() => this.#finish(current)).catch(current.done.reject);
    return run;
  }

  #tick(): void {
    const current = this.#current;
    if (current === undefined) return;
    const { active } = current;
    active.refresh();
    let own = current.values();
    const snapshot = this.snapshot(own);
    const warmUp = active.endWarmUp(() => {
      own = current.endSecond(snapshot, own);
      return own;
    });
    if (warmUp !== undefined) {
      this.#totals.lag.add(current.restart(snapshot, own, warmUp));
      this.#watch.restart(warmUp.targets);
    }
    // Windows of lag end where those of thresholds do.
    const isDue = this.#watch.isDue(snapshot.atMs);
    current.follow(snapshot, own, isDue);
    // Bounds of the current run only for an evaluation: they take three arrays of all counters.
    const bounds = this.#totals.lag.bounds(snapshot.values, isDue ? current.lag : undefined);
    this.#watch.add({ run: active.run, atMs: snapshot.atMs, ...bounds });
    this.#abortWhereCrossed(active);
    this.#sinks.add(active.run, snapshot);
  }

  #abortWhereCrossed(active: ActiveRun): void {
    if (active.isWarmingUp || (active.run.state !== 'running' && active.run.state !== 'paused')) return;
    const crossed = this.#watch.states().find((s) => s.abort && s.state === 'crossed');
    if (crossed === undefined) return;
    const { threshold, target } = crossed;
    active.stop('threshold_crossed', GRACE_MS, `threshold ${threshold.id} of ${target}`);
  }

  async #finish(current: CurrentRun): Promise<void> {
    const { active, done } = current;
    this.#stopTicks?.();
    const result = current.finish(this.snapshot(), this.#watch.states());
    this.#watch.end();
    const { run, values } = result;
    this.#totals.add(values, active.engine.restarts, current.lag);
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
    // A reload without a change for runs leaves nothing to apply.
    if (applied.length > 0) this.#options.log.info({ applied }, 'pending configuration applied');
    this.#options.changed?.(next);
  }
}
