import { METRICS } from '../../catalog/metrics.ts';
import { usedHeapBytes } from '../../machine/heap.ts';
import type { SeriesValue } from './series.ts';

/** Name of a thread, and its used heap, bytes; `undefined`: not at work. */
export type ThreadHeap = readonly [thread: string, bytes: number | undefined];

/** Returns the used heap of the main thread and of others. */
export function heapValues(others: readonly ThreadHeap[]): SeriesValue[] {
  const { name: metricName } = METRICS.threadHeap;
  return [['main', usedHeapBytes()] as const, ...others].flatMap(([thread, value]) =>
    value === undefined ? [] : [{ metricName, labels: { thread }, value }],
  );
}
