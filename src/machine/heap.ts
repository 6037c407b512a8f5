import { getHeapStatistics } from 'node:v8';
import type { ResourceLimits } from 'node:worker_threads';

/**
 * Young generation of a thread, MiB: three times its semi-space. Node's default of 48 costs 30 MiB a busy thread, and lets
 * snapshots that are garbage pile up outside the heap; the CPU time of the smaller one is the same.
 */
const YOUNG_MIB = 12;

/** Returns the limits of a thread's heap. @param oldMiB its largest old generation, MiB */
export function heapLimits(oldMiB: number): ResourceLimits {
  return { maxOldGenerationSizeMb: oldMiB, maxYoungGenerationSizeMb: YOUNG_MIB };
}

/** Returns the used JavaScript heap of the calling thread, bytes. Opens no file. */
export function usedHeapBytes(): number {
  return getHeapStatistics().used_heap_size;
}

/** How often a thread measures its used heap, ms. */
const HEAP_INTERVAL_MS = 1000;

/** Returns memory that a thread shares to say how much of its heap is used: one number, bytes; 0 before the first one. */
export function sharedHeapCell(): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8));
}

/** Writes the used heap of the calling thread into a cell, now and once a second. Keeps no thread alive. */
export function followHeap(cell: Float64Array): void {
  const measure = (): void => {
    cell[0] = usedHeapBytes();
  };
  measure();
  setInterval(measure, HEAP_INTERVAL_MS).unref();
}
