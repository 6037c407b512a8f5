import { type ReadText, readText, readTextOrThrow } from './files.ts';
import { thisHost } from './host.ts';
import { type Host, type Machine, readMachine } from './machine.ts';

/** Resources available to this process: the limits of its cgroups, else all of the machine. */
export interface ProcessLimits {
  /** CPU cores; a fraction with a quota. */
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

export function limitsOf({ cgroup, cpus, cpusAllowed = cpus, memoryBytes }: Machine): ProcessLimits {
  return {
    cpuCores: Math.min(cpus, cpusAllowed, cgroup?.cpuCores ?? cpus),
    memoryBytes: Math.min(memoryBytes, cgroup?.memory?.limit ?? memoryBytes),
  };
}

/** Minimum interval between two reads of the limits, ms: they change only when an operator changes them. */
const READ_INTERVAL_MS = 30_000;

/**
 * Returns a reader of the limits that caches them for half a minute, so that a scrape does not read a dozen files.
 * What cannot be read for want of a descriptor keeps its last value.
 * @param read throws where that is the reason
 */
export function limitsReader(
  read: ReadText = readTextOrThrow,
  host: () => Host = thisHost,
  clock: () => number = () => performance.now(),
): () => ProcessLimits {
  let limits: ProcessLimits | undefined;
  let readAtMs = 0;
  return () => {
    const now = clock();
    if (limits === undefined || now - readAtMs >= READ_INTERVAL_MS) {
      limits = limitsNow(read, host, limits);
      readAtMs = now;
    }
    return limits;
  };
}

function limitsNow(read: ReadText, host: () => Host, last: ProcessLimits | undefined): ProcessLimits {
  try {
    return limitsOf(readMachine(read, host()));
  } catch {
    return last ?? limitsOf(readMachine(readText, host()));
  }
}
