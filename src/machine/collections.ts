import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';

/** Major collections after which the heap of a thread has found its size: before, it grows for whatever is allocated. */
export const SETTLING_COLLECTIONS = 2;

/**
 * Counts the major garbage collections of the thread that calls it, up to {@link SETTLING_COLLECTIONS}; then nothing is
 * observed any more, so a settled thread pays nothing.
 * @param count one cell, shared where another thread reads it
 * @returns what ends the counting
 */
export function countMajorCollections(count: Int32Array): () => void {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as PerformanceEntry & { detail: { kind: number } }).detail;
      if (kind !== constants.NODE_PERFORMANCE_GC_MAJOR) continue;
      if (Atomics.add(count, 0, 1) + 1 >= SETTLING_COLLECTIONS) observer.disconnect();
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}

/** @returns whether the heap of a thread has found its size. @param count its cell of {@link countMajorCollections} */
export function hasSettled(count: Int32Array): boolean {
  return Atomics.load(count, 0) >= SETTLING_COLLECTIONS;
}
