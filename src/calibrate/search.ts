import type { MeasurementError } from '../core/measurement-error.ts';

/** How one number of streams was held. */
export interface Held {
  readonly streams: number;
  /** Of the worse of its windows; `null` where the canary told nothing. */
  readonly measurementErrorMs: MeasurementError | null;
  /** Of one CPU, of all threads, the simulator's too: 1.5 is one and a half. */
  readonly cpu: number;
  /** Engine threads that held them. */
  readonly threads: number;
  /** Why its timings are not to be trusted; absent: they are. */
  readonly fault?: string;
}

export interface Capacity {
  /** Streams that were held honestly, the most; 0 where none were. */
  readonly streams: number;
  /** There was no number that could not be held: it may be more. */
  readonly more: boolean;
  /**
   * The least number that could not be held failed while soakd used little CPU: something else on the machine made it
   * late.
   */
  readonly disturbed: boolean;
  readonly held: readonly Held[];
}

export interface SearchOptions {
  /** The first number that is tried. */
  readonly from: number;
  /** More is never tried. */
  readonly most: number;
  /** Told of each try. */
  readonly tried?: (held: Held) => void;
}

/** Cores for each engine thread below which soakd is not what keeps the machine busy. */
const LITTLE_CPU = 0.5;

/** Tries between the last number that could be held and the first that could not. */
const BISECTIONS = 3;

/**
 * Finds how many streams can be held honestly: doubles until they cannot, and looks in between. What cannot be held is
 * tried a second time, since a machine may have a bad moment.
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

/** @param bad the least number that could not be held */
function isDisturbed(held: readonly Held[], bad: number): boolean {
  return held
    .filter((one) => one.streams === bad && one.fault !== undefined)
    .every(({ cpu, threads }) => cpu < LITTLE_CPU * threads);
}

/** To two digits: the measurement is no better. */
export function rounded(n: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(n)) - 1);
  return Math.round(n / unit) * unit;
}
