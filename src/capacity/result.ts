import type { Model } from '../core/scenario.ts';
import type { CapacityResult, CapacityStep, SearchEnd } from '../schema/capacity.ts';
import { bracketOf } from './search.ts';

export interface ResultContext {
  readonly model: Model['kind'];
  /** Largest load that may be tried. */
  readonly most: number;
  readonly precision: number;
  readonly ended: SearchEnd;
  readonly lastedMs: number;
}

/** Returns the result of a search from its steps so far. */
export function resultOf(
  steps: readonly CapacityStep[],
  { model, most, precision, ended, lastedMs }: ResultContext,
): CapacityResult {
  const { good, bad, confirmed } = bracketOf(steps);
  const low = Math.max(
    0,
    ...steps.filter((s) => s.verdict === 'held' && s.clear && s.load <= good).map((s) => s.load),
  );
  // A generator that is too late for a confirming hold does not bound the load that held before.
  const failed = steps.filter((s) => s.load >= bad && isFailed(s));
  const limiting = failed.findLast((s) => s.load === bad);
  // A crossing that may be chance does not bound the capacity from above, where a clear one was seen.
  const clear = failed.filter((s) => s.clear || s.verdict === 'generator').map((s) => s.load);
  const all = clear.length > 0 ? clear : failed.map((s) => s.load);
  return {
    ...(model === 'closed' ? { users: good } : { rate: good }),
    low,
    high: all.length === 0 ? null : Math.min(...all),
    limitedBy: limitOf(limiting, steps.at(-1)) ?? (good >= most ? mostName(model) : null),
    target: limiting?.verdict === 'crossed' ? (limiting.cause?.target ?? null) : null,
    confirmed,
    ended,
    precision,
    lastedMs,
    steps,
  };
}

function isFailed({ verdict }: CapacityStep): boolean {
  return verdict === 'crossed' || verdict === 'generator';
}

function limitOf(limiting: CapacityStep | undefined, last: CapacityStep | undefined): string | null {
  // The last word is the generator's where it ended the search, whatever was crossed at higher loads.
  if (last?.verdict === 'inconclusive' || (last?.verdict === 'generator' && last.confirms))
    return 'generator';
  if (limiting === undefined) return null;
  return limiting.verdict === 'generator' ? 'generator' : (limiting.cause?.threshold ?? null);
}

function mostName(model: Model['kind']): string {
  return model === 'closed' ? 'maxUsers' : 'maxRate';
}
