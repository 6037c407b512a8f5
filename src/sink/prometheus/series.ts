import type { Histogram } from '../../core/histogram.ts';
import type { MetricInfo } from '../../core/metric-info.ts';

/** One line of a scrape. Made once; only its value changes. */
export interface SeriesValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  value: number;
}

/** Some lines of a scrape, and how they are brought up to date. */
export interface Series<S> {
  readonly values: readonly SeriesValue[];
  update(state: S): void;
}

export function scalar<S>(
  info: MetricInfo,
  labels: Record<string, string>,
  read: (state: S) => number,
): Series<S> {
  const line = { metricName: info.name, labels, value: 0 };
  return {
    values: [line],
    update(state) {
      line.value = read(state);
    },
  };
}

/** @param bucketsSeconds upper edges, ascending; `+Inf` is added */
export function histogramSeries<S>(
  info: MetricInfo,
  bucketsSeconds: readonly number[],
  labels: Record<string, string>,
  read: (state: S) => Histogram,
): Series<S> {
  const edgesMs = bucketsSeconds.map(secondsToMs);
  const buckets = [...bucketsSeconds.map(String), '+Inf'].map((le) => ({
    metricName: `${info.name}_bucket`,
    labels: { le, ...labels },
    value: 0,
  }));
  const sum = { metricName: `${info.name}_sum`, labels, value: 0 };
  const count = { metricName: `${info.name}_count`, labels, value: 0 };
  return {
    values: [...buckets, sum, count],
    update(state) {
      const histogram = read(state);
      const total = histogram.count;
      histogram.cumulative(edgesMs).forEach((n, i) => {
        buckets[i]!.value = n;
      });
      buckets.at(-1)!.value = total;
      count.value = total;
      sum.value = histogram.sum / 1000;
    },
  };
}

/** @returns the edge in ms as the double that the decimal number of seconds means, 0.0025 → 2.5 */
export function secondsToMs(seconds: number): number {
  return Number((seconds * 1000).toPrecision(12));
}
