import { askPrometheus, finiteSample, type PrometheusOptions } from './prometheus-api.ts';

/** A query over time. Calendar times, ms since 1970. */
export interface RangeQuestion {
  readonly query: string;
  readonly fromAt: number;
  readonly toAt: number;
  readonly stepMs: number;
}

/** A value at a time, ms since 1970. */
export interface RangeValue {
  readonly at: number;
  readonly value: number;
}

/**
 * Asks a Prometheus for one series over time.
 * @returns its finite values; empty where no series answers
 * @throws Error with the reason for a missing answer. Sends nothing to a host outside the allowlist
 */
export async function rangeQuery(
  prometheus: string,
  { query, fromAt, toAt, stepMs }: RangeQuestion,
  options: PrometheusOptions,
): Promise<RangeValue[]> {
  const seconds = (ms: number): string => String(ms / 1000);
  const parameters = { query, start: seconds(fromAt), end: seconds(toAt), step: seconds(stepMs) };
  const { resultType, result } = await askPrometheus(prometheus, 'query_range', parameters, options);
  if (resultType !== 'matrix') throw new Error('the answer is no range: is this a Prometheus?');
  if (result.length > 1) throw new Error(`the query gives ${result.length} series, one is needed`);
  const values = result[0]?.values;
  if (!Array.isArray(values)) return [];
  return values.flatMap((pair: unknown) => {
    const [at, text] = Array.isArray(pair) ? pair : [];
    const value = finiteSample(text);
    return typeof at === 'number' && value !== undefined ? [{ at: at * 1000, value }] : [];
  });
}
