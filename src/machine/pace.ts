import type { ReadText } from './files.ts';

/** How even the time of this process passes. */
export interface Pace {
  /** How late timers fired, ms. */
  readonly timerLateMs: { readonly p50: number; readonly p95: number; readonly max: number };
  /** One reading of the monotonic clock, ns. */
  readonly clockReadNs: number;
  /** Share of the machine's CPU time that its host gave to others; absent where nobody tells. */
  readonly stolen?: number;
}

const TIMER_MS = 10;
const READINGS = 1000;
const ROUNDS = 20;

/**
 * Measures for about as long as it is told.
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

/** The best of some rounds: in the others this process had to wait. */
function readingNs(clock: () => number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const fromMs = clock();
    for (let i = 0; i < READINGS; i++) clock();
    best = Math.min(best, clock() - fromMs);
  }
  return (best / READINGS) * 1e6;
}

/** Of all CPUs since the start, in ticks. */
function cpuTime(read: ReadText): { total: number; stolen: number } | undefined {
  const [name, ...ticks] =
    /^cpu .*$/m
      .exec(read('/proc/stat') ?? '')?.[0]
      .trim()
      .split(/\s+/) ?? [];
  if (name === undefined) return undefined;
  // user, nice, system, idle, iowait, irq, softirq, steal; what follows is contained in user.
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    ticks.map(Number);
  return { total: user + nice + system + idle + iowait + irq + softirq + steal, stolen: steal };
}
