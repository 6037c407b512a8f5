import type { RecommendedLoad } from './recommended-load.ts';

/** Servers for a number of users. */
export interface ScaleOut {
  readonly users: number;
  /** Load of each server: the recommended load. */
  readonly perServer: number;
  /** For the load alone, and one more that may fail or be replaced. */
  readonly servers: number;
  readonly withSpare: number;
  /** Whether fewer may do: the recommended load is the highest that was tried, so a server may hold more. */
  readonly isAtMost: boolean;
}

/** Returns the servers for so many users, or the reason why they are not known. */
export function scaleOut(
  { load, isAtLeast }: RecommendedLoad,
  users: number,
): ScaleOut | { readonly reason: string } {
  if (load === null)
    return { reason: 'no load held its limits with a margin of 20 %, so one server cannot be counted with' };
  const servers = Math.max(1, Math.ceil(users / load));
  return { users, perServer: load, servers, withSpare: servers + 1, isAtMost: isAtLeast };
}
