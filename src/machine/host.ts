import { availableParallelism, cpus, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Host } from './machine.ts';

/** Returns what Node reports about this machine. */
export function thisHost(): Host {
  return {
    platform: process.platform,
    nodeVersion: process.versions.node,
    // Some containers hide /proc/cpuinfo, the source of the list.
    cpus: cpuCount(),
    memoryBytes: totalmem(),
    heapLimitBytes: getHeapStatistics().heap_size_limit,
  };
}

function cpuCount(): number {
  try {
    return cpus().length || availableParallelism();
  } catch {
    // No descriptor is left to read the list with.
    return availableParallelism();
  }
}
