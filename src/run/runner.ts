import { PHASES, type StreamLayout } from '../catalog/slots.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import type { OpenStream, OpenStreamQuery } from '../core/open-stream.ts';
import type { FinishedRun, Run, RunReason } from '../core/run.ts';
import type { Config, Scenario } from '../core/scenario.ts';
import { addValues, SnapshotView } from '../core/snapshot.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { Engine, EngineEvents } from '../load/engine.ts';
import { arrivalPacer, type UserPacer, userPacer } from '../load/pacer.ts';
import type { Plan } from '../load/plan.ts';
import { Scheduler } from '../load/scheduler.ts';
import type { Sink, StreamSnapshot } from '../sink/sink.ts';
import { isSpent, type Usage, usageOf } from './budget.ts';
import { GeneratorMeter, type GeneratorUse } from './generator-use.ts';
import { judge, overall, thresholdsOf } from './verdict.ts';

/** Time that open streams are given after a stop, ms. */
export const GRACE_MS = 8000;
const SNAPSHOT_EVERY_MS = 1000;
/** Time 0 of a plan lies this far ahead, so that the word to begin reaches the threads before it. */
const HEAD_START_MS = 20;

/** A run that is over, with all it counted. */
export interface RunResult {
  readonly run: FinishedRun;
  readonly values: Float64Array;
  readonly use: GeneratorUse;
  readonly usage: Usage;
}

export interface RunnerLog {
  info(facts: object, text: string): void;
  error(facts: object, text: string): void;
}

export interface RunnerOptions {
  readonly config: Config;
  readonly layout: StreamLayout;
  readonly openEngine: (plan: Plan, events: EngineEvents) => Promise<Engine>;
  readonly sinks: readonly Sink[];
  readonly failures: (results: readonly StreamResult[], omitted: number) => void;
  readonly log: RunnerLog;
}

interface Active {
  run: Run;
  readonly plan: Plan;
  readonly pacer: Pick<UserPacer, 'level' | 'stage' | 'durationMs'>;
  readonly engine: Engine;
  readonly meter: GeneratorMeter;
  readonly started: Sink[];
  readonly ticks: NodeJS.Timeout;
  readonly scheduler: Scheduler;
  readonly done: PromiseWithResolvers<RunResult>;
}

/** The life of one run at a time. Totals of earlier runs stay: counters never fall. */
export class Runner {
  readonly #options: RunnerOptions;
  /** What all runs that are over have counted. */
  #base: Float64Array;
  #active: Active | undefined;
  #starting = false;
  #last: RunResult | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#base = new Float64Array(options.layout.size);
  }

  /** The present run, or the last one. */
  get run(): Run | undefined {
    return this.#active?.run ?? this.#last?.run;
  }

  get last(): RunResult | undefined {
    return this.#last;
  }

  /** Resolves with the present run's result; `undefined` when none is active. */
  get result(): Promise<RunResult> | undefined {
    return this.#active?.done.promise;
  }

  /** @returns streams that are open now; none without a run */
  async openStreams(query: OpenStreamQuery): Promise<OpenStream[]> {
    return (await this.#active?.engine.list(query)) ?? [];
  }

  /** @returns what the present run, or the last one, has counted */
  runValues(): Float64Array | undefined {
    return this.#active?.engine.values() ?? this.#last?.values;
  }

  /** @returns everything counted since the process began */
  snapshot(): StreamSnapshot {
    const { layout } = this.#options;
    const values =
      this.#active === undefined ? this.#base : addValues(layout, this.#base, this.#active.engine.values());
    return { atMs: monotonicMs(), layout, values, desired: this.#desired(values) };
  }

  /**
   * Starts a scenario.
   * @param prepare makes the plan; called only when no run is active
   * @throws SoakError RUN_ACTIVE, and whatever `prepare` and the engine throw
   */
  async start(scenario: Scenario, prepare: () => Promise<Plan>): Promise<Run> {
    if (this.#active !== undefined || this.#starting) {
      const present =
        this.#active === undefined
          ? 'one is being started'
          : `${this.#active.run.id} (${this.#active.run.scenario})`;
      throw new SoakError(
        'RUN_ACTIVE',
        `a run is active: ${present}; stop it first, or wait until it has ended`,
      );
    }
    this.#starting = true;
    try {
      const plan = await prepare();
      const engine = await this.#options.openEngine(plan, {
        failures: this.#options.failures,
        refused: (detail) => {
          this.#options.log.error({ detail }, 'a target points outside the allowlist; the run is stopped');
          this.stop('target_not_allowed', 0);
        },
        lost: (error) => {
          this.#options.log.error({ error: error.message }, 'an engine thread died; the run is stopped');
          this.stop('worker_died');
        },
      });
      return this.#begin(plan, scenario, engine);
    } finally {
      this.#starting = false;
    }
  }

  /**
   * No new starts; open streams have the grace period, then they are `cancelled`.
   * @throws SoakError NO_RUN
   */
  stop(why: RunReason, graceMs = GRACE_MS): Run {
    const active = this.#active;
    if (active === undefined) throw new SoakError('NO_RUN', 'no run is active: there is nothing to stop');
    if (active.run.state === 'running') {
      this.#options.log.info({ run: active.run.id, why, graceMs }, 'run stopping');
      active.run = { ...active.run, state: 'draining', why };
    } else if (active.run.state === 'draining' && active.run.why === 'completed')
      active.run = { ...active.run, why };
    active.engine.stop(graceMs);
    this.#tick();
    return active.run;
  }

  #begin(plan: Plan, scenario: Scenario, engine: Engine): Run {
    const { layout, log, sinks } = this.#options;
    const { model, stages } = scenario;
    // The open model's pacer only tells the level here; the workers draw the arrivals.
    const pacer = model.kind === 'closed' ? userPacer(stages) : arrivalPacer(stages, model.arrivals, () => 0);
    // Maxima are those of the present run.
    for (const i of layout.maxima) this.#base[i] = 0;
    const startMs = monotonicMs() + HEAD_START_MS;
    const startedAt = Date.now() + HEAD_START_MS;
    const run: Run = {
      id: plan.runId,
      scenario: scenario.name,
      startedAt,
      plannedEndAt: startedAt + pacer.durationMs,
      startMs,
      durationMs: pacer.durationMs,
      stages: stages.length,
      state: 'running',
      stage: 0,
    };
    const active: Active = {
      run,
      plan,
      pacer,
      engine,
      meter: new GeneratorMeter(),
      started: [],
      ticks: setInterval(() => this.#tick(), SNAPSHOT_EVERY_MS),
      scheduler: new Scheduler(monotonicMs),
      done: Promise.withResolvers(),
    };
    this.#active = active;
    log.info({ run: run.id, scenario: run.scenario, durationMs: run.durationMs }, 'run started');
    const snapshot = this.snapshot();
    for (const sink of sinks) {
      this.#guard(() => {
        sink.start(run, snapshot);
        active.started.push(sink);
      });
    }
    active.scheduler.at(startMs + pacer.durationMs, () => this.#plannedEnd());
    engine.start(startMs);
    engine.drained.then(() => this.#finish(active)).catch(active.done.reject);
    return run;
  }

  #plannedEnd(): void {
    const active = this.#active;
    if (active?.run.state !== 'running') return;
    active.run = { ...active.run, state: 'draining', why: 'completed' };
    this.#options.log.info({ run: active.run.id }, 'run draining: no new starts');
    this.#tick();
  }

  #tick(): void {
    const active = this.#active;
    if (active === undefined) return;
    active.meter.sample();
    if (active.run.state === 'running') {
      active.run = { ...active.run, stage: active.pacer.stage(monotonicMs() - active.run.startMs) };
    }
    this.#checkBudget(active);
    const snapshot = this.snapshot();
    for (const sink of active.started) this.#guard(() => sink.add(active.run, snapshot));
  }

  #checkBudget(active: Active): void {
    const { budget } = active.plan.scenario;
    if (budget === undefined || active.run.state !== 'running') return;
    const usage = usageOf(new SnapshotView(this.#options.layout, active.engine.values()), budget);
    if (!isSpent(budget, usage)) return;
    this.#options.log.info({ run: active.run.id, ...usage }, 'budget spent: no new starts');
    active.run = { ...active.run, state: 'draining', why: 'budget_spent' };
    active.engine.stop(Number.POSITIVE_INFINITY);
  }

  async #finish(active: Active): Promise<void> {
    clearInterval(active.ticks);
    active.scheduler.clear();
    const values = active.engine.values();
    const use = active.meter.use();
    const { budget } = active.plan.scenario;
    const usage = usageOf(new SnapshotView(this.#options.layout, values), budget);
    // The workers keep to a budget of streams by themselves, and may have drained before it was looked at.
    const early = budget !== undefined && isSpent(budget, usage) ? 'budget_spent' : 'completed';
    const reason = active.run.state === 'draining' ? active.run.why : early;
    const verdicts = this.#verdicts(active.plan.scenario, values);
    const { id, scenario, startedAt, plannedEndAt, startMs, durationMs, stages } = active.run;
    const run: FinishedRun = {
      id,
      scenario,
      startedAt,
      plannedEndAt,
      startMs,
      durationMs,
      stages,
      state: 'finished',
      endedAt: Date.now(),
      reason,
      verdict: reason === 'completed' || reason === 'budget_spent' ? overall(verdicts) : 'aborted',
      verdicts,
    };
    this.#base = addValues(this.#options.layout, this.#base, values);
    this.#active = undefined;
    this.#last = { run, values, use, usage };
    const snapshot = this.snapshot();
    for (const sink of active.started) {
      this.#guard(() => {
        sink.add(run, snapshot);
        sink.stop(run, snapshot);
      });
    }
    this.#options.log.info({ run: id, verdict: run.verdict, reason }, 'run finished');
    await active.engine.close();
    active.done.resolve(this.#last);
  }

  #verdicts(scenario: Scenario, values: Float64Array) {
    const { config, layout } = this.#options;
    const view = new SnapshotView(layout, values);
    return scenario.targets.flatMap(({ name }) => {
      const index = config.targets.findIndex((t) => t.name === name);
      const thresholds = thresholdsOf(config.targets[index]!.thresholds, config.thresholds);
      return thresholds.map((threshold) => judge(threshold, view, index, name));
    });
  }

  /** Streams wanted now, by target: in the closed model the users, by weight; in the open one what is open. */
  #desired(values: Float64Array): number[] {
    const { config, layout } = this.#options;
    const active = this.#active;
    if (active === undefined || active.run.state !== 'running') return config.targets.map(() => 0);
    const { scenario } = active.plan;
    if (scenario.model.kind === 'open') {
      const view = new SnapshotView(layout, values);
      return config.targets.map((_, t) => PHASES.reduce((sum, p) => sum + view.cell(t, `active:${p}`), 0));
    }
    const users = Math.floor(active.pacer.level(monotonicMs() - active.run.startMs) + 1e-9);
    const total = scenario.targets.reduce((sum, t) => sum + t.weight, 0);
    return config.targets.map(({ name }) => {
      const weight = scenario.targets.find((t) => t.name === name)?.weight ?? 0;
      return (users * weight) / total;
    });
  }

  /** A sink that fails must not end a run. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#options.log.error({ error: messageOf(error) }, 'a sink failed');
    }
  }
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
