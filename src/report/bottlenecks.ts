import { formatPercent } from '../core/percent.ts';
import type { Scenario } from '../core/scenario.ts';
import type { TargetContention } from '../run/contention.ts';
import type { LoadDelivered } from '../run/delivered.ts';

/** Bottleneck that holds up virtual users. */
export interface Bottleneck {
  /** `pool`: the target serves a fixed number of streams at a time; `held`: it holds most users, so other targets get few. */
  readonly kind: 'pool' | 'held';
  readonly target: string;
  /** The bottleneck in one sentence. */
  readonly text: string;
  /** `pool`: maximum of streams that received content at once. `held`: share of user time on the target. */
  readonly observed: number;
  /** `pool`: maximum of streams wanted at once. `held`: share by the weight of the target. */
  readonly planned: number;
}

/** Minimum ratio of wanted to served streams; a smaller ratio is no evidence of a pool. */
const MIN_FOLD = 2;
/** Minimum share of all users on a target that holds them, and its minimum excess over the weight of the target. */
const MIN_HELD = 0.5;
const MIN_OVER_WEIGHT = 1.5;
/** Maximum share of their planned users that the other targets get. */
const MAX_LEFT = 0.7;
/** Minimum user time for a meaningful share, ms. */
const MIN_USER_MS = 60_000;

/** Returns the bottlenecks that the data show. */
export function bottlenecksOf(
  contention: readonly TargetContention[],
  load: LoadDelivered,
  scenario: Pick<Scenario, 'model' | 'targets' | 'sequence'>,
): Bottleneck[] {
  const pools = contention
    .filter((c) => c.isLimited && c.desiredMax >= MIN_FOLD * c.streamingMax)
    .map(
      ({ target, streamingMax, desiredMax }): Bottleneck => ({
        kind: 'pool',
        target,
        text: `${target}: never more than ${streamingMax} of ${desiredMax} streams received at once, as from a pool of ${streamingMax} workers`,
        observed: streamingMax,
        planned: desiredMax,
      }),
    );
  // The targets of a sequence share no users.
  return [...pools, ...(scenario.sequence === undefined ? heldBy(load, scenario) : [])];
}

/** Returns the target that holds most users if the other targets get less than their share. */
function heldBy(
  { perTarget }: LoadDelivered,
  { model, targets }: Pick<Scenario, 'model' | 'targets'>,
): Bottleneck[] {
  const all = sum(perTarget, (t) => t.userMs);
  if (model.kind === 'open' || perTarget.length < 2 || all < MIN_USER_MS) return [];
  const weights = sum(targets, (t) => t.weight);
  const shareOf = (name: string): number => (targets.find((t) => t.name === name)?.weight ?? 0) / weights;
  const holder = perTarget.reduce((a, b) =>
    b.userMs / shareOf(b.target) > a.userMs / shareOf(a.target) ? b : a,
  );
  const held = holder.userMs / all;
  const planned = shareOf(holder.target);
  const left = (1 - held) / (1 - planned);
  if (held < MIN_HELD || held < MIN_OVER_WEIGHT * planned || left > MAX_LEFT) return [];
  const text = `streams of ${holder.target} used ${formatPercent(held)} of user time (planned: ${formatPercent(planned)}), so the other targets got only ${formatPercent(left)} of their planned load`;
  return [{ kind: 'held', target: holder.target, text, observed: held, planned }];
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
