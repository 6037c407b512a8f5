import { measureNamed } from './measures/list.ts';
import type { Counts, Evaluation, Evaluator, Sum, WindowSums } from './measures/measure.ts';
import type { Threshold } from './threshold.ts';

/** A threshold with the limit of one target. */
export interface Bounded {
  readonly threshold: Threshold;
  /** In the unit of the threshold. */
  readonly limit: number;
  readonly evaluator: Evaluator;
}

/** Result of a threshold over a window. */
export type Evaluated = Evaluation | { readonly kind: 'no-data' };

/**
 * @param budget the share of failures that the objective of the target leaves
 * @throws TypeError for a threshold that only Prometheus can evaluate
 */
export function bounded(threshold: Threshold, limit: number, budget: number): Bounded {
  const { evaluator } = measureNamed(threshold.metric);
  if (evaluator === undefined)
    throw new TypeError(`the threshold ${threshold.id} is evaluated by Prometheus alone`);
  const { op, statistic } = threshold;
  return { threshold, limit, evaluator: evaluator(statistic, { value: limit, op, budget }) };
}

/**
 * Compares a threshold with the counts. The live watch passes the sums of its window, the verdict those of the whole
 * run; the rules of Prometheus compare the same sums with the same literals.
 * @param minCount observations that are needed
 */
export function evaluate({ evaluator }: Bounded, window: WindowSums, minCount: number): Evaluated {
  const evaluation = evaluator.evaluate(window);
  if (evaluation === undefined || evaluation.count < Math.max(1, minCount)) return { kind: 'no-data' };
  return evaluation;
}

/** @returns the sums of everything in `counts`, of one target */
export function sumsIn(sums: readonly Sum[], counts: Counts, target: number): number[] {
  return sums.map((sum) => sum.read(counts, target));
}
