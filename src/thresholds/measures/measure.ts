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

/** What a threshold asks of a measure. */
export interface Ask {
  readonly statistic: Statistic;
  readonly op: '<' | '>' | '>=';
  /** Over which the value is taken, ms. */
  readonly windowMs: number;
  /** `burn`: a second window, over which the same must hold. */
  readonly shortWindowMs?: number;
  /** Observations in the window that are needed: fewer say nothing. */
  readonly minCount: number;
}

/** How rules find series that have no name of soakd's own. */
export interface Jobs {
  /** The job that scrapes soakd. */
  readonly soak: string;
  /** The job that scrapes node_exporter on the hosts of targets; a label `target` names the target. */
  readonly host: string;
}

/** What PromQL is made with. */
export interface RuleContext {
  readonly recordings: Recordings;
  readonly jobs: Jobs;
}

/**
 * Everything counted up to one moment. A late generator makes a timing too long, so beside what was observed stand
 * the least that the timings of unreliable windows can truly have been, and the greatest of those that can be off
 * either way (chunk gap, TPOT).
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

/** A number that only grows: over a window it is the difference of the window's ends. */
export interface Sum {
  /** Sums with the same key are the same number. */
  readonly key: string;
  read(counts: Counts, target: number): number;
}

/** A value over a window, and whether it crosses its limit wherever in its interval the truth lies. */
export interface Evaluation {
  /** Inconclusive: the limit lies within the interval. */
  readonly kind: 'ok' | 'crossed' | 'inconclusive';
  /** In the unit of the threshold; of percentiles and `max` the share above the limit. */
  readonly observed: number;
  /** Observations it rests on. */
  readonly count: number;
}

/** The sums of one window, in the order they were asked for. */
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

/** A limit, and what it is computed with. */
export interface Limit {
  /** In the unit of the threshold. */
  readonly value: number;
  readonly op: Ask['op'];
  /** The share of failures that the objective of the target leaves. */
  readonly budget: number;
}

/**
 * Something that thresholds look at: one record, from which the rules, the live watch, the verdict, the configuration
 * and the documents are made.
 */
export interface Measure {
  /** In a threshold's `metric`. */
  readonly name: string;
  /** @returns what a statistic of it is called in a sentence: `TTFB p95` */
  noun(ask: Ask): string;
  /** What `minCount` counts: `observations`. */
  readonly counted: string;
  /** When it is crossed, in PromQL. */
  promql(ask: Ask, groups: readonly LimitGroup[], context: RuleContext): string;
  /** How soakd itself computes it; absent: only Prometheus can. */
  evaluator?(statistic: Statistic, limit: Limit): Evaluator;
  /** Where it is a timing: the histogram of which each limit is an edge. */
  readonly timing?: TimingName;
}
