import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Tries until there is a value: for what other programs do and do not announce.
 *
 * The time is no limit of what is tested, but the end of a test that waits for nothing: a full machine takes long.
 *
 * @param what the awaited thing, for the error
 * @param attempt a value, or undefined for "not yet"; what it throws is "not yet" too
 */
export async function poll<T>(
  what: string,
  attempt: () => Promise<T | undefined> | T | undefined,
  { timeoutMs = 60_000, everyMs = 50 } = {},
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const value = await attempt();
      if (value !== undefined) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(everyMs);
  } while (performance.now() < end);
  throw new Error(`no ${what} within ${timeoutMs} ms`, { cause });
}
