import type { TargetWindow } from './windows.ts';

/** Windows of one load, which are resampled among themselves. Places in the list of windows of `Strata`. */
interface Stratum {
  readonly from: number;
  readonly to: number;
  /** Factor of each of its windows. */
  readonly weight: number;
}

/** Windows of one target of one run, those of equal load together. */
export interface Strata {
  readonly windows: readonly TargetWindow[];
  readonly strata: readonly Stratum[];
}

/** Windows of a load below which it is left out. */
const MIN_LEVEL_WINDOWS = 3;

/**
 * Groups the windows of both runs by load. Runs may have held a load for different times: the windows of each load are
 * weighted so that it counts as much in one run as in the other (direct standardisation), as much as the shorter time.
 * @param loadOf load of a level of the summary, of each run
 */
export function strataOf(
  windows: readonly [a: readonly TargetWindow[], b: readonly TargetWindow[]],
  loadOf: readonly [a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>],
): [a: Strata, b: Strata] {
  const byLoad = windows.map((list, run) => Map.groupBy(list, ({ level }) => loadOf[run]!.get(level)));
  const loads = [...byLoad[0]!.keys()].filter(
    (load): load is number =>
      load !== undefined && byLoad.every((of) => (of.get(load)?.length ?? 0) >= MIN_LEVEL_WINDOWS),
  );
  const make = (run: number): Strata => {
    const all: TargetWindow[] = [];
    const strata = loads.map((load): Stratum => {
      const own = byLoad[run]!.get(load)!;
      const from = all.length;
      all.push(...own);
      const shorter = Math.min(...byLoad.map((of) => of.get(load)!.length));
      return { from, to: all.length, weight: shorter / own.length };
    });
    return { windows: all, strata };
  };
  return [make(0), make(1)];
}

/** Returns the factor of each window. */
export function weightsOf({ windows, strata }: Strata): Float64Array {
  const weights = new Float64Array(windows.length);
  for (const { from, to, weight } of strata) weights.fill(weight, from, to);
  return weights;
}
