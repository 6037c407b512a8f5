import type { Scenario } from '../core/scenario.ts';
import { mostUsersOf } from '../core/scenario.ts';

/**
 * Heap of an engine thread without users, and with a live change to 4000 of them, MiB. Measured: 28 MiB after collections at
 * 1000 streams.
 */
const BASE_MIB = 512;
/** Twice what doctor counts for a user, KiB. */
const USER_KIB = 128;

/**
 * Returns the largest old generation of an engine thread, MiB: a leak ends the thread, which is replaced, and not the process.
 * @param threads that share the users
 */
export function heapLimitMiB(scenario: Scenario, threads: number): number {
  return BASE_MIB + Math.ceil((mostUsersOf(scenario) / threads) * (USER_KIB / 1024));
}
