import { type Metric, Registry } from 'prom-client';
import { LOG_LEVELS, type LogLevel, METRICS, type MetricInfo, RUN_VERDICTS } from '../../catalog/metrics.ts';
import type { Run } from '../../core/run.ts';
import { SnapshotView } from '../../core/snapshot.ts';
import type { Sink, StreamSnapshot } from '../sink.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { type Series, scalar } from './series.ts';
import { type SeriesTarget, type StreamState, streamSeries } from './stream-series.ts';

export interface ExporterOptions {
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
  readonly targets: readonly SeriesTarget[];
  readonly ttfbLimitsMs: readonly number[];
  /** Log lines written so far. */
  readonly logMessages: (level: LogLevel) => number;
  /** What is shown before the first run. */
  readonly idle: StreamSnapshot;
}

/** `/metrics`: the last snapshot and the state of the run, as Prometheus reads them. Nothing else knows prom-client. */
export class PrometheusExporter implements Sink {
  readonly #registry = new Registry();
  readonly #stopSampling: () => void;
  readonly #runs = Object.fromEntries(RUN_VERDICTS.map((v) => [v, 0])) as Record<
    (typeof RUN_VERDICTS)[number],
    number
  >;
  #run: Run | undefined;
  #state: StreamState;
  #collectSeconds = 0;

  constructor(options: ExporterOptions) {
    this.#state = stateOf(options.idle);
    const streams = streamSeries(options.targets, options.ttfbLimitsMs);
    for (const key of Object.keys(METRICS) as (keyof typeof METRICS)[]) {
      const series = streams[key] ?? this.#ownSeries(key, options);
      this.#register(METRICS[key], series);
    }
    this.#stopSampling = addProcessMetrics(this.#registry);
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

  stop(run: Run, snapshot: StreamSnapshot): void {
    this.add(run, snapshot);
    if (run.state === 'finished') this.#runs[run.verdict]++;
  }

  close(): void {
    this.#stopSampling();
  }

  /** Series of the service itself, in place of a target's. */
  #ownSeries(key: keyof typeof METRICS, { build, logMessages }: ExporterOptions): Series<StreamState>[] {
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
        return RUN_VERDICTS.flatMap((verdict) => one(() => this.#runs[verdict], { verdict }));
      case 'logMessages':
        return LOG_LEVELS.flatMap((level) => one(() => logMessages(level), { level }));
      case 'collectDuration':
        return one(() => this.#collectSeconds);
      default:
        return [];
    }
  }

  #register(info: MetricInfo, series: readonly Series<StreamState>[]): void {
    const { name, help, type } = info;
    const values = series.flatMap((s) => s.values);
    const get = () => {
      // One run at a time: its labels change, so this is the one series made anew.
      if (info === METRICS.runInfo) return { name, help, type, values: this.#runInfo() };
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

  #runInfo() {
    const { scenario, id } = this.#run ?? { scenario: '', id: '' };
    const value = this.#run === undefined ? 0 : 1;
    return [{ metricName: METRICS.runInfo.name, labels: { scenario, run: id }, value }];
  }
}

function stateOf(snapshot: StreamSnapshot): StreamState {
  return { view: new SnapshotView(snapshot.layout, snapshot.values), desired: snapshot.desired };
}
