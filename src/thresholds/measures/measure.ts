import type { StreamView } from '../../catalog/slots.ts';
import type { TimingName } from '../../measures/list.ts';
import type { LimitGroup } from '../../promql/limit-group.ts';
import type { Recordings } from '../../promql/recordings.ts';

/** Statistics of a timing. `max`: the longest one observed. */
export const TIMING_STATISTICS = ['p50', 'p90', 'p95', 'p99', 'p99.9', 'mean', 'max'] as const;
export type TimingStatistic = (typeof TIMING_STATISTICS)[number];

/**
 * `ratio`, `share`: a part of a whole; `burn`: how many times faster than allowed the error budget is used up;
 * `increase`: of a counter; `min`: the lowest value; `state`: it is so or it is not.
 */
export type Statistic = TimingStatistic | 'ratio' | 'share' | 'burn' | 'increase' | 'min' | 'state';

/** Parameters of a measure: a threshold without its limit. */
export interface Ask {
  readonly statistic: Statistic;
  readonly op: '<' | '>' | '>=';
  /** Window of the value, ms. */
  readonly windowMs: number;
  /** `burn`: second window over which the same must hold, ms. */
  readonly shortWindowMs?: number;
  /** Observations that the window needs; with fewer there is no data. */
  readonly minCount: number;
}

/** How rules find series that have no name of soakd's own. */
export interface Jobs {
  /** The job that scrapes soakd. */
  readonly soak: string;
  /** The job that scrapes node_exporter on the hosts of targets; a label `target` names the target. */
  readonly host: string;
}

/** Context of the PromQL of a rule. */
interface RuleContext {
  readonly recordings: Recordings;
  readonly jobs: Jobs;
}

/**
 * All counts up to one moment. A late generator makes a timing too long, so `Counts` has the observed values and bounds:
 * the least possible timings of unreliable windows, and the greatest of timings that can be off either way (chunk gap,
 * TPOT).
 */
export interface Counts {
  readonly observed: StreamView;
  readonly least: StreamView;
  readonly greatest: StreamView;
  /** Sums over all polls up to now, by target: open streams, stalled streams, number of polls. */
  readonly polled: readonly Polled[];
}

/** Sums of what was open at each poll. */
export interface Polled {
  readonly active: number;
  readonly stalled: number;
  readonly polls: number;
}

/** A sum that only grows: its value over a window is the difference between the window's ends. */
export interface Sum {
  /** Sums with the same key are the same number. */
  readonly key: string;
  read(counts: Counts, target: number): number;
}

/** A value over a window, and whether every possible true value crosses the limit. */
export interface Evaluation {
  /** Inconclusive: the limit lies within the interval. */
  readonly kind: 'ok' | 'crossed' | 'inconclusive';
  /** In the unit of the threshold; of percentiles and `max` the share above the limit. */
  readonly observed: number;
  /** Number of observations behind the value. */
  readonly count: number;
}

/** The sums of one window, in the order of the evaluator's `sums`. */
export interface WindowSums {
  readonly sums: readonly number[];
  /** The same over the short window; the same as `sums` where there is none. */
  readonly short: readonly number[];
  /** The most streams that were open at once. */
  readonly activeMax: number;
}

/** One statistic of a measure against one limit. */
export interface Evaluator {
  readonly sums: readonly Sum[];
  /** @returns `undefined` where nothing was observed */
  evaluate(window: WindowSums): Evaluation | undefined;
}

/** A limit, and the parameters of its computation. */
export interface Limit {
  /** In the unit of the threshold. */
  readonly value: number;
  readonly op: Ask['op'];
  /** Share of failures that the objective of the target allows. */
  readonly budget: number;
}

/**
 * A quantity that thresholds evaluate. One record is the source of the rules, the live watch, the verdict, the
 * configuration and the documents.
 */
export interface Measure {
  /** In a threshold's `metric`. */
  readonly name: string;
  /** Returns the name of a statistic in a sentence: `TTFB p95`. */
  noun(ask: Ask): string;
  /** What `minCount` counts: `observations`. */
  readonly counted: string;
  /** Returns the PromQL of a crossed threshold. */
  promql(ask: Ask, groups: readonly LimitGroup[], context: RuleContext): string;
  /** Returns soakd's own evaluation; absent: only Prometheus evaluates the measure. */
  evaluator?(statistic: Statistic, limit: Limit): Evaluator;
  /** For a timing: its histogram, which has an edge at each limit. */
  readonly timing?: TimingName;
}
