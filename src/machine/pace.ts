import type { ReadText } from './files.ts';

/** Precision of timers and clock of this process. */
export interface Pace {
  /** Delay of timers, ms. */
  readonly timerLateMs: { readonly p50: number; readonly p95: number; readonly max: number };
  /** Cost of one reading of the monotonic clock, ns. */
  readonly clockReadNs: number;
  /** Share of CPU time that the host gave to other machines; absent if the system does not report it. */
  readonly stolen?: number;
}

const TIMER_MS = 10;
const READINGS = 1000;
const ROUNDS = 20;

/**
 * Measures the precision of timers and clock for about a given time.
 * @param clock monotonic ms
 */
export async function measurePace(
  forMs: number,
  read: ReadText,
  clock: () => number,
  sleep: (ms: number) => Promise<unknown>,
): Promise<Pace> {
  const startMs = clock();
  const clockReadNs = readingNs(clock);
  const before = cpuTime(read);
  const late: number[] = [];
  for (let now = clock(); now - startMs < forMs; ) {
    await sleep(TIMER_MS);
    const woken = clock();
    late.push(Math.max(0, woken - now - TIMER_MS));
    now = woken;
  }
  const after = cpuTime(read);
  late.sort((a, b) => a - b);
  const at = (share: number): number => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? 0;
  const total = after === undefined || before === undefined ? 0 : after.total - before.total;
  return {
    timerLateMs: { p50: at(0.5), p95: at(0.95), max: at(1) },
    clockReadNs,
    ...(total > 0 ? { stolen: (after!.stolen - before!.stolen) / total } : {}),
  };
}

/** Returns the best of some rounds; in the others this process had to wait. */
function readingNs(clock: () => number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const fromMs = clock();
    for (let i = 0; i < READINGS; i++) clock();
    best = Math.min(best, clock() - fromMs);
  }
  return (best / READINGS) * 1e6;
}

/** Reads the CPU time of all CPUs since boot, in ticks. */
function cpuTime(read: ReadText): { total: number; stolen: number } | undefined {
  const [name, ...ticks] =
    /^cpu .*$/m
      .exec(read('/proc/stat') ?? '')?.[0]
      .trim()
      .split(/\s+/) ?? [];
  if (name === undefined) return undefined;
  // user, nice, system, idle, iowait, irq, softirq, steal; later columns are part of user.
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    ticks.map(Number);
  return { total: user + nice + system + idle + iowait + irq + softirq + steal, stolen: steal };
}
