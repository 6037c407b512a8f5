import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';

/** Major collections after which the heap size of a thread is stable; before, the heap grows with allocations. */
export const SETTLING_COLLECTIONS = 2;

/**
 * Counts the major garbage collections of the calling thread up to {@link SETTLING_COLLECTIONS}, then stops observing,
 * so that a settled thread has no cost.
 * @param count one cell, shared if another thread reads it
 * @returns a function that ends the counting
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

/** Returns whether the heap size of a thread is stable. @param count its cell of {@link countMajorCollections} */
export function hasSettled(count: Int32Array): boolean {
  return Atomics.load(count, 0) >= SETTLING_COLLECTIONS;
}
