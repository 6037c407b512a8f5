import { availableParallelism, cpus, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Host } from './machine.ts';

/** Returns what Node reports about this machine. */
export function thisHost(): Host {
  return {
    platform: process.platform,
    nodeVersion: process.versions.node,
    // Some containers hide /proc/cpuinfo, the source of the list.
    cpus: cpus().length || availableParallelism(),
    memoryBytes: totalmem(),
    heapLimitBytes: getHeapStatistics().heap_size_limit,
  };
}
