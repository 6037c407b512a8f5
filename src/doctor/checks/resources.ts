import { USERS_PER_WORKER } from '../../core/generator.ts';
import { formatPercent } from '../../core/number.ts';
import { limitsOf } from '../../machine/limits.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Pace } from '../../machine/pace.ts';
import { type Check, size, stateOf, tenths } from '../check.ts';
import type { Need } from '../need.ts';

const MIB = 2 ** 20;
const KIB = 2 ** 10;

/**
 * Memory model from measurements (docs/running.md): 163 MiB at 10 users and 315 MiB at 3000 with a stream of the seed's
 * workload each; 187 and 439 MiB with the built-in simulator. Rounded up for soaks of weeks.
 */
const MEMORY = {
  alone: { base: 200 * MIB, user: 64 * KIB },
  withSimulator: { base: 240 * MIB, user: 100 * KIB },
} as const;

/** What a stream may hold, in events of `maxEvent`: the lines of an event so far, and the line that it is in. */
const HELD_EVENTS = 2;

/** Streams of the seed's workload have about 13.3 chunks per second; a million chunks took 17 s of CPU, 35 with the simulator. */
const CHUNKS_PER_SECOND = 13.3;
const CPU_PER_CHUNK = { alone: 17e-6, withSimulator: 35e-6 } as const;

export function memoryCheck(machine: Machine, { users, simulator, eventBytes }: Need): Check {
  const { cgroup, memoryAvailableBytes, heapLimitBytes } = machine;
  const total = limitsOf(machine).memoryBytes;
  const group = cgroup?.memory;
  const left = Math.min(
    memoryAvailableBytes ?? total,
    group === undefined ? total : group.limit - group.used,
  );
  const { base, user } = simulator ? MEMORY.withSimulator : MEMORY.alone;
  const needed = base + users * user;
  // Streams and their buffers live in the heap of their engine thread.
  const heap = Math.min(users, USERS_PER_WORKER) * MEMORY.alone.user;
  const few = left < needed;
  const smallHeap = heapLimitBytes < heap;
  return {
    name: 'memory',
    state: stateOf({ fail: few || smallHeap, warn: left < 1.5 * needed }),
    found:
      `${size(left)} free of ${size(total)}` +
      (group === undefined ? '' : ` (the limit of its cgroup)`) +
      `, heaps up to ${size(heapLimitBytes)}`,
    wanted:
      `about ${size(needed)}${simulator ? ', simulator included' : ''}; ` +
      `at most ${size(HELD_EVENTS * users * eventBytes)} more, while every stream holds an event and a line of ${size(eventBytes)} (maxEvent)`,
    advice: [
      ...(left < 1.5 * needed
        ? [
            group === undefined
              ? 'a machine with more memory, or fewer users on this one'
              : `systemd: MemoryMax=${Math.ceil((2 * needed) / MIB)}M in the unit; container: --memory ${Math.ceil((2 * needed) / MIB)}m`,
          ]
        : []),
      ...(smallHeap ? [`NODE_OPTIONS=--max-old-space-size=${Math.ceil((2 * heap) / MIB)}`] : []),
    ],
  };
}

export function cpuCheck(machine: Machine, { users, simulator }: Need): Check {
  const { cgroup } = machine;
  const cores = limitsOf(machine).cpuCores;
  const perChunk = simulator ? CPU_PER_CHUNK.withSimulator : CPU_PER_CHUNK.alone;
  const needed = users * CHUNKS_PER_SECOND * perChunk;
  const few = cores < 1.25 * needed;
  const { periods = 0, throttled = 0 } = cgroup?.throttled ?? {};
  const cut = periods > 0 && throttled / periods > 0.01;
  return {
    name: 'cpu',
    state: stateOf({ warn: few || cut }),
    found:
      `${tenths(cores)} ${cores === 1 ? 'core' : 'cores'}` +
      (cgroup?.cpuCores === undefined ? '' : ' (the quota of its cgroup)') +
      (cut ? `, used up in ${formatPercent(throttled / periods)} of its periods` : ''),
    wanted: `about ${tenths(needed)} at 13 chunks per second and stream${simulator ? ', simulator included' : ''}; more chunks cost more`,
    advice: [
      ...(few ? ['use more cores or fewer users: streams that wait for CPU look slow'] : []),
      ...(cgroup?.cpuCores !== undefined && (few || cut)
        ? ['systemd: no CPUQuota= in the unit; container: --cpus higher, or none']
        : []),
    ],
  };
}

/** Share of stolen CPU time above which timings suffer. */
const STOLEN = 0.05;
/** Timer delay above which the check warns, ms: it shows in every chunk gap. */
const LATE_MS = 5;

export function paceCheck({ timerLateMs, stolen }: Pace): Check {
  const { p50, p95, max } = timerLateMs;
  const late = p95 > LATE_MS;
  const taken = (stolen ?? 0) > STOLEN;
  return {
    name: 'timers',
    state: stateOf({ warn: late || taken }),
    found:
      `late by ${tenths(p50)} ms (p50), ${tenths(p95)} ms (p95), ${tenths(max)} ms at most` +
      (stolen === undefined ? '' : `; ${formatPercent(stolen)} of the CPU time was stolen`),
    wanted: `p95 at most ${LATE_MS} ms, at most ${formatPercent(STOLEN)} stolen, on an idle machine`,
    advice: [
      ...(late
        ? ['stop other programs on this machine; soak_event_loop_delay_seconds shows the delay during a run']
        : []),
      ...(taken ? ['use a machine with dedicated CPUs: the host gives CPU time of this one to others'] : []),
    ],
  };
}
