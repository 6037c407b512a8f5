import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Default: 200 ms. */
  readonly everyMs?: number;
}

/**
 * Tries until there is a value.
 *
 * @param what is awaited, for the error
 * @param attempt a value, or undefined for "not yet"; what it throws is "not yet" too, and told when time is up
 * @throws Error when there is none in time, and at once when the signal says so
 */
export async function until<T>(
  what: string,
  attempt: () => Promise<T | undefined>,
  { signal, timeoutMs, everyMs = 200 }: UntilOptions,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last = '';
  do {
    signal.throwIfAborted();
    try {
      const value = await attempt();
      if (value !== undefined) return value;
    } catch (error) {
      last = `; the last try: ${(error as Error).message}`;
    }
    await sleep(everyMs, undefined, { signal });
  } while (performance.now() < end);
  throw new Error(`no ${what} within ${timeoutMs / 1000} s${last}`);
}
