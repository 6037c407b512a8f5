/** What a token lets its holder do: look, or also change. */
export const ROLES = ['read', 'operate'] as const;
export type Role = (typeof ROLES)[number];

/** Who may. Without a token everyone who reaches the port may everything: only on loopback. */
export interface Access {
  readonly tokens: readonly { readonly name: string; readonly role: Role; readonly value: string }[];
  /** Whether `/metrics` is behind a token, too. */
  readonly metrics: 'open' | 'token';
}
