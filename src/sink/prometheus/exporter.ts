import { type Metric, Registry } from 'prom-client';
import { LOG_LEVELS, type LogLevel, METRICS, RUN_VERDICTS } from '../../catalog/metrics.ts';
import { StreamView, type TimingLimits } from '../../catalog/slots.ts';
import type { MetricInfo } from '../../core/metric-info.ts';
import type { FinishedRun, Run, RunVerdict } from '../../core/run.ts';
import type { ScheduleState } from '../../core/schedule.ts';
import { usedHeapBytes } from '../../machine/heap.ts';
import { limitsReader, type ProcessLimits } from '../../machine/limits.ts';
import type { Sink, StreamSnapshot } from '../sink.ts';
import { type ExportedEvaluations, evaluationValues } from './evaluation-series.ts';
import { addProcessMetrics, type ProcessMetrics } from './process-metrics.ts';
import { type Series, type SeriesValue, scalar } from './series.ts';
import {
  type SeriesByMetric,
  type SeriesTarget,
  type StreamState,
  streamSeries,
  type TokenRefreshes,
} from './stream-series.ts';

/** State of the history of runs. */
interface ExportedHistory {
  readonly writeFailures: () => number;
  readonly resumes: () => number;
  readonly gapSeconds: () => number;
  readonly sizeBytes: () => number;
}

export interface ExporterOptions {
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
  readonly targets: readonly SeriesTarget[];
  readonly timingLimits: TimingLimits;
  /** Log lines written so far. */
  readonly logMessages: (level: LogLevel) => number;
  /** Lines of output that were dropped so far; absent: none ever is. */
  readonly logLinesDropped?: () => number;
  /** How the configuration in effect came to be so. */
  readonly reloads: () => { readonly successful: boolean; readonly successAt: number };
  /** What is scheduled now; absent: nothing ever is. */
  readonly schedules?: () => readonly ExportedSchedule[];
  /** Absent: none ever is. */
  readonly tokenRefreshes?: TokenRefreshes;
  /** Engine threads replaced so far; absent: none ever is. */
  readonly workerRestarts?: () => number;
  /** Finished runs by verdict; absent: those that it has seen. */
  readonly runs?: (verdict: RunVerdict) => number;
  /** State of the history; absent: none is kept. */
  readonly history?: ExportedHistory;
  /** Whether the generator can be trusted; absent: always. */
  readonly generator?: () => { readonly saturated: boolean; readonly unreliableWindows: number };
  /** What the service makes of it all; absent: nothing. */
  readonly evaluations?: ExportedEvaluations;
  /** Used heap of each thread besides the main one, bytes, where it is known; absent: there never is one. */
  readonly heaps?: () => readonly ThreadHeap[];
  /** What this process can have; absent: as the system says. */
  readonly limits?: () => ProcessLimits;
  /** What is shown before the first run. */
  readonly idle: StreamSnapshot;
}

/** `/metrics`: the last snapshot and the state of the run, as Prometheus reads them. Nothing else knows prom-client. */
export class PrometheusExporter implements Sink {
  readonly #registry = new Registry();
  readonly #process: ProcessMetrics;
  readonly #runs = Object.fromEntries(RUN_VERDICTS.map((v) => [v, 0])) as Record<
    (typeof RUN_VERDICTS)[number],
    number
  >;
  readonly #tokenRefreshes: TokenRefreshes | undefined;
  readonly #schedules: () => readonly ExportedSchedule[];
  readonly #evaluations: ExportedEvaluations;
  readonly #heaps: () => readonly ThreadHeap[];
  #targets: readonly SeriesTarget[];
  #streams: SeriesByMetric;
  #run: Run | undefined;
  #state: StreamState;
  #collectSeconds = 0;

  constructor(options: ExporterOptions) {
    this.#state = stateOf(options.idle);
    this.#targets = options.targets;
    this.#heaps = options.heaps ?? (() => []);
    this.#schedules = options.schedules ?? (() => []);
    this.#evaluations = options.evaluations ?? { thresholds: () => [], budgets: () => [], drifts: () => [] };
    this.#tokenRefreshes = options.tokenRefreshes;
    this.#streams = streamSeries(options.targets, options.timingLimits, this.#tokenRefreshes);
    this.#process = addProcessMetrics(this.#registry);
    for (const key of Object.keys(METRICS) as (keyof typeof METRICS)[]) {
      const own = this.#ownSeries(key, options);
      this.#register(METRICS[key], () => this.#streams[key] ?? own);
    }
  }

  /** Applies the targets of another configuration. Keeps the series of targets that remain. */
  reconfigure(
    { targets, timingLimits }: Pick<ExporterOptions, 'targets' | 'timingLimits'>,
    now: StreamSnapshot,
  ): void {
    this.#targets = targets;
    this.#streams = streamSeries(targets, timingLimits, this.#tokenRefreshes);
    this.#state = stateOf(now);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** @returns a whole scrape */
  async scrape(): Promise<string> {
    const started = performance.now();
    const text = await this.#registry.metrics();
    this.#collectSeconds = (performance.now() - started) / 1000;
    return text;
  }

  start(run: Run, snapshot: StreamSnapshot): void {
    this.add(run, snapshot);
  }

  add(run: Run, snapshot: StreamSnapshot): void {
    this.#run = run;
    this.#state = stateOf(snapshot);
  }

  stop(run: FinishedRun, snapshot: StreamSnapshot): void {
    this.add(run, snapshot);
    this.#runs[run.verdict]++;
  }

  close(): void {
    this.#process.stop();
  }

  /** Series of the service itself, in place of a target's. */
  #ownSeries(
    key: keyof typeof METRICS,
    {
      build,
      logMessages,
      logLinesDropped,
      reloads,
      workerRestarts,
      runs,
      history,
      generator,
      limits = limitsReader(),
    }: ExporterOptions,
  ): Series<StreamState>[] {
    const one = (read: () => number, labels: Record<string, string> = {}) => [
      scalar<StreamState>(METRICS[key], labels, read),
    ];
    const run = (read: (run: Run) => number) => one(() => (this.#run === undefined ? 0 : read(this.#run)));
    switch (key) {
      case 'buildInfo':
        return one(() => 1, {
          version: build.version,
          revision: build.revision,
          node_version: build.nodeVersion,
        });
      case 'runActive':
        return run((r) => (r.state === 'running' ? 1 : 0));
      case 'runStart':
        return run((r) => r.startedAt / 1000);
      case 'runEnd':
        return run((r) => (r.state === 'finished' ? r.endedAt / 1000 : 0));
      case 'runPlannedEnd':
        return run((r) => r.plannedEndAt / 1000);
      case 'runs':
        return RUN_VERDICTS.flatMap((verdict) =>
          one(() => runs?.(verdict) ?? this.#runs[verdict], { verdict }),
        );
      case 'configReloaded':
        return one(() => (reloads().successful ? 1 : 0));
      case 'configReloadedAt':
        return one(() => reloads().successAt / 1000);
      case 'workerRestarts':
        return one(() => workerRestarts?.() ?? 0);
      case 'saturated':
        return one(() => (generator?.().saturated === true ? 1 : 0));
      case 'unreliableWindows':
        return one(() => generator?.().unreliableWindows ?? 0);
      case 'historyWriteFailures':
        return one(() => history?.writeFailures() ?? 0);
      case 'historySize':
        return one(() => history?.sizeBytes() ?? 0);
      case 'runResumes':
        return one(() => history?.resumes() ?? 0);
      case 'runGapSeconds':
        return one(() => history?.gapSeconds() ?? 0);
      case 'cpuLimit':
        return one(() => limits().cpuCores);
      case 'memoryLimit':
        return one(() => limits().memoryBytes);
      case 'logMessages':
        return LOG_LEVELS.flatMap((level) => one(() => logMessages(level), { level }));
      case 'logLinesDropped':
        return one(() => logLinesDropped?.() ?? 0);
      case 'openDescriptorsAge':
        return one(() => this.#process.descriptorsAgeMs() / 1000);
      case 'collectDuration':
        return one(() => this.#collectSeconds);
      default:
        return [];
    }
  }

  #register(info: MetricInfo, current: () => readonly Series<StreamState>[]): void {
    const { name, help, type } = info;
    let series: readonly Series<StreamState>[] = [];
    let values: SeriesValue[] = [];
    const get = () => {
      const dynamic = this.#dynamicValues(info);
      if (dynamic !== undefined) return { name, help, type, values: dynamic };
      if (series !== current()) {
        series = current();
        values = series.flatMap((s) => s.values);
      }
      for (const s of series) s.update(this.#state);
      return { name, help, type, values };
    };
    // prom-client registers anything with these members; the type it declares is that of its own classes.
    this.#registry.registerMetric({
      name,
      help,
      type,
      aggregator: 'sum',
      get,
      reset() {},
    } as unknown as Metric);
  }

  /** Returns series whose labels change between scrapes: of the run, of schedules and of thresholds. */
  #dynamicValues(info: MetricInfo): SeriesValue[] | undefined {
    if (info === METRICS.runInfo) return this.#runInfo();
    if (info === METRICS.threadHeap) return heapValues(this.#heaps());
    const labelsOf = (target: string) => this.#labelsOf(target);
    return scheduleValues(info, this.#schedules) ?? evaluationValues(info, this.#evaluations, labelsOf);
  }

  /** What belongs to no target has the same labels, empty. */
  #labelsOf(target: string): Readonly<Record<string, string>> {
    const known = this.#targets.find((t) => t.name === target)?.labels;
    return known ?? Object.fromEntries(Object.keys(this.#targets[0]?.labels ?? {}).map((name) => [name, '']));
  }

  #runInfo(): SeriesValue[] {
    const { scenario, id } = this.#run ?? { scenario: '', id: '' };
    const value = this.#run === undefined ? 0 : 1;
    return [{ metricName: METRICS.runInfo.name, labels: { scenario, run: id }, value }];
  }
}

function stateOf(snapshot: StreamSnapshot): StreamState {
  const { layout, values, desired, delivered } = snapshot;
  const view = new StreamView(layout, values);
  return { view, desired, delivered };
}

/** Name of a thread, and its used heap, bytes; `undefined`: not at work. */
type ThreadHeap = readonly [thread: string, bytes: number | undefined];

/** Returns the used heap of the main thread and of others. */
function heapValues(others: readonly ThreadHeap[]): SeriesValue[] {
  const { name: metricName } = METRICS.threadHeap;
  return [['main', usedHeapBytes()] as const, ...others].flatMap(([thread, value]) =>
    value === undefined ? [] : [{ metricName, labels: { thread }, value }],
  );
}

/** State of a schedule that its metrics show. */
export type ExportedSchedule = Pick<ScheduleState, 'name' | 'nextAt' | 'lastStartedAt' | 'skipped'>;

/**
 * Returns the series of a metric of schedules. Built for each scrape, since a reload adds and removes schedules.
 * @returns `undefined` for any other metric
 */
function scheduleValues(
  info: MetricInfo,
  schedules: () => readonly ExportedSchedule[],
): SeriesValue[] | undefined {
  const read = READ.get(info);
  return (
    read &&
    schedules().map((state) => ({
      metricName: info.name,
      labels: { schedule: state.name },
      value: read(state),
    }))
  );
}

const READ: ReadonlyMap<MetricInfo, (state: ExportedSchedule) => number> = new Map([
  [METRICS.scheduleNext, (s: ExportedSchedule) => s.nextAt / 1000],
  [METRICS.scheduleSuccess, (s: ExportedSchedule) => (s.lastStartedAt ?? 0) / 1000],
  [METRICS.scheduleSkipped, (s: ExportedSchedule) => s.skipped],
]);
