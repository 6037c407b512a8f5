import { type ReadText, readText } from './files.ts';
import { thisHost } from './host.ts';
import { type Host, type Machine, readMachine } from './machine.ts';

/** What this process can have at most: by its control groups, else of the machine. */
export interface ProcessLimits {
  /** CPU time a second; a fraction where a quota says so. */
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

export function limitsOf({ cgroup, cpus, cpusAllowed = cpus, memoryBytes }: Machine): ProcessLimits {
  return {
    cpuCores: Math.min(cpus, cpusAllowed, cgroup?.cpuCores ?? cpus),
    memoryBytes: Math.min(memoryBytes, cgroup?.memory?.limit ?? memoryBytes),
  };
}

/** How often limits are read at most, ms: they change when an operator changes them. */
const READ_INTERVAL_MS = 30_000;

/** @returns the limits as they are now, or were half a minute ago: a scrape reads no dozen of files */
export function limitsReader(
  read: ReadText = readText,
  host: () => Host = thisHost,
  clock: () => number = () => performance.now(),
): () => ProcessLimits {
  let limits: ProcessLimits | undefined;
  let readAtMs = 0;
  return () => {
    const now = clock();
    if (limits === undefined || now - readAtMs >= READ_INTERVAL_MS) {
      limits = limitsOf(readMachine(read, host()));
      readAtMs = now;
    }
    return limits;
  };
}
