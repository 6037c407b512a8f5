import { createHash, timingSafeEqual } from 'node:crypto';
import type { Access, Role } from '../core/access.ts';

/** Credentials of a request. */
export interface Shown {
  readonly scheme: 'bearer' | 'basic';
  readonly token: string;
}

/** Returns the token of an `Authorization` header: the value of `Bearer`, or the password of `Basic`. */
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
  /** SHA-256 of the token. */
  readonly digest: Buffer;
}

/** Table of the configured tokens. All digests have the same length, so a comparison leaks nothing about a token. */
export class TokenTable {
  readonly #entries: readonly Holder[];

  constructor(tokens: Access['tokens']) {
    this.#entries = tokens.map(({ name, role, value }) => ({ name, role, digest: digestOf(value) }));
  }

  /** Returns the holder of a token. Compares it with every entry, so that timing does not leak which entry it resembles. */
  holder(token: string): Holder | undefined {
    const digest = digestOf(token);
    let found: Holder | undefined;
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, digest)) found = entry;
    return found;
  }

  /** Returns the token of a holder as it is configured now: with the same name and value; its role may differ. */
  current({ name, digest }: Holder): Holder | undefined {
    return this.#entries.find((entry) => entry.name === name && timingSafeEqual(entry.digest, digest));
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
