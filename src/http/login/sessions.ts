import { createHash, randomBytes } from 'node:crypto';
import type { Holder } from '../authorization.ts';

const HOUR_MS = 3_600_000;
/** A session ends when nothing has used it for this long, ms. An open page uses its session. */
export const MAX_IDLE_MS = 12 * HOUR_MS;
/** A session ends at this age, ms, however much it is used. */
export const MAX_AGE_MS = 7 * 24 * HOUR_MS;
/** Sessions of one token; a further one ends the one that was not used for the longest. */
export const MAX_SESSIONS = 100;

const ID_BYTES = 32;

interface Session {
  readonly holder: Holder;
  readonly openedMs: number;
  usedMs: number;
}

/** Sessions of browsers that logged in with a token. They are in memory: a restart ends them. */
export class Sessions {
  readonly #nowMs: () => number;
  /** By the digest of their ids, the one that was not used for the longest first. */
  readonly #sessions = new Map<string, Session>();

  /** @param nowMs monotonic, ms */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Opens a session. @returns its id, 256 random bits in base64url */
  open(holder: Holder): string {
    const nowMs = this.#nowMs();
    for (const [key, session] of this.#sessions) if (isOver(session, nowMs)) this.#sessions.delete(key);
    const own = [...this.#sessions].filter(([, session]) => session.holder.name === holder.name);
    for (const [key] of own.slice(0, Math.max(0, own.length - MAX_SESSIONS + 1))) this.#sessions.delete(key);
    const id = randomBytes(ID_BYTES).toString('base64url');
    this.#sessions.set(keyOf(id), { holder, openedMs: nowMs, usedMs: nowMs });
    return id;
  }

  /** Returns the token with which a session was opened, and notes its use; `undefined`: there is no such session. */
  use(id: string): Holder | undefined {
    const key = keyOf(id);
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    this.#sessions.delete(key);
    const nowMs = this.#nowMs();
    if (isOver(session, nowMs)) return undefined;
    session.usedMs = nowMs;
    this.#sessions.set(key, session);
    return session.holder;
  }

  /** Ends a session. */
  end(id: string): void {
    this.#sessions.delete(keyOf(id));
  }
}

function isOver({ openedMs, usedMs }: Session, nowMs: number): boolean {
  return nowMs - openedMs >= MAX_AGE_MS || nowMs - usedMs >= MAX_IDLE_MS;
}

/** A look-up by the digest leaks nothing about an id by its time, and a dump of the memory has no id. */
function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
