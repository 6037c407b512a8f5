import type { HeldLoad } from './held-load.ts';

/** Servers for a number of users. */
export interface ScaleOut {
  readonly users: number;
  /** Load of each server: the conservative load. */
  readonly perServer: number;
  /** For the load alone, and one more that may fail or be replaced. */
  readonly servers: number;
  readonly withSpare: number;
  /** Whether fewer may do: the conservative load is the highest that was tried, so a server may hold more. */
  readonly isAtMost: boolean;
}

/** Returns the servers for so many users, or the reason why they are not known. */
export function scaleOut(
  { conservative, isConservativeAtLeast }: Pick<HeldLoad, 'conservative' | 'isConservativeAtLeast'>,
  users: number,
): ScaleOut | { readonly reason: string } {
  if (conservative === null)
    return { reason: 'no load held its limits with 20 % headroom, so one server cannot be counted with' };
  const servers = Math.max(1, Math.ceil(users / conservative));
  return { users, perServer: conservative, servers, withSpare: servers + 1, isAtMost: isConservativeAtLeast };
}
