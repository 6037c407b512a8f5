import { availableParallelism, cpus, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Host } from './machine.ts';

/** @returns what Node knows of the machine that this process runs on */
export function thisHost(): Host {
  return {
    platform: process.platform,
    nodeVersion: process.versions.node,
    // Some containers hide /proc/cpuinfo, which the list is read from.
    cpus: cpus().length || availableParallelism(),
    memoryBytes: totalmem(),
    heapLimitBytes: getHeapStatistics().heap_size_limit,
  };
}
