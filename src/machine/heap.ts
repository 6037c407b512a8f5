import { getHeapStatistics } from 'node:v8';

/** Returns the used JavaScript heap of the calling thread, bytes. Opens no file. */
export function usedHeapBytes(): number {
  return getHeapStatistics().used_heap_size;
}
