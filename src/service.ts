import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type StreamLayout, streamLayout } from './catalog/slots.ts';
import { processSecrets, resolveSecret } from './config/secrets.ts';
import { readSimulatorOptions } from './config/simulator.ts';
import { messageOf, SoakError } from './core/errors.ts';
import type { Run, RunReason } from './core/run.ts';
import type { Config, Target } from './core/scenario.ts';
import type { SimulatorOptions } from './core/simulator.ts';
import { buildApp } from './http/app.ts';
import type { Status } from './http/status.ts';
import { Engine, workersFor } from './load/engine.ts';
import { userPacer } from './load/pacer.ts';
import type { Log } from './log.ts';
import { type Summary, summarize } from './report/summary.ts';
import { preparePlan } from './run/prepare.ts';
import { newRunId } from './run/run-id.ts';
import { Runner, type RunResult } from './run/runner.ts';
import { thresholdsOf } from './run/verdict.ts';
import { type SimulatorThread, startSimulatorThread } from './sim/thread.ts';
import { FailureLog } from './sink/failure-log.ts';
import { FailureStore } from './sink/failure-store.ts';
import { ProgressSink } from './sink/progress.ts';
import { PrometheusExporter } from './sink/prometheus/exporter.ts';
import type { Sink } from './sink/sink.ts';
import { BUILD } from './version.ts';

export interface ServiceOptions {
  readonly config: Config;
  readonly log: Log;
  /** Shown besides metrics and status: a terminal. */
  readonly sinks?: readonly Sink[];
}

/** The composition root: the only place that knows everyone. Nothing runs and nothing listens until it is told to. */
export class Service {
  readonly #config: Config;
  readonly #log: Log;
  readonly #layout: StreamLayout;
  readonly #runner: Runner;
  readonly #exporter: PrometheusExporter;
  readonly #progress = new ProgressSink();
  readonly #failures = new FailureStore();
  readonly #simulators = new Map<string, Promise<SimulatorThread>>();
  readonly #app: ReturnType<typeof buildApp>;
  readonly #ttfbLimitsMs: readonly number[];
  #closing = false;
  #starting: Promise<unknown> = Promise.resolve();

  constructor({ config, log, sinks = [] }: ServiceOptions) {
    this.#config = config;
    this.#log = log;
    this.#ttfbLimitsMs = ttfbLimits(config);
    this.#layout = streamLayout(
      config.targets.map((t) => t.name),
      this.#ttfbLimitsMs,
    );
    const failures = new FailureLog(log.logger);
    const flushing: Sink = { start() {}, add() {}, stop: () => failures.flush() };
    const idle = {
      atMs: 0,
      layout: this.#layout,
      values: new Float64Array(this.#layout.size),
      desired: config.targets.map(() => 0),
    };
    this.#exporter = new PrometheusExporter({
      build: BUILD,
      targets: config.targets,
      ttfbLimitsMs: this.#ttfbLimitsMs,
      logMessages: log.count,
      idle,
    });
    this.#runner = new Runner({
      config,
      layout: this.#layout,
      openEngine: (plan, events) => {
        const { model, stages } = plan.scenario;
        const peak = model.kind === 'closed' ? userPacer(stages).peak : model.maxUsers;
        return Engine.open(
          plan,
          workersFor(config.workers, peak, availableParallelism()),
          this.#layout,
          events,
        );
      },
      sinks: [this.#exporter, this.#progress, flushing, ...sinks],
      failures: (results, omitted) => {
        failures.add(results, omitted);
        this.#failures.add(results);
      },
      log: log.logger,
    });
    this.#app = buildApp({
      status: () => this.status(),
      ready: () => !this.#closing,
      scrape: async () => ({ text: await this.#exporter.scrape(), contentType: this.#exporter.contentType }),
      startRun: (scenario) => this.startRun(scenario),
      stopRun: () => this.stop('stopped'),
      openStreams: (query) => this.#runner.openStreams(query),
      failures: (query) => this.#failures.list(query),
      log: log.logger,
    });
  }

  /** @returns all that is to be told of a run that is over */
  summary(result: RunResult): Summary {
    return summarize(this.#layout, result, this.#failures);
  }

  /** Resolves with the present run's result; `undefined` when none is active. */
  get result(): Promise<RunResult> | undefined {
    return this.#runner.result;
  }

  /**
   * @returns the address, as a URL
   * @throws SoakError CANNOT_START when the port is taken
   */
  async listen(host: string, port: number): Promise<string> {
    try {
      return await this.#app.listen({ host, port });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      const why =
        code === 'EADDRINUSE'
          ? `port ${port} of ${host} is taken; give another with --port`
          : messageOf(error);
      throw new SoakError('CANNOT_START', why, [], error);
    }
  }

  /** @throws SoakError SCENARIO_UNKNOWN, RUN_ACTIVE, TARGET_NOT_ALLOWED, SECRET_MISSING, CANNOT_START */
  async startRun(name: string): Promise<Run> {
    const scenario = Object.hasOwn(this.#config.scenarios, name) ? this.#config.scenarios[name] : undefined;
    if (scenario === undefined) {
      const known = Object.keys(this.#config.scenarios).join(', ');
      throw new SoakError(
        'SCENARIO_UNKNOWN',
        `there is no scenario "${name.slice(0, 80)}"; there are ${known}`,
      );
    }
    if (this.#closing) throw new SoakError('CANNOT_START', 'soakd is shutting down');
    const starting = this.#runner.start(scenario, () =>
      preparePlan(newRunId(), this.#config, scenario, {
        version: BUILD.version,
        resolveSecret: (text, into) => resolveSecret(text, processSecrets(process.cwd()), into),
        readFile: (path) => readFileSync(path, 'utf8'),
        lookup: (host) => lookup(host, { all: true }),
        simulatorUrl: (target) => this.#simulatorUrl(target),
        ttfbLimitsMs: this.#ttfbLimitsMs,
      }),
    );
    // One that is refused because another is being started must not hide that one.
    this.#starting = Promise.allSettled([this.#starting, starting]).then(() => undefined);
    return starting;
  }

  /** @throws SoakError NO_RUN */
  stop(why: RunReason, graceMs?: number): Run {
    return this.#runner.stop(why, graceMs);
  }

  status(): Status {
    const { run, last } = this.#runner;
    const active = run !== undefined && run.state !== 'finished' ? run : undefined;
    return {
      version: BUILD.version,
      state: active?.state ?? 'idle',
      run:
        active === undefined
          ? null
          : { ...active, progress: this.#progress.of(active, this.#runner.snapshot()) },
      last: last === undefined ? null : this.summary(last),
      scenarios: Object.keys(this.#config.scenarios),
      targets: this.#config.targets.map(({ name, endpoint, format }) => ({
        name,
        url: endpoint.kind === 'url' ? withoutQuery(endpoint.url) : 'the built-in simulator',
        format,
      })),
    };
  }

  /** Stops a run that is active, waits for it, and closes everything. A second call with less grace shortens the wait. */
  async close(why: RunReason, graceMs?: number): Promise<void> {
    const first = !this.#closing;
    this.#closing = true;
    // A start that is being prepared becomes a run yet, or fails: whoever asked for it is told.
    await this.#starting.catch(() => {});
    const { result } = this.#runner;
    if (result !== undefined) {
      this.#runner.stop(why, graceMs);
      await result;
    }
    if (!first) return;
    await this.#app.close();
    this.#exporter.close();
    await Promise.all([...this.#simulators.values()].map(async (s) => (await s).close()));
  }

  /** One simulator for each target that names it; started when it is first needed, kept until the end. */
  async #simulatorUrl(target: Target): Promise<string> {
    const { endpoint } = target;
    if (endpoint.kind !== 'simulator') throw new TypeError(`${target.name} is no simulator`);
    const known = this.#simulators.get(target.name);
    if (known !== undefined) return (await known).url;
    const made = startSimulatorThread(endpoint.options as unknown as SimulatorOptions, {
      read: readSimulatorOptions,
      onFailure: (error) =>
        this.#log.logger.error({ target: target.name, error: error.message }, 'the simulator failed'),
    });
    this.#simulators.set(target.name, made);
    made.catch(() => this.#simulators.delete(target.name));
    return (await made).url;
  }
}

/** Limits of TTFB, ms, over all targets: each must be an edge of the histograms. */
function ttfbLimits(config: Config): number[] {
  const limits = config.targets.flatMap((t) => thresholdsOf(t.thresholds, config.thresholds));
  return [...new Set(limits.filter((t) => t.metric === 'ttfb').map((t) => t.limit))];
}

/** A query may hold a key. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, '?…');
}
