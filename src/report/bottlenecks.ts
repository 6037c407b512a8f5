import { formatPercent } from '../core/percent.ts';
import type { Scenario } from '../core/scenario.ts';
import type { TargetContention } from '../run/contention.ts';
import type { LoadDelivered } from '../run/delivered.ts';

/** What holds users up. */
export interface Bottleneck {
  /** `pool`: the target serves so many streams at a time; `held`: it keeps most users, and the others get few. */
  readonly kind: 'pool' | 'held';
  readonly target: string;
  /** All of it in one sentence. */
  readonly text: string;
  /** `pool`: streams that received content at once, at most. `held`: share of the users' time on the target. */
  readonly observed: number;
  /** `pool`: streams wanted at once, at most. `held`: the share that its weight gives it. */
  readonly planned: number;
}

/** Streams wanted for each that is served: of fewer a limit says little. */
const MIN_FOLD = 2;
/** Share of all users on one target from which on it holds them, and how much more than its weight that is. */
const MIN_HELD = 0.5;
const MIN_OVER_WEIGHT = 1.5;
/** What is left to the others of their share, at most. */
const MAX_LEFT = 0.7;
/** Time of users, ms, below which a share says nothing. */
const MIN_USER_MS = 60_000;

/** Returns what holds users up, as far as the data show it. */
export function bottlenecksOf(
  contention: readonly TargetContention[],
  load: LoadDelivered,
  { model, targets }: Pick<Scenario, 'model' | 'targets'>,
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
  return [...pools, ...heldBy(load, { model, targets })];
}

/** The target that most users are on, where that leaves the others less than their share. */
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
  const text = `streams of ${holder.target} took up ${formatPercent(held)} of the users' time, where ${formatPercent(planned)} is planned: the other targets got ${left.toFixed(1)} of their load`;
  return [{ kind: 'held', target: holder.target, text, observed: held, planned }];
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
