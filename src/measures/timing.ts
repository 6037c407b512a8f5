import type { MetricInfo } from '../catalog/metrics.ts';
import type { Timing } from '../catalog/slots.ts';
import { any, duringRun, over } from './expressions.ts';
import { crossing } from './interval.ts';
import type { Counts, Evaluator, Measure, Statistic, Sum, TimingStatistic } from './measure.ts';

/** What a timing needs to be a measure. */
export interface TimingSpec {
  readonly name: string;
  /** In a sentence: `TTFB`. */
  readonly noun: string;
  /** In the layout. */
  readonly timing: Timing;
  readonly metric: MetricInfo;
  /** Which series of the metric: a matcher, and the name of what is recorded from them. */
  readonly where?: { readonly matcher: string; readonly level: string };
  readonly counted?: string;
  /** Whether a late generator can make it too short as well: a time between two reads. */
  readonly eitherWay?: boolean;
}

/**
 * The share of observations that may lie above the limit. "p95 above 2.5 s" is "more than 5 % are above 2.5 s": exact,
 * since the limit is an edge of the histogram, where the percentile itself is interpolated. Decimal literals: PromQL
 * divides the same numbers and compares with the same one.
 */
const ALLOWED: Readonly<Record<Exclude<TimingStatistic, 'mean'>, number>> = {
  p50: 0.5,
  p90: 0.1,
  p95: 0.05,
  p99: 0.01,
  'p99.9': 0.001,
  max: 0,
};

/** @returns a measure of a fine histogram of the target */
export function timingMeasure(spec: TimingSpec): Measure {
  const { name, timing, metric, eitherWay = false } = spec;
  const matcher = spec.where?.matcher ?? '';
  const level = spec.where?.level ?? metric.name;
  return {
    name,
    timing,
    counted: spec.counted ?? 'observations',
    noun: ({ statistic }) => nounOf(spec.noun, statistic),
    promql({ statistic, windowMs, minCount }, groups, { recordings }) {
      const series = { metric: metric.name, matcher, level };
      const crossed = any(groups, (group) =>
        statistic === 'mean'
          ? over(recordings.mean(series, windowMs), group.matcher, group.limit / 1000)
          : over(
              recordings.shareOver(series, group.limit, windowMs),
              group.matcher,
              ALLOWED[statistic as keyof typeof ALLOWED],
            ),
      );
      return duringRun(recordings, crossed, `${recordings.observed(series, windowMs)} >= ${minCount}`);
    },
    evaluator: (statistic, { value }) =>
      statistic === 'mean'
        ? meanEvaluator(timing, value, eitherWay)
        : shareEvaluator(timing, statistic, value, eitherWay),
  };
}

function nounOf(noun: string, statistic: Statistic): string {
  if (statistic === 'mean') return `mean ${noun}`;
  return statistic === 'max' ? `longest ${noun}` : `${noun} ${statistic}`;
}

type Bound = 'observed' | 'least' | 'greatest';

function sumOf(timing: Timing, bound: Bound): Sum {
  return {
    key: `${timing}:sum:${bound}`,
    read: (counts, target) => counts[bound].histogram(target, timing).sum,
  };
}

function countOf(timing: Timing): Sum {
  return {
    key: `${timing}:count`,
    read: ({ observed }, target) => observed.histogram(target, timing).count,
  };
}

function aboveOf(timing: Timing, limitMs: number, bound: Bound): Sum {
  const read = (counts: Counts, target: number): number => {
    const histogram = counts[bound].histogram(target, timing);
    return histogram.count - histogram.cumulative([limitMs])[0]!;
  };
  return { key: `${timing}:above:${limitMs}:${bound}`, read };
}

function meanEvaluator(timing: Timing, limitMs: number, eitherWay: boolean): Evaluator {
  return between(
    countOf(timing),
    (bound) => sumOf(timing, bound),
    eitherWay,
    (mean) => mean > limitMs,
  );
}

function shareEvaluator(
  timing: Timing,
  statistic: Statistic,
  limitMs: number,
  eitherWay: boolean,
): Evaluator {
  const allowed = ALLOWED[statistic as keyof typeof ALLOWED];
  const above = (bound: Bound): Sum => aboveOf(timing, limitMs, bound);
  return between(countOf(timing), above, eitherWay, (share) => share > allowed);
}

/** A sum over a count, of what was observed and of its bounds. */
function between(
  count: Sum,
  of: (bound: Bound) => Sum,
  eitherWay: boolean,
  crosses: (value: number) => boolean,
): Evaluator {
  return {
    sums: [count, of('observed'), of('least'), of(eitherWay ? 'greatest' : 'observed')],
    evaluate({ sums }) {
      const [n, observed, least, greatest] = sums as [number, number, number, number];
      if (n <= 0) return undefined;
      const kind = crossing({ least: least / n, greatest: greatest / n }, crosses);
      return { kind, observed: observed / n, count: n };
    },
  };
}
