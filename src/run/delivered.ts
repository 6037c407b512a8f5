import type { StreamLayout } from '../catalog/slots.ts';
import type { Model, Scenario } from '../core/scenario.ts';
import type { SnapshotView } from '../core/snapshot.ts';
import type { LoadDelivered } from '../schema/summary.ts';

/** Share of the planned load below which a run that would pass is inconclusive. */
export const REQUIRED_DELIVERED = 0.95;

/**
 * Returns the delivered share of the planned load of a run, from the counts of its workers.
 * @param targets names of the run's targets and their places in the layout
 * @param isSequence whether each target has load of its own
 */
export function delivered(
  model: Model['kind'],
  targets: readonly { readonly name: string; readonly index: number }[],
  view: Pick<SnapshotView<StreamLayout>, 'cell'>,
  isSequence = false,
): LoadDelivered {
  const perTarget = targets.map(({ name, index }) => {
    const due = view.cell(index, 'due');
    const started = view.cell(index, 'started');
    // A start is counted just before or after its due: a snapshot in between must not show more than all.
    const ratio = due > 0 ? Math.min(1, started / due) : null;
    const userMs = view.cell(index, 'userMs');
    if (model === 'open') return { target: name, ratio, started, due, userMs };
    const own = isSequence ? share(userMs, view.cell(index, 'lateMs')) : null;
    return { target: name, ratio: own, started: null, due: null, userMs };
  });
  const sum = (cell: 'userMs' | 'lateMs'): number =>
    targets.reduce((n, { index }) => n + view.cell(index, cell), 0);
  const ratio =
    model === 'open' || isSequence
      ? lowest(perTarget.map((t) => t.ratio))
      : share(sum('userMs'), sum('lateMs'));
  return { ratio, required: REQUIRED_DELIVERED, perTarget };
}

/** Returns whether a run delivered too little of its load to pass. */
export function isUndelivered({ ratio, required }: LoadDelivered): boolean {
  return ratio !== null && ratio < required;
}

/** Returns the targets of a sequence whose turn did not come; none of another run. */
export function notLoaded({ sequence }: Pick<Scenario, 'sequence'>, { perTarget }: LoadDelivered): string[] {
  return sequence === undefined ? [] : perTarget.filter((t) => t.ratio === null).map((t) => t.target);
}

/** Returns the ratio shown for each target: its own, else that of the whole run; 1 where no load was due. */
export function deliveredShares(targets: readonly string[], { ratio, perTarget }: LoadDelivered): number[] {
  const isOwn = perTarget.some((t) => t.ratio !== null);
  return targets.map((name) => {
    const own = perTarget.find((t) => t.target === name);
    if (own === undefined) return 1;
    return (isOwn ? own.ratio : ratio) ?? 1;
  });
}

function lowest(ratios: readonly (number | null)[]): number | null {
  const known = ratios.filter((r) => r !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function share(part: number, rest: number): number | null {
  return part + rest > 0 ? part / (part + rest) : null;
}
