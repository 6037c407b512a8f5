import { createHash, timingSafeEqual } from 'node:crypto';
import type { Access, Role } from '../core/access.ts';

/** What a request shows of itself. */
export interface Shown {
  readonly scheme: 'bearer' | 'basic';
  readonly token: string;
}

/** @returns the token of an `Authorization` header: after `Bearer`, or as the password of `Basic` */
export function shownToken(authorization: string | undefined): Shown | undefined {
  const [, scheme, rest] = /^(bearer|basic) +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || rest === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return { scheme: 'bearer', token: rest };
  const pair = Buffer.from(rest, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? undefined : { scheme: 'basic', token: pair.slice(colon + 1) };
}

export interface Holder {
  readonly name: string;
  readonly role: Role;
}

/** Tokens to compare with. Their digests all have one length, so a comparison tells nothing of them. */
export class TokenTable {
  readonly #entries: readonly { readonly holder: Holder; readonly digest: Buffer }[];

  constructor(tokens: Access['tokens']) {
    this.#entries = tokens.map(({ name, role, value }) => ({
      holder: { name, role },
      digest: digestOf(value),
    }));
  }

  /** @returns whose token it is. It is compared with all of them, so that the time does not tell which one it is like. */
  holder(token: string): Holder | undefined {
    const digest = digestOf(token);
    let found: Holder | undefined;
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, digest)) found = entry.holder;
    return found;
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
