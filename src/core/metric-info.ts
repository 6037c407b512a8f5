/** One metric as Prometheus sees it. Durations are seconds here and nowhere else. */
export interface MetricInfo {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Besides the targets' own static labels. */
  readonly labels: readonly string[];
  /** Upper edges, seconds; configured limits are added. */
  readonly buckets?: readonly number[];
}

export function gauge(name: string, help: string, ...labels: string[]): MetricInfo {
  return { name, type: 'gauge', help, labels };
}

export function counter(name: string, help: string, ...labels: string[]): MetricInfo {
  return { name, type: 'counter', help, labels };
}

/** @param buckets upper edges, seconds, ascending */
export function histogram(
  name: string,
  help: string,
  buckets: readonly number[],
  ...labels: string[]
): MetricInfo {
  return { name, type: 'histogram', help, labels, buckets };
}
