import type { Scenario } from '../core/scenario.ts';
import type { TargetContention } from '../run/contention.ts';

/** What holds users up. */
export interface Bottleneck {
  /** `pool`: the target serves so many streams at a time; `held`: it keeps most users, and the others get few. */
  readonly kind: 'pool' | 'held';
  readonly target: string;
  /** All of it in one sentence. */
  readonly text: string;
  /** `pool`: streams that received content at once, at most. `held`: users on the target, on average. */
  readonly streams: number;
  /** `pool`: streams wanted at once, at most. `held`: users in all, on average. */
  readonly of: number;
}

/** Streams wanted for each that is served: of fewer a limit says little. */
const MIN_FOLD = 2;
/** Share of all users on one target from which on it holds them, and how much more than its weight that is. */
const MIN_HELD = 0.5;
const MIN_OVER_WEIGHT = 1.5;
/** What is left to the others of their share, at most. */
const MAX_LEFT = 0.5;
/** Users below which a share says nothing. */
const MIN_USERS = 4;

/** Returns what holds users up, as far as the data show it. */
export function bottlenecksOf(
  contention: readonly TargetContention[],
  { model, targets }: Pick<Scenario, 'model' | 'targets'>,
): Bottleneck[] {
  const pools = contention
    .filter((c) => c.isLimited && c.desiredMax >= MIN_FOLD * c.streamingMax)
    .map(
      ({ target, streamingMax, desiredMax }): Bottleneck => ({
        kind: 'pool',
        target,
        text: `${target}: never more than ${streamingMax} of ${desiredMax} streams received at once, as from a pool of ${streamingMax} workers`,
        streams: streamingMax,
        of: desiredMax,
      }),
    );
  if (model.kind === 'open' || contention.length < 2 || contention.length < targets.length) return pools;
  const users = sum(contention, (c) => c.planned);
  if (users < MIN_USERS) return pools;
  const holder = contention.reduce((a, b) => (b.active / b.planned > a.active / a.planned ? b : a));
  const left = (sum(contention, (c) => c.active) - holder.active) / (users - holder.planned);
  const holds =
    holder.active >= MIN_HELD * users &&
    holder.active >= MIN_OVER_WEIGHT * holder.planned &&
    left <= MAX_LEFT;
  if (!holds) return pools;
  const { target, active } = holder;
  const text = `${target}: ${Math.round(active)} of ${Math.round(users)} users were there on average; the other targets had ${left.toFixed(1)} of their share`;
  return [...pools, { kind: 'held', target, text, streams: active, of: users }];
}

function sum(all: readonly TargetContention[], of: (c: TargetContention) => number): number {
  return all.reduce((total, c) => total + of(c), 0);
}
