import { PHASES, type Phase, StreamView } from '../catalog/slots.ts';
import { RESULTS, type Result } from '../core/outcome.ts';
import type { StreamSnapshot } from './sink.ts';

/** Targets that are shown: as many as a configuration may have. */
export const MAX_TARGETS = 50;

/**
 * One target of a run. Counts are those of the whole run: `started` is the sum of `active` and `finished`, but for what
 * ends or starts while it is read.
 */
export interface TargetProgress {
  readonly name: string;
  readonly started: number;
  /** Open streams. */
  readonly active: Readonly<Record<Phase, number>>;
  readonly finished: Readonly<Record<Result, number>>;
  /** Streams that should be open; in the open model those that are. */
  readonly desired: number;
  /** Of the last ten seconds; `null` where no first byte came in them. */
  readonly ttfbP95Ms: number | null;
}

/**
 * Returns the progress of each target, in the order of the names, at most {@link MAX_TARGETS}.
 * @param names of the targets of a run; those that the layout lacks are left out
 * @param start what earlier runs have counted, in the same layout
 * @param window what was counted in the last ten seconds
 */
export function targetProgress(
  names: readonly string[],
  now: StreamSnapshot,
  start: StreamSnapshot,
  window: StreamView,
): TargetProgress[] {
  const { layout } = now;
  const total = new StreamView(layout, now.values);
  const earlier = new StreamView(layout, start.values);
  return names.slice(0, MAX_TARGETS).flatMap((name) => {
    const t = layout.targets.indexOf(name);
    if (t < 0) return [];
    const ended = total.results(t);
    const before = earlier.results(t);
    return {
      name,
      started: total.cell(t, 'started') - earlier.cell(t, 'started'),
      active: countsOf(PHASES, (phase) => total.cell(t, `active:${phase}`)),
      finished: countsOf(RESULTS, (result) => ended[result] - before[result]),
      desired: now.desired[t] ?? 0,
      ttfbP95Ms: window.merged([t], 'ttfb').quantile(0.95),
    };
  });
}

function countsOf<K extends string>(keys: readonly K[], count: (key: K) => number): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, count(key)])) as Record<K, number>;
}
