import { formatCount, formatPercent } from '../core/number.ts';
import type { Scenario } from '../core/scenario.ts';
import type { TargetContention } from '../run/contention.ts';
import type { LevelSummary } from '../schema/level-summary.ts';
import type { TargetSummary } from '../schema/streams-summary.ts';
import type { Bottleneck, LoadDelivered } from '../schema/summary.ts';
import { highestHeld, openMeanOf } from './level-summary.ts';
import { levelLoad } from './level-text.ts';
import { cut } from './value-text.ts';

/** Minimum ratio of wanted to served streams; a smaller ratio is no evidence of a pool. */
const MIN_FOLD = 2;
/** Minimum share of all users on a target that holds them, and its minimum excess over the weight of the target. */
const MIN_HELD = 0.5;
const MIN_OVER_WEIGHT = 1.5;
/** Maximum share of the user time by their weights that the other targets get. */
const MAX_LEFT = 0.7;
/** Minimum user time for a meaningful share, ms. */
const MIN_USER_MS = 60_000;

/** Maximum of other targets to name. */
const MAX_NAMED = 4;

/** Open streams of the targets, for the text. */
interface Shown {
  readonly levels: readonly LevelSummary[];
  readonly targets: readonly Pick<TargetSummary, 'name' | 'streams'>[];
}

/** Returns the bottlenecks that the data show. */
export function bottlenecksOf(
  contention: readonly TargetContention[],
  load: LoadDelivered,
  scenario: Pick<Scenario, 'model' | 'targets' | 'sequence'>,
  streams: Shown,
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
  return [...pools, ...(scenario.sequence === undefined ? heldBy(load, scenario, streams) : [])];
}

/** Returns the target that holds most users if the other targets get less than their share. */
function heldBy(
  { perTarget }: LoadDelivered,
  { model, targets }: Pick<Scenario, 'model' | 'targets'>,
  streams: Shown,
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
  const isEqual = targets.every((t) => t.weight === targets[0]!.weight);
  const due = isEqual
    ? `an equal share would be ${formatPercent(planned)}`
    : `its weight is ${formatPercent(planned)}`;
  const text = `users spent ${formatPercent(held)} of their time on ${holder.target} (${due})${openText(holder.target, streams)}`;
  return [{ kind: 'held', target: holder.target, text, observed: held, planned }];
}

/**
 * Returns how many streams the other targets had open at the highest constant load, else over the run: ", so fewer streams
 * were open elsewhere: 13 on a, 12 on b at 150 users". A target without a success is left out: its streams end at once.
 */
function openText(holder: string, { levels, targets }: Shown): string {
  const level = highestHeld(levels);
  const others = targets
    .filter(({ name, streams }) => name !== holder && streams.results.success > 0)
    .map(({ name, streams }) => ({
      name,
      openMean: level === undefined ? streams.openMean : openMeanOf(level, name),
    }))
    .toSorted((a, b) => b.openMean - a.openMean);
  if (others.length === 0) return '';
  const shown = others
    .slice(0, MAX_NAMED)
    .map(({ name, openMean }) => `${formatCount(openMean)} on ${cut(name, 28)}`);
  const more = others.length > MAX_NAMED ? ` and fewer on ${others.length - MAX_NAMED} more` : '';
  return `, so fewer streams were open elsewhere: ${shown.join(', ')}${more}${level === undefined ? ' on average' : ` at ${levelLoad(level)}`}`;
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
