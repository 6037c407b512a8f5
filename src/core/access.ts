/** Roles of a token: `metrics` opens `/metrics` alone, `read` shows everything, `operate` also changes. */
export const ROLES = ['metrics', 'read', 'operate'] as const;
export type Role = (typeof ROLES)[number];

/** Authorization. Without tokens every client that reaches the port may do everything: only on loopback. */
export interface Access {
  readonly tokens: readonly { readonly name: string; readonly role: Role; readonly value: string }[];
  /** Whether `/metrics` requires a token, too. */
  readonly metrics: 'open' | 'token';
}
