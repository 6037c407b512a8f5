import type { StreamView } from '../catalog/slots.ts';
import type { Budget } from '../core/scenario.ts';
import type { Usage } from '../schema/summary.ts';

export function usageOf(view: StreamView, budget: Budget | undefined): Usage {
  const inputTokens = view.total('inputTokens');
  const outputTokens = view.total('outputTokens');
  const usage = {
    streams: view.total('started'),
    inputTokens,
    outputTokens,
    estimatedOutputTokens: view.total('estimatedTokens'),
    ignoredTokenReports: view.total('ignoredTokens'),
  };
  const { prices } = budget ?? {};
  return prices === undefined
    ? usage
    : { ...usage, cost: (inputTokens * prices.input + outputTokens * prices.output) / 1e6 };
}

/** Returns whether one of the limits is reached. */
export function isSpent(budget: Budget, usage: Usage): boolean {
  const reached = (limit: number | undefined, used: number | undefined): boolean =>
    limit !== undefined && used !== undefined && used >= limit;
  return (
    reached(budget.streams, usage.streams) ||
    reached(budget.outputTokens, usage.outputTokens) ||
    reached(budget.cost, usage.cost)
  );
}

/**
 * Returns the index of a target that completed streams and reported usage in none; −1 without one. A budget of cost
 * depends on reported usage.
 */
export function withoutUsage(view: StreamView): number {
  return view.layout.targets.findIndex(
    (_, t) =>
      view.cell(t, 'finished:complete') + view.cell(t, 'finished:limited') > 0 &&
      view.cell(t, 'usageReports') === 0,
  );
}
