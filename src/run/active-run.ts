import { type StreamLayout, StreamView } from '../catalog/slots.ts';
import { monotonicMs } from '../core/clock.ts';
import type { RunEvent } from '../core/control.ts';
import { formatDuration } from '../core/duration.ts';
import { SoakError } from '../core/errors.ts';
import { type FinishedRun, gapsMs, type Run, type RunReason } from '../core/run.ts';
import type { Limits } from '../core/scenario.ts';
import { subtractValues } from '../core/snapshot.ts';
import { formatNamed } from '../formats/list.ts';
import type { Engine } from '../load/engine.ts';
import { endMs, type LivePlan, livePlanOf, piecesToFollow } from '../load/live-plan.ts';
import type { UserPacer } from '../load/pacer.ts';
import type { Plan } from '../load/plan.ts';
import { Scheduler } from '../load/scheduler.ts';
import type { LoadDelivered } from '../schema/summary.ts';
import { type Piece, ROUNDING } from '../shapes/piece.ts';
import type { ThresholdStatus } from '../thresholds/watch.ts';
import { adjust, type Change } from './adjust.ts';
import { isSpent, usageOf, withoutUsage } from './budget.ts';
import type { ActiveRunState } from './checkpoint.ts';
import { delivered, deliveredShares, notLoaded } from './delivered.ts';
import { draining, longestDrainMs } from './draining.ts';
import { GeneratorMeter } from './generator-use.ts';
import { levelAt, type PlannedLevel, pauseAfter } from './levels.ts';
import type { LagShifts } from './measurement-quality/lag-watch.ts';
import { MAX_EVENTS, newRun, type ResumedRun, resumedRun } from './new-run.ts';
import { byTarget, paceOf, placeIn } from './planned-load.ts';
import { type EventLine, logEvent, logFinish, logStart } from './run-log.ts';
import type { RunRecording } from './run-record.ts';
import type { RunResult, Setup } from './run-result.ts';
import { runVerdict, verdictsOf } from './run-verdicts.ts';
import type { RunnerLog } from './runner-options.ts';
import { withoutWarmUp } from './warm-up.ts';
import { type EndedWarmUp, WarmUps } from './warm-ups.ts';

export interface ActiveRunOptions {
  readonly plan: Plan;
  readonly setup: Setup;
  readonly engine: Engine;
  readonly log: RunnerLog;
  /** Called when the run, its warm-up or a level ends as planned. */
  readonly changed: () => void;
  /** Called for each event after the start. */
  readonly noted: (event: RunEvent) => void;
  /** Who or what starts the run. */
  readonly by: string;
  /** Reason of the start, for its event. */
  readonly note?: string;
  /** Earlier processes' part of the run; absent: it begins. */
  readonly resumed?: ResumedRun;
}

/** A run from its first stream to its last: its plan, its events and its progress. */
export class ActiveRun {
  readonly plan: Plan;
  readonly setup: Setup;
  readonly engine: Engine;
  readonly #log: ActiveRunOptions['log'];
  readonly #changed: () => void;
  readonly #noted: ActiveRunOptions['noted'];
  readonly #meter: GeneratorMeter;
  readonly #scheduler = new Scheduler(monotonicMs);
  readonly #warmUpEnd = new Scheduler(monotonicMs);
  /** Targets whose learned end of streams has been logged. */
  readonly #learned: Set<number>;
  readonly warmUps: WarmUps;
  /** Whether the next process continues the run. */
  isSuspended = false;
  #run: Run;
  #livePlan: LivePlan;
  #pacer: Pick<UserPacer, 'level' | 'stage'>;

  constructor({ plan, setup, engine, log, changed, noted, by, note, resumed }: ActiveRunOptions) {
    this.plan = plan;
    this.setup = setup;
    this.engine = engine;
    this.#log = log;
    this.#changed = changed;
    this.#noted = noted;
    const { scenario } = plan;
    this.#meter = new GeneratorMeter(resumed?.active.use);
    this.#livePlan = resumed?.active.livePlan ?? livePlanOf(scenario.stages);
    this.#pacer = paceOf(scenario.model, piecesToFollow(this.#livePlan));
    const kept = resumed && { over: resumed.active.warmedUp, values: resumed.warmUp };
    this.warmUps = new WarmUps(scenario, setup.layout, kept);
    this.#learned = new Set(resumed?.active.learned);
    this.#run =
      resumed === undefined
        ? newRun(plan, this.#livePlan, by, note)
        : resumedRun(resumed, scenario, setup.layout);
    logStart(log, this.#run, by, scenario);
  }

  get run(): Run {
    return this.#run;
  }

  /** Whether a warm-up lasts, which the verdict leaves out. */
  get isWarmingUp(): boolean {
    return this.warmUps.isWarmingUp(this.level.stage);
  }

  /** Targets whose warm-up has not ended, or not begun. */
  get warmingUp(): readonly string[] {
    return this.warmUps.left;
  }

  /** Ends a warm-up once its time is over. @param values reads the counters of this run. @returns the one that ended now */
  endWarmUp(values: () => Float64Array): EndedWarmUp | undefined {
    const ended = this.warmUps.end(this.#pieces, monotonicMs() - this.#run.startMs, values);
    if (ended !== undefined) this.note({ action: 'warm-up', by: 'soakd', detail: ended.detail });
    return ended;
  }

  begin(): void {
    this.#planEnd();
    this.engine.start(this.#run.startMs);
    // An earlier process was draining: what it had open is lost, and nothing more starts.
    if (this.#run.state === 'draining') this.engine.stop(0);
  }

  /** @throws SoakError NOT_RUNNING, LIMIT_EXCEEDED, USAGE; nothing has changed then */
  change(change: Change, by: string, limits: Limits): void {
    const run = this.#run;
    if (run.state !== 'running' && run.state !== 'paused') {
      throw new SoakError('NOT_RUNNING', `the run is ${run.state}: no new streams are started any more`);
    }
    const { livePlan, state, detail } = adjust(this.#livePlan, change, {
      nowMs: Math.max(0, monotonicMs() - run.startMs),
      state: run.state,
      model: this.plan.scenario.model,
      limits,
    });
    this.#livePlan = livePlan;
    const pieces = piecesToFollow(livePlan);
    this.#pacer = paceOf(this.plan.scenario.model, pieces);
    const end = state === 'paused' ? {} : this.#planned(Math.max(0, monotonicMs() - run.startMs));
    this.#run = { ...run, state, ...end };
    this.note({ action: change.action, by, detail });
    // Streams above a lower level end by themselves, unless their time is limited.
    const graceMs = change.action === 'set' && 'users' in change ? change.graceMs : undefined;
    this.engine.follow(pieces, graceMs ?? Number.POSITIVE_INFINITY);
    this.#planEnd();
  }

  /** No new starts; open streams have the grace period, then they are `cancelled`. */
  stop(why: RunReason, graceMs: number, by: string): void {
    this.#run = draining(this.#run, why, graceMs, monotonicMs());
    const detail = `${why}, grace ${formatDuration(graceMs)}`;
    this.note({ action: 'stop', by, detail }, { facts: { reason: why, graceMs } });
    this.#scheduler.clear();
    this.engine.stop(graceMs);
  }

  /** Updates the run. Called once a second, and after every change. */
  refresh(): void {
    this.#meter.sample();
    this.#sayLearned();
    const run = this.#run;
    if (run.state !== 'running' && run.state !== 'paused') return;
    const nowMs = monotonicMs() - run.startMs;
    this.#run = {
      ...run,
      ...this.#planned(nowMs),
      ...placeIn(this.plan.scenario, this.#pacer.stage(nowMs)),
    };
    this.#checkBudget();
  }

  /** Returns the wanted streams by target: in the closed model users, in the open model open streams. */
  desired(layout: StreamLayout, values: Float64Array): number[] {
    const { targets } = layout;
    if (this.#run.state !== 'running') return targets.map(() => 0);
    if (this.plan.scenario.model.kind === 'open') {
      const { turn } = this.#run;
      const view = new StreamView(layout, values);
      return targets.map((name, t) => ((turn ?? name) === name ? view.active(t) : 0));
    }
    const users = Math.floor(this.#pacer.level(monotonicMs() - this.#run.startMs) + ROUNDING);
    return this.#byTarget(targets, users);
  }

  /** Returns the wanted load by target: users, or arrivals a second; 0 while no streams start. */
  load({ targets }: StreamLayout): number[] {
    if (this.#run.state !== 'running') return targets.map(() => 0);
    return this.#byTarget(targets, this.#pacer.level(monotonicMs() - this.#run.startMs));
  }

  /**
   * Returns the result of the run. Call after its last stream has ended.
   * @param watched states of its thresholds over their windows
   * @param shifts difference of the bounds of its timings from the observed values
   * @param values counted by this run @param endedAt calendar time, ms since 1970
   */
  finish(
    watched: readonly ThresholdStatus[],
    shifts: LagShifts,
    values: Float64Array,
    endedAt: number,
  ): Omit<RunResult, 'drift' | 'quality' | keyof RunRecording> {
    this.#scheduler.clear();
    this.#warmUpEnd.clear();
    this.#sayLearned();
    const run = this.#run;
    const { layout } = this.setup;
    const { budget } = this.plan.scenario;
    const usage = usageOf(new StreamView(layout, values), budget);
    // Workers enforce a budget of streams themselves, and may have drained before the check in this thread.
    const early = budget !== undefined && isSpent(budget, usage) ? 'budget_spent' : 'completed';
    const reason = run.state === 'draining' ? run.why : early;
    const warmUp = this.warmUps.leftOut(values);
    const measured = warmUp === undefined ? values : withoutWarmUp(layout, values, warmUp);
    const { verdicts, notEvaluated } = verdictsOf(this.setup, this.plan.scenario, measured, shifts, watched);
    const load = this.delivered(warmUp === undefined ? values : subtractValues(layout, values, warmUp));
    const { id, scenario, startedAt, plannedEndAt, startMs, durationMs, stages, gaps, events } = run;
    const finished: FinishedRun = {
      id,
      scenario,
      startedAt,
      plannedEndAt,
      startMs,
      durationMs,
      stages,
      gaps,
      events,
      state: 'finished',
      endedAt,
      reason,
      verdict: runVerdict(reason, verdicts, load, notLoaded(this.plan.scenario, load)),
      verdicts,
    };
    this.#run = finished;
    logFinish(this.#log, finished, this.isSuspended);
    return {
      run: finished,
      config: this.setup.config,
      scenario: this.plan.scenario,
      layout,
      values,
      measured,
      measuredMs:
        finished.endedAt - startedAt - gapsMs(gaps) - (warmUp === undefined ? 0 : this.warmUps.lengthMs),
      use: this.#meter.use(this.engine.restarts),
      usage,
      objectives: this.objectives,
      delivered: load,
      notEvaluated,
    };
  }

  /** State for a resume, with the values at the end of the warm-up. */
  get state(): { readonly active: ActiveRunState; readonly warmUp: Float64Array | undefined } {
    const run = this.#run;
    const { id, startedAt, gaps } = run;
    const warmUps = this.warmUps.state;
    const active = {
      id,
      scenario: this.plan.scenario,
      startedAt,
      at: Date.now(),
      // A finished run has no state to keep.
      state: run.state === 'finished' ? 'draining' : run.state,
      ...(run.state === 'draining' ? { why: run.why } : {}),
      gaps,
      elapsedMs: Math.max(0, monotonicMs() - run.startMs),
      livePlan: this.#livePlan,
      warmedUp: warmUps.over,
      learned: [...this.#learned],
      use: this.#meter.use(this.engine.restarts),
    } as const;
    return { active, warmUp: warmUps.values };
  }

  /** Targets of the run, and their places in the layout. */
  get places(): { readonly name: string; readonly index: number }[] {
    const { config } = this.setup;
    return this.plan.scenario.targets.map(({ name }) => ({
      name,
      index: config.targets.findIndex((t) => t.name === name),
    }));
  }

  /** Names of the targets with an objective. */
  get objectives(): string[] {
    return this.plan.targets.filter((t) => t.objective !== undefined).map((t) => t.name);
  }

  /** Planned load now. */
  get level(): PlannedLevel {
    const level = levelAt(this.#pieces, Math.max(0, monotonicMs() - this.#run.startMs));
    const { sequence } = this.plan.scenario;
    return sequence !== undefined && this.#run.state === 'draining' ? pauseAfter(level) : level;
  }

  /** Returns the delivered part of the planned load. @param values counted by this run */
  delivered(values: Float64Array): LoadDelivered {
    const { model, sequence } = this.plan.scenario;
    const view = new StreamView(this.setup.layout, values);
    return delivered(model.kind, this.places, view, sequence !== undefined);
  }

  /** Returns the ratio of load delivered of every target in the layout. @param values counted by this run */
  shares(values: Float64Array): { readonly delivered: number[] } {
    return { delivered: deliveredShares(this.setup.layout.targets, this.delivered(values)) };
  }

  get #pieces(): readonly Piece[] {
    return piecesToFollow(this.#livePlan);
  }

  #byTarget(names: readonly string[], level: number): number[] {
    const stage = this.#pacer.stage(monotonicMs() - this.#run.startMs);
    return byTarget(this.plan.scenario, stage, names, level);
  }

  /** Adds an event and logs it. */
  note(noted: Omit<RunEvent, 'at'>, line: EventLine = {}): void {
    const run = this.#run;
    const event: RunEvent = { at: Date.now(), ...noted };
    logEvent(this.#log, run, event, line);
    this.#run = { ...run, events: [...run.events, event].slice(-MAX_EVENTS) };
    this.#noted(event);
  }

  /** Returns the duration of the plan and its end. @param nowMs from the start of the run */
  #planned(nowMs: number): Pick<Run, 'durationMs' | 'plannedEndAt'> {
    const durationMs = Math.round(endMs(this.#livePlan, nowMs));
    const { startedAt, gaps } = this.#run;
    return { durationMs, plannedEndAt: startedAt + durationMs + gapsMs(gaps) };
  }

  #planEnd(): void {
    this.#scheduler.clear();
    this.#warmUpEnd.clear();
    for (const { atMs } of this.warmUps.ends(this.#pieces))
      this.#warmUpEnd.at(this.#run.startMs + atMs, () => this.#changed());
    // A paused run has no planned end.
    if (this.#run.state !== 'running') return;
    // The record of a level ends with the level, not at the next second.
    for (const { toMs } of this.#livePlan.pieces.slice(0, -1))
      if (this.#run.startMs + toMs > monotonicMs())
        this.#scheduler.at(this.#run.startMs + toMs, () => this.#changed());
    this.#scheduler.at(this.#run.startMs + endMs(this.#livePlan, 0), () => {
      if (this.#run.state !== 'running') return;
      this.#drain('completed');
      this.#changed();
    });
  }

  /** Starts no new streams; open streams have up to their total timeout. */
  #drain(why: RunReason): void {
    const drainMs = longestDrainMs(this.plan.targets);
    const open = new StreamView(this.setup.layout, this.engine.values()).allActive();
    this.#run = draining(this.#run, why, drainMs, monotonicMs());
    this.#log.info(
      { run: this.#run.id, open, drainMs },
      'run draining: no new starts; open streams have up to drainMs',
    );
  }

  /** Notes once for each target that its streams must end in `[DONE]` from now on. */
  #sayLearned(): void {
    this.plan.targets.forEach(({ name }, t) => {
      if (this.#learned.has(t) || this.engine.learnedEnd(t) !== 'done') return;
      this.#learned.add(t);
      const rule = 'a stream ended in [DONE], so later streams must too; terminal: end turns this off';
      this.note(
        { action: 'learn', by: 'soakd', detail: `${name}: ${rule}` },
        { facts: { target: name, detail: rule } },
      );
    });
  }

  #checkBudget(): void {
    const { budget } = this.plan.scenario;
    const run = this.#run;
    if (budget === undefined || (run.state !== 'running' && run.state !== 'paused')) return;
    const view = new StreamView(this.setup.layout, this.engine.values());
    const usage = usageOf(view, budget);
    const silent = budget.cost === undefined ? -1 : withoutUsage(view);
    if (silent >= 0) {
      const target = this.setup.layout.targets[silent]!;
      const { format } = this.plan.targets[silent]!;
      const fix =
        formatNamed(format).usageAdvice ??
        `a budget of streams or outputTokens, since ${format} reports no usage`;
      this.#log.error(
        { run: run.id, target, fix },
        'no usage reported in a complete stream: the cost budget cannot be checked, no new starts',
      );
    } else if (isSpent(budget, usage))
      this.#log.info({ run: run.id, ...usage }, 'budget spent: no new starts');
    else return;
    this.#drain(silent >= 0 ? 'usage_not_reported' : 'budget_spent');
    this.#scheduler.clear();
    this.engine.stop(Number.POSITIVE_INFINITY);
  }
}
