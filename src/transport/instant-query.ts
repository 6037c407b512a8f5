import type { MemorySource } from '../core/target.ts';
import { askPrometheus, finiteSample, type PrometheusOptions } from './prometheus-api.ts';

/**
 * Asks a Prometheus for one number, as it is now.
 * @returns `undefined` where no series answers, or its value is no number
 * @throws Error with the reason for a missing answer. Sends nothing to a host outside the allowlist
 */
export async function instantQuery(
  { prometheus, query }: MemorySource,
  options: PrometheusOptions,
): Promise<number | undefined> {
  const { resultType, result } = await askPrometheus(prometheus, 'query', { query }, options);
  if (resultType === 'scalar') return finiteSample((result as readonly unknown[])[1]);
  if (resultType !== 'vector') throw new Error('the query gives a range; one number is needed');
  if (result.length > 1)
    throw new Error(`the query gives ${result.length} series, one is needed: name one, or take sum()`);
  return finiteSample((result[0]?.value as readonly unknown[] | undefined)?.[1]);
}
