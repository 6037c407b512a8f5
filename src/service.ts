import { availableParallelism } from 'node:os';
import { overrideScenario } from './config/overrides.ts';
import type { ConfigReader } from './config/reader/config-reader.ts';
import { fetchToken } from './config/tokens.ts';
import { SoakError } from './core/errors.ts';
import type { Overrides } from './core/overrides.ts';
import type { Reload } from './core/reload.ts';
import type { Run, RunReason, RunVerdict } from './core/run.ts';
import type { Config, Scenario } from './core/scenario.ts';
import { AfterHistory } from './history/after-history.ts';
import { KeptCounters } from './history/kept-counters.ts';
import type { OpenedHistory } from './history/open.ts';
import { EventFeed } from './http/events/feed.ts';
import type { Status } from './http/status.ts';
import { KeptRuns } from './kept-runs.ts';
import { Engine, workersFor } from './load/engine.ts';
import { userPacer } from './load/pacer.ts';
import type { Plan } from './load/plan.ts';
import type { Log } from './log.ts';
import { memoryOf, planOn, scenarioOf } from './plans.ts';
import { NOT_KEPT } from './report/summary.ts';
import { newRunId } from './run/run-id.ts';
import type { RunResult, Setup } from './run/run-result.ts';
import { Runner } from './run/runner.ts';
import { setupOf } from './run/setup.ts';
import { TargetMemory } from './run/target-memory.ts';
import { Tokens } from './run/tokens.ts';
import { Schedules } from './schedule/schedules.ts';
import type { CapacityResult } from './schema/capacity.ts';
import type { Summary } from './schema/summary.ts';
import { appOf, windowsOf } from './service-app.ts';
import { Configuration } from './service-configuration.ts';
import { serviceCounters } from './service-counters.ts';
import { exporterOf, seriesTargets } from './service-exporter.ts';
import { Listeners, type Listening } from './service-listeners.ts';
import { statusOf } from './service-status.ts';
import { Simulators } from './simulators.ts';
import { FailureLog } from './sink/failure-log.ts';
import { FailureStore } from './sink/failure-store.ts';
import { ProgressSink } from './sink/progress.ts';
import type { PrometheusExporter } from './sink/prometheus/exporter.ts';
import type { Sink } from './sink/sink.ts';
import { Summaries } from './summaries.ts';

export interface ServiceOptions {
  readonly config: Config;
  readonly log: Log;
  /** Sinks besides metrics and status, such as a terminal. */
  readonly sinks?: readonly Sink[];
  /** Reads the configuration again; absent if it did not come from a file. */
  readonly reader?: ConfigReader;
  /** Command line without secrets; absent for `soakd serve`. */
  readonly command?: string;
  /** Time after the warm-up before which a run reports no drift, ms; default ten minutes. */
  readonly minDriftMs?: number;
  /** History of runs; absent: none is kept. */
  readonly opened?: OpenedHistory;
  /** Search for the capacity that the runs are; absent: they are ordinary ones. */
  readonly capacity?: (run: string) => CapacityResult | null;
}

/** Whether an unfinished run continues. */
export type ResumePolicy = 'auto' | 'never';

/** How often counters of the service are written, ms. */
const SAVE_INTERVAL_MS = 250;

/** Composition root: wires all parts together. Starts no run and opens no port until a caller asks for it. */
export class Service {
  readonly #log: Log;
  readonly #configuration: Configuration;
  readonly #summaries: Summaries;
  readonly #kept: KeptRuns | undefined;
  readonly #opened: OpenedHistory | undefined;
  readonly #counters: KeptCounters;
  readonly #saving: NodeJS.Timeout | undefined;
  readonly #runner: Runner;
  readonly #exporter: PrometheusExporter;
  /** Absent without a history. */
  readonly #after: AfterHistory | undefined;
  readonly #progress = new ProgressSink();
  readonly #failures = new FailureStore();
  readonly #simulators = new Simulators(
    (target, err) =>
      this.#log.logger.error({ target, err }, 'simulator ended; its target is down until the next run'),
    () => this.#configuration.config.limits.maxUsers,
  );
  readonly #schedules: Schedules;
  readonly #tokens: Tokens;
  readonly #listeners: Listeners;
  readonly #feed: EventFeed;
  #closing = false;
  readonly #ending = new AbortController();
  #starting: Promise<unknown> = Promise.resolve();
  /** Resolved once the runs of earlier processes are settled. */
  readonly #settled = Promise.withResolvers<void>();
  /** Resolved once counters have what earlier processes counted. */
  readonly #counted = Promise.withResolvers<void>();
  #isSettled = false;

  constructor(options: ServiceOptions) {
    const { config, log, sinks = [], reader, command, minDriftMs, opened, capacity } = options;
    const kept = () => this.#kept?.summary ?? NOT_KEPT;
    this.#summaries = new Summaries(command ?? null, this.#failures, kept, capacity);
    this.#opened = opened;
    // Without a history there is nothing to settle.
    this.#isSettled = opened === undefined;
    if (this.#isSettled) this.#settle();
    this.#log = log;
    this.#configuration = new Configuration({
      config,
      reader,
      log,
      runner: () => this.#runner,
      adopted: (next, inEffect) => {
        this.#schedules.replace(next.schedules);
        if (inEffect !== undefined) this.#adopt(inEffect);
      },
    });
    const setup = setupOf(config, opened?.totals?.targets);
    const totals = opened?.totals?.in(setup.layout) ?? new Float64Array(setup.layout.size);
    this.#tokens = new Tokens({ fetch: fetchToken, log: log.logger });
    this.#schedules = new Schedules({
      start: (scenario, by, note) => this.startRun(scenario, by, {}, note),
      log: log.logger,
      memory: opened?.schedules,
    });
    const runs = { pass: 0, fail: 0, inconclusive: 0, aborted: 0 } satisfies Record<RunVerdict, number>;
    const history = opened?.history;
    this.#kept =
      opened &&
      new KeptRuns({
        opened,
        runner: () => this.#runner,
        summaries: this.#summaries,
        failures: this.#failures,
        log: log.logger,
        cut: (window) => this.#feed.cut(window),
      });
    this.#feed = new EventFeed({ status: () => this.status(), history: () => history });
    this.#counters = new KeptCounters(
      () =>
        serviceCounters({
          logMessages: log.count,
          logLinesDropped: log.dropped(),
          runs,
          runner: this.#runner,
          kept: this.#kept?.counts,
          historyFailures: history?.failures ?? 0,
          tokens: this.#tokens,
        }),
      opened?.counters ?? {},
      history,
    );
    this.#exporter = exporterOf({
      setup,
      totals,
      counters: this.#counters,
      history,
      simulatorHeaps: () => this.#simulators.heaps(),
      runner: () => this.#runner,
      reloads: () => this.#configuration.reloads,
      schedules: () => this.#schedules.states(),
    });
    this.#after = history && new AfterHistory(this.#exporter, history);
    this.#runner = new Runner({
      setup,
      ...(opened?.totals === undefined ? {} : { earlier: { values: totals } }),
      openEngine: (plan, layout, events, continued) => {
        const { model, stages } = plan.scenario;
        const peak = model.kind === 'closed' ? userPacer(stages).peak : model.maxUsers;
        const wanted = continued?.segments.length ?? this.#runner.setup.config.workers;
        const workers = workersFor(wanted, peak, availableParallelism());
        const more = continued === undefined ? {} : { continued };
        return this.#tokens.keep(plan, async () => {
          const engine = await Engine.open(plan, workers, layout, events, more);
          // A run that would continue now is left to the next process, as it is.
          if (continued === undefined || !this.#closing) return engine;
          await engine.close();
          throw new SoakError('CANNOT_START', 'soakd is shutting down');
        });
      },
      changed: (next) => this.#adopt(next),
      sinks: [
        {
          stop: ({ verdict }) => {
            // A suspended run has not finished.
            if (this.#kept?.isSuspended !== true) runs[verdict]++;
            // With the end of the run, not up to a second later.
            this.#counters.save();
          },
        },
        // The history first: the exporter shows what it has.
        this.#kept?.sink() ?? windowsOf(() => this.#runner, this.#feed),
        this.#after ?? this.#exporter,
        this.#progress,
        this.#feed,
        new FailureLog(log.logger),
        this.#failures,
        ...sinks,
      ],
      followMemory: (targets, everyMs, run) =>
        new TargetMemory(targets, {
          everyMs,
          run,
          log: log.logger,
          ask: (source) => memoryOf(source, this.#runner.setup.config.allow),
        }),
      minDriftMs,
      log: log.logger,
    });
    this.#saving = history && setInterval(() => this.#counters.save(), SAVE_INTERVAL_MS);
    const app = appOf({
      status: () => this.status(),
      ready: () => this.#isSettled && !this.#closing,
      scrape: async () => {
        await this.#counted.promise;
        return { text: await this.#exporter.scrape(), contentType: this.#exporter.contentType };
      },
      startRun: (scenario, by, overrides) => this.startRun(scenario, by, overrides),
      reload: (by) => this.reload(by),
      runner: () => this.#runner,
      configuration: this.#configuration,
      file: reader?.file,
      failures: this.#failures,
      history,
      feed: this.#feed,
      log: log.logger,
    });
    this.#listeners = new Listeners(app);
  }

  /** Starts scenarios at the times of `schedules:`. */
  startSchedules(): void {
    this.#schedules.replace(this.#configuration.config.schedules);
  }

  /** Returns the summary of a finished run. */
  summary(result: RunResult): Summary {
    return this.#summaries.of(result);
  }

  /** For callers that change the current run. */
  get runner(): Pick<Runner, 'control' | 'generator'> {
    return this.#runner;
  }

  /** Previous run. */
  get last(): RunResult | undefined {
    return this.#runner.last;
  }

  /** Resolves with the result of the current run; `undefined` if no run is active. */
  get result(): Promise<RunResult> | undefined {
    return this.#runner.result;
  }

  /**
   * Listens, and returns the addresses as URLs.
   * @param metrics the listener for metrics and health; absent: they are on the main one alone
   * @throws SoakError CANNOT_START if a port is in use; CONFIG_INVALID for a host outside loopback without tokens
   */
  listen(host: string, port: number, metrics?: Config['serve']['metricsListener']): Promise<Listening> {
    return this.#listeners.listen(host, port, metrics);
  }

  /**
   * Starts a run of a scenario.
   * @param by caller: the name of a token, `local`, `configuration`, …
   * @param overrides settings that replace those of the scenario for this run
   * @param note reason of the start, for its event
   * @throws SoakError SCENARIO_UNKNOWN, RUN_ACTIVE, TARGET_NOT_ALLOWED, SECRET_MISSING, BUDGET_MISSING, CANNOT_START; USAGE
   * and LIMIT_EXCEEDED of overrides
   */
  async startRun(name: string, by: string, overrides: Overrides = {}, note?: string): Promise<Run> {
    await this.#settled.promise;
    if (this.#closing) throw new SoakError('CANNOT_START', 'soakd is shutting down');
    // The runner resolves the scenario only when no run is active: scenarios of a pending reload exist by that time.
    const prepare = (setup: Setup): Promise<Plan> => {
      const { scenarios, limits } = setup.config;
      return this.#plan(setup, newRunId(), overrideScenario(scenarioOf(scenarios, name), overrides, limits));
    };
    const starting = this.#runner.start(by, prepare, note);
    // A start that is refused because another start is in progress must not replace it in `#starting`.
    this.#starting = Promise.allSettled([this.#starting, starting]).then(() => undefined);
    return starting;
  }

  /** Continues or closes the run that an earlier process left unfinished. Call once, before anything else starts a run. */
  async settleRuns({ policy }: { readonly policy: ResumePolicy }): Promise<void> {
    try {
      await this.#kept?.settle({
        policy,
        maxGapMs: this.#configuration.config.history.maxGapMs,
        ending: this.#ending.signal,
        counted: (values) => {
          // Scrapes do not wait for a token, an address, or threads.
          const { setup } = this.#runner;
          const { timingLimits } = setup;
          const targets = seriesTargets(setup);
          this.#exporter.reconfigure({ targets, timingLimits }, this.#runner.snapshot(values));
          this.#counted.resolve();
        },
        resume: (resumed) => {
          const { id, scenario } = resumed.active;
          const resuming = this.#runner.resume(resumed, (setup) => this.#plan(setup, id, scenario));
          // A close waits until its threads have ended.
          this.#starting = Promise.allSettled([this.#starting, resuming]).then(() => undefined);
          return resuming;
        },
      });
      if (this.#closing) return;
      // A run that continues is shown by its snapshots alone: what it counts now may not be written yet.
      if (this.#runner.result === undefined) this.#adopt(this.#runner.setup);
      await this.#after?.passed();
    } finally {
      this.#settle();
    }
  }

  #settle(): void {
    this.#isSettled = true;
    this.#settled.resolve();
    this.#counted.resolve();
  }

  #plan(setup: Setup, runId: string, scenario: Scenario): Promise<Plan> {
    const simulatorUrl = (target: Config['targets'][number]) => this.#simulators.urlOf(target);
    return planOn(setup, { runId, scenario }, simulatorUrl, this.#ending.signal);
  }

  /** @throws SoakError NO_RUN */
  stop(why: RunReason, graceMs?: number, by?: string): Run {
    return this.#runner.stop(why, graceMs, by);
  }

  /** Reloads the configuration. @throws SoakError as {@link Configuration.reload} */
  reload(by: string): Promise<Reload> {
    return this.#configuration.reload(by, this.#listeners.hosts);
  }

  status(): Status {
    return statusOf({
      runner: this.#runner,
      progress: this.#progress,
      summaries: this.#summaries,
      schedules: this.#schedules.states(),
      history: this.#opened?.history,
    });
  }

  /** Lets the next process continue the current run, whatever ends it in this one. Does nothing without a history. */
  suspend(): void {
    if (this.#runner.result !== undefined) this.#kept?.suspend();
  }

  /** Writes what is known of the run and the counters for the next process, where this one cannot continue. */
  salvage(): Promise<void> | undefined {
    this.suspend();
    this.#counters.save();
    return this.#opened?.history.close();
  }

  /** Stops the current run, waits for its end and closes everything. A second call with less grace shortens the wait. */
  async close(why: RunReason, graceMs?: number): Promise<void> {
    const first = !this.#closing;
    this.#closing = true;
    this.#schedules.close();
    this.#configuration.close();
    this.#ending.abort();
    // A start in progress still becomes a run or fails; its caller gets the outcome.
    await this.#starting.catch(() => {});
    const { result } = this.#runner;
    if (result !== undefined) this.#runner.stop(why, graceMs, why === 'interrupted' ? 'signal' : 'soakd');
    await result;
    if (!first) return;
    this.#settled.resolve();
    this.#counted.resolve();
    clearInterval(this.#saving);
    this.#counters.save();
    this.#feed.close();
    await this.#listeners.close();
    await this.#opened?.history.close();
    this.#exporter.close();
    await this.#simulators.close();
  }

  /** Updates metrics, kept failures and simulators for the targets of a configuration that takes effect. */
  #adopt(setup: Setup): void {
    const { config, counted, timingLimits } = setup;
    const now = this.#runner.snapshot();
    const apply = () => this.#exporter.reconfigure({ targets: seriesTargets(setup), timingLimits }, now);
    // After the snapshots that wait for the history: their layout is the former one.
    if (this.#after === undefined) apply();
    else this.#after.next(apply);
    this.#failures.keep(counted);
    void this.#simulators.keep(config.targets);
  }
}
