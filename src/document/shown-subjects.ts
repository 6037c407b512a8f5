import type { Subject } from '../analysis/level-point.ts';

/** Subjects that are shown by themselves, and lines of a plot: more colours are hard to distinguish. */
const MAX_SHOWN = 6;

/** Which targets are shown where not all can be. */
export const WORST_RULE = 'those with the lowest success, then the slowest first byte';

/** Compares by {@link WORST_RULE}: the worst comes first. */
export const byWorst = (a: Subject, b: Subject): number => worst(a) - worst(b) || slowest(b) - slowest(a);

/** Returns the worst subjects, in their own order. */
export function shownSubjects(subjects: readonly Subject[], max = MAX_SHOWN): Subject[] {
  if (subjects.length <= max) return [...subjects];
  const ranked = subjects.toSorted(byWorst);
  const kept = new Set(ranked.slice(0, max));
  return subjects.filter((subject) => kept.has(subject));
}

/** Returns a sentence that says which subjects are left out; nothing where all are shown. */
export function leftOutText(all: readonly unknown[], shown: readonly unknown[]): string {
  return all.length === shown.length
    ? ''
    : ` Shown are ${shown.length} of ${all.length} targets: ${WORST_RULE}.`;
}

const worst = ({ levels }: Subject): number => Math.min(1, ...levels.map((p) => p.successRatio ?? 1));
const slowest = ({ levels }: Subject): number =>
  Math.max(0, ...levels.map((p) => p.timings.ttfb?.p95 ?? p.timings.ttfb?.mean ?? 0));
