import { METRICS } from '../../catalog/metrics.ts';
import { usedHeapBytes } from '../../machine/heap.ts';
import type { SeriesValue } from './series.ts';

/** Returns the used heap of the main thread and of the engine threads. @param engines bytes; `undefined`: not at work */
export function heapValues(engines: readonly (number | undefined)[]): SeriesValue[] {
  const { name: metricName } = METRICS.threadHeap;
  const value = (thread: string, bytes: number): SeriesValue => ({
    metricName,
    labels: { thread },
    value: bytes,
  });
  return [
    value('main', usedHeapBytes()),
    ...engines.flatMap((bytes, i) => (bytes === undefined ? [] : [value(`engine-${i + 1}`, bytes)])),
  ];
}
