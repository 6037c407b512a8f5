import type { MeasurementError } from '../core/measurement-error.ts';

/** Result of holding a number of streams. */
export interface Held {
  readonly streams: number;
  /** Measurement error of the worst window; `null` without canary samples. */
  readonly measurementErrorMs: MeasurementError | null;
  /** CPUs used by all threads, including the simulator: 1.5 is one and a half. */
  readonly cpu: number;
  /** Number of engine threads. */
  readonly threads: number;
  /** Why the timings are unreliable; absent: they are reliable. */
  readonly fault?: string;
}

export interface Capacity {
  /** Maximum number of streams with reliable timings; 0 if there is none. */
  readonly streams: number;
  /** No try failed, so the maximum may be higher. */
  readonly more: boolean;
  /**
   * The smallest failed try failed while soakd used little CPU: another program on the machine delayed soakd.
   */
  readonly disturbed: boolean;
  readonly held: readonly Held[];
}

export interface SearchOptions {
  /** First number of streams to try. */
  readonly from: number;
  /** Maximum number of streams to try. */
  readonly most: number;
  /** Called after each try. */
  readonly tried?: (held: Held) => void;
}

/** CPU cores used per engine thread below which another program must be the cause of lag. */
const LITTLE_CPU = 0.5;

/** Number of tries between the last success and the first failure. */
const BISECTIONS = 3;

/**
 * Finds the maximum number of streams with reliable timings: doubles until a try fails, then bisects. Repeats a failed
 * try once, since the machine may have been busy for a moment.
 */
export async function findCapacity(
  hold: (streams: number) => Promise<Held>,
  { from, most, tried = () => {} }: SearchOptions,
): Promise<Capacity> {
  const held: Held[] = [];
  const once = async (streams: number): Promise<Held> => {
    const one = await hold(streams);
    held.push(one);
    tried(one);
    return one;
  };
  const holds = async (streams: number): Promise<boolean> =>
    (await once(streams)).fault === undefined || (await once(streams)).fault === undefined;

  let good = 0;
  let bad = Number.POSITIVE_INFINITY;
  for (let n = Math.min(from, most); n > good && n < bad; n = Math.min(most, n * 2)) {
    if (await holds(n)) good = n;
    else bad = n;
  }
  if (bad === Number.POSITIVE_INFINITY) return { streams: good, more: true, disturbed: false, held };
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = rounded((good + bad) / 2);
    if (middle <= good || middle >= bad) break;
    if (await holds(middle)) good = middle;
    else bad = middle;
  }
  return { streams: good, more: false, disturbed: isDisturbed(held, bad), held };
}

/** @param bad smallest number of streams whose try failed */
function isDisturbed(held: readonly Held[], bad: number): boolean {
  return held
    .filter((one) => one.streams === bad && one.fault !== undefined)
    .every(({ cpu, threads }) => cpu < LITTLE_CPU * threads);
}

/** Rounds to two digits, the precision of the measurement. */
export function rounded(n: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(n)) - 1);
  return Math.round(n / unit) * unit;
}
