import { METRICS } from '../catalog/metrics.ts';
import { MINUTE_MS } from '../core/clock.ts';
import { braces, edge, indent, promDuration, promNumber } from './promql.ts';

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** How long the windows of rules are. */
export interface Windows {
  /** All windows and waiting times are made so many times as long; below 1 for a test that has not hours. */
  readonly factor: number;
  /** How often soakd is scraped, ms: no window is shorter than four scrapes. */
  readonly scrapeMs: number;
}

const TILE_MS = 5 * MINUTE_MS;
/** Windows from this length on are sums of short ones: an increase over days would read every scrape. */
const TILED_FROM_MS = 6 * 60 * MINUTE_MS;

/** Labels that identify an instance of soakd; expressions about a target sum over them. */
const BY_INSTANCE = 'instance, pod';

/**
 * Recording rules, made as alerts ask for them: each method returns the name of a series and adds the rule that makes
 * it, once. What is summed comes before what is divided. Names are `level:metric:operations`.
 */
export class Recordings {
  readonly #windows: Windows;
  readonly #made = new Set<string>();
  #new: RecordingRule[] = [];

  constructor(windows: Windows) {
    this.#windows = windows;
  }

  /** Returns the rules added since the last call, each after the rules that it uses. */
  take(): RecordingRule[] {
    const taken = this.#new;
    this.#new = [];
    return taken;
  }

  /** @returns a window, ms, as long as the factor has it but of at least four scrapes */
  scaled(ms: number): number {
    return Math.max(ms * this.#windows.factor, 4 * this.#windows.scrapeMs);
  }

  /** @returns a window as PromQL writes it */
  window(ms: number): string {
    return promDuration(this.scaled(ms));
  }

  /** By instance, not recorded: 1 while a run is active. A failed scrape does not interrupt it. */
  runActive(): string {
    return `max_over_time(${METRICS.runActive.name}[${this.window(MINUTE_MS)}])`;
  }

  /** By target: streams that succeeded or failed. */
  finished(ms: number): string {
    return this.#streams('finished', 'success|failed', ms);
  }

  /** By target: the share of failures. There is none where nothing has finished. */
  failedRatio(ms: number): string {
    return this.#record(
      `target:soak_streams_failed_per_finished:ratio_increase${this.window(ms)}`,
      `${this.#streams('failed', 'failed', ms)}\n/\n(${this.finished(ms)} > 0)`,
    );
  }

  /** By target: the increase of a counter of streams. */
  counted(metric: string, ms: number): string {
    const window = this.window(ms);
    return this.#record(
      `target:${metric.replace(/_total$/, '')}:increase${window}`,
      `sum without (${BY_INSTANCE}) (\n  increase(${metric}[${window}])\n)`,
    );
  }

  /** By target: the share of a counter. @param of a recorded series that it is a part of */
  share(metric: string, of: string, ms: number): string {
    const level = metric.replace(/_total$/, '');
    return this.#record(
      `target:${level}_per_stream:ratio_increase${this.window(ms)}`,
      `${this.counted(metric, ms)}\n/\n(${of} > 0)`,
    );
  }

  /** By target: how often a timing was observed. */
  observed({ metric, matcher, level }: TimingSeries, ms: number): string {
    return this.#timing(`${level}_count`, `${metric}_count`, matcher, ms);
  }

  /** By target: the mean, s. */
  mean(series: TimingSeries, ms: number): string {
    const { metric, matcher, level } = series;
    return this.#record(
      `target:${level}:mean${this.window(ms)}`,
      `${this.#timing(`${level}_sum`, `${metric}_sum`, matcher, ms)}\n/\n(${this.observed(series, ms)} > 0)`,
    );
  }

  /** By target: the share of a timing above a limit, which must be an edge of its buckets: exact. */
  shareOver(series: TimingSeries, limitMs: number, ms: number): string {
    const { metric, matcher, level } = series;
    const window = this.window(ms);
    const over = `${level.replace(/_seconds$/, '')}_over_${promNumber(limitMs).replace('.', '_')}ms`;
    // Subtracted by instance: one that has no such edge adds nothing, in place of all it observed.
    const above = this.#healthy(
      `target:${over}:increase${window}`,
      matcher === '' ? '' : 'result',
      `increase(${metric}_count${braces(matcher)}[${window}])\n- ignoring (le)\nincrease(${metric}_bucket${braces(matcher, edge(limitMs / 1000))}[${window}])`,
      ms,
    );
    return this.#record(
      `target:${over}_per_observed:ratio_increase${window}`,
      `${above}\n/\n(${this.observed(series, ms)} > 0)`,
    );
  }

  /** By target: open streams, of all phases. */
  active(): string {
    const { name } = METRICS.active;
    return this.#record(`target:${name}:sum`, `sum without (${BY_INSTANCE}, phase) (${name})`);
  }

  /** By target: the mean number of open streams. */
  activeMean(ms: number): string {
    const window = this.window(ms);
    return this.#record(
      `target:${METRICS.active.name}:mean${window}`,
      `avg_over_time(${this.active()}[${window}])`,
    );
  }

  /** By target: the share of the open streams that were stalled. */
  stalledRatio(ms: number): string {
    const { name } = METRICS.stalled;
    const window = this.window(ms);
    const stalled = this.#record(`target:${name}:sum`, `sum without (${BY_INSTANCE}) (${name})`);
    return this.#record(
      `target:soak_streams_stalled_per_active:ratio_mean${window}`,
      `avg_over_time(${stalled}[${window}])\n/\n(${this.activeMean(ms)} > 0)`,
    );
  }

  /**
   * How far ahead a due time is seen, s. A pattern is due on whole minutes, as the steps of {@link scheduleDue} are: more
   * than one, so that no due time falls between two.
   */
  get scheduleAheadS(): number {
    return (1.5 * this.scaled(MINUTE_MS)) / 1000;
  }

  /** By schedule: the latest time at which it was due, s: the last `next` that was not changed until its time had come. */
  scheduleDue(ms: number): string {
    const step = this.window(MINUTE_MS);
    const ahead = this.scheduleAheadS;
    const next = METRICS.scheduleNext.name;
    return this.#record(
      `instance:soak_schedule_due_timestamp_seconds:max${this.window(ms)}`,
      `max_over_time((${next} < time() + ${promNumber(ahead)})[${this.window(ms)}:${step}])`,
    );
  }

  #streams(what: 'finished' | 'failed', results: string, ms: number): string {
    const window = this.window(ms);
    const record = `target:soak_streams_${what}:increase${window}`;
    const matcher = what === 'failed' ? `result="${results}"` : `result=~"${results}"`;
    const expr =
      ms < TILED_FROM_MS
        ? `sum without (${BY_INSTANCE}, result, outcome) (\n  increase(${METRICS.finished.name}{${matcher}}[${window}])\n)`
        : `sum_over_time(${this.#streams(what, results, TILE_MS)}[${window}:${this.window(TILE_MS)}])`;
    return this.#record(record, expr);
  }

  #timing(level: string, series: string, where: string, ms: number): string {
    const window = this.window(ms);
    const increase = `increase(${series}${braces(where)}[${window}])`;
    return this.#healthy(`target:${level}:increase${window}`, where === '' ? '' : 'result', increase, ms);
  }

  /** Summed over the instances whose generator keeps up. Where nothing is known of that, over all. */
  #healthy(record: string, also: string, expr: string, ms: number): string {
    const without = also === '' ? BY_INSTANCE : `${BY_INSTANCE}, ${also}`;
    return this.#record(
      record,
      `sum without (${without}) (\n${indent(expr)}\n  unless on (job, instance) ${this.#saturated(ms)} == 1\n)`,
    );
  }

  #saturated(ms: number): string {
    const window = this.window(ms);
    return this.#record(
      `instance:soak_generator_saturated:max${window}`,
      `max_over_time(soak_generator_saturated[${window}])`,
    );
  }

  #record(record: string, expr: string): string {
    if (!this.#made.has(record)) {
      this.#made.add(record);
      this.#new.push({ record, expr });
    }
    return record;
  }
}

/** Some series of a histogram. */
interface TimingSeries {
  /** Name of the metric, without `_bucket`. */
  readonly metric: string;
  /** Matchers of its series; empty for all. */
  readonly matcher: string;
  /** Name of what is recorded from them. */
  readonly level: string;
}
