import type { Scale } from './scale.ts';

/** What a recorder counts for every target, and once for a whole worker. */
export interface LayoutSpec<C extends string, H extends string, S extends string> {
  readonly targets: readonly string[];
  /** Plain numbers of a target: counters that only rise, and gauges of what is open. */
  readonly cells: readonly C[];
  /** Those of the cells that hold a maximum. */
  readonly maxCells?: readonly C[];
  /** Fine histograms of a target. */
  readonly histograms: Readonly<Record<H, Scale>>;
  /** Fine histograms of the worker itself. */
  readonly shared: Readonly<Record<S, Scale>>;
}

/** Where a fine histogram lies: `sum`, `max`, then its bins. */
export interface HistogramSlot {
  readonly offset: number;
  readonly scale: Scale;
}

interface TargetSlots<C extends string, H extends string> {
  readonly start: number;
  /** Cells lie first, histograms behind them. */
  readonly cellsEnd: number;
  readonly end: number;
  readonly cell: Readonly<Record<C, number>>;
  readonly histogram: Readonly<Record<H, HistogramSlot>>;
}

/**
 * A fixed place in one flat array of doubles for everything that is counted. Doubles, since a 32-bit count
 * would overflow within a day. Flat, since snapshots then add and subtract element by element.
 */
export interface Layout<C extends string = string, H extends string = string, S extends string = string> {
  readonly targets: readonly string[];
  readonly slots: readonly TargetSlots<C, H>[];
  readonly shared: Readonly<Record<S, HistogramSlot>>;
  readonly sharedStart: number;
  /** Number of doubles. */
  readonly size: number;
  /** Places that hold a maximum, which adds by taking the larger one. */
  readonly maxima: readonly number[];
}

export function buildLayout<C extends string, H extends string, S extends string>(
  spec: LayoutSpec<C, H, S>,
): Layout<C, H, S> {
  let next = 0;
  const maxima: number[] = [];
  const place = (scale: Scale): HistogramSlot => {
    const slot = { offset: next, scale };
    maxima.push(next + 1);
    next += 2 + scale.bins;
    return slot;
  };
  const record = <K extends string, V, T>(from: Readonly<Record<K, V>>, make: (v: V) => T): Record<K, T> =>
    Object.fromEntries(Object.entries<V>(from).map(([k, v]) => [k, make(v)])) as Record<K, T>;

  const slots = spec.targets.map(() => {
    const start = next;
    const cell = Object.fromEntries(spec.cells.map((c) => [c, next++])) as Record<C, number>;
    for (const c of spec.maxCells ?? []) maxima.push(cell[c]);
    const cellsEnd = next;
    const histogram = record(spec.histograms, place);
    return { start, cellsEnd, end: next, cell, histogram };
  });
  const sharedStart = next;
  const shared = record(spec.shared, place);
  return { targets: spec.targets, slots, shared, sharedStart, size: next, maxima };
}
