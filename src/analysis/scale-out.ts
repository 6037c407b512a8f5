import type { HeldLoad } from './held-load.ts';

/** Servers for a number of users. */
export interface ScaleOut {
  readonly users: number;
  /** Load of each server: the conservative load. */
  readonly perServer: number;
  /** For the load alone, and one more that may fail or be replaced. */
  readonly servers: number;
  readonly withSpare: number;
  /** Whether fewer may do: nothing was crossed, so a server may hold more than `perServer`. */
  readonly isAtMost: boolean;
}

/** Returns the servers for so many users, or the reason why they are not known. */
export function scaleOut(
  { conservative, isAtLeast }: Pick<HeldLoad, 'conservative' | 'isAtLeast'>,
  users: number,
): ScaleOut | { readonly reason: string } {
  if (conservative === null)
    return { reason: 'no load held its limits with 20 % headroom, so one server cannot be counted with' };
  const servers = Math.max(1, Math.ceil(users / conservative));
  return { users, perServer: conservative, servers, withSpare: servers + 1, isAtMost: isAtLeast };
}
