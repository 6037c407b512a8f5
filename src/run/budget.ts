import type { StreamLayout } from '../catalog/slots.ts';
import type { Budget } from '../core/scenario.ts';
import type { SnapshotView } from '../core/snapshot.ts';

/** What a run has used up. Tokens as the targets report them; output without a report: chunks with content. */
export interface Usage {
  readonly streams: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In the currency of the prices; absent without prices. */
  readonly cost?: number;
}

export function usageOf(view: SnapshotView<StreamLayout>, budget: Budget | undefined): Usage {
  const inputTokens = view.total('inputTokens');
  const outputTokens = view.total('outputTokens');
  const usage = { streams: view.total('started'), inputTokens, outputTokens };
  const { prices } = budget ?? {};
  return prices === undefined
    ? usage
    : { ...usage, cost: (inputTokens * prices.input + outputTokens * prices.output) / 1e6 };
}

/** @returns whether one of the limits is reached */
export function isSpent(budget: Budget, usage: Usage): boolean {
  const reached = (limit: number | undefined, used: number | undefined): boolean =>
    limit !== undefined && used !== undefined && used >= limit;
  return (
    reached(budget.streams, usage.streams) ||
    reached(budget.outputTokens, usage.outputTokens) ||
    reached(budget.cost, usage.cost)
  );
}
