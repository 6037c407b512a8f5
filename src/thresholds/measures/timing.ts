import { slotsOf, type Timing, type TimingName, timingRecord } from '../../measures/list.ts';
import { any, duringRun, over } from './expressions.ts';
import type { Counts, Evaluation, Evaluator, Measure, Statistic, Sum, TimingStatistic } from './measure.ts';

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

/** @returns what thresholds look at of a timing: of one that is kept by result, the successes */
export function timingMeasure(name: TimingName): Measure & Required<Pick<Measure, 'timing'>> {
  const { noun, metric, eitherWay = false, byResult = false } = timingRecord(name);
  const series = {
    metric: metric.name,
    matcher: byResult ? 'result="success"' : '',
    level: byResult ? metric.name.replace('soak_stream_', 'soak_stream_success_') : metric.name,
  };
  const { timing } = slotsOf(name)[0]!;
  return {
    name,
    timing: name,
    counted: byResult ? 'successes' : 'observations',
    noun: ({ statistic }) => nounOf(noun, statistic),
    promql({ statistic, windowMs, minCount }, groups, { recordings }) {
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

/** Bounds of the true value. */
interface Interval {
  readonly least: number;
  readonly greatest: number;
}

/**
 * Returns whether a value crosses its limit, if that is the same for every value of the interval.
 * @param crosses of one value; if it holds for one, it holds for every greater one
 */
export function crossing(
  { least, greatest }: Interval,
  crosses: (value: number) => boolean,
): Evaluation['kind'] {
  if (crosses(least)) return 'crossed';
  return crosses(greatest) ? 'inconclusive' : 'ok';
}
