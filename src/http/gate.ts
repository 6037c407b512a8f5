import type { Access } from '../core/access.ts';
import { SoakError } from '../core/errors.ts';
import { type Holder, shownToken, TokenTable } from './authorization.ts';
import { clientKey } from './client-key.ts';
import { type Rate, RateLimit } from './rate-limit.ts';
import { Recent } from './recent.ts';

/** Authorization of a route: none; as `serve.metrics` says; any token; a token with the role `operate`. */
export type Requirement = 'open' | 'metrics' | 'read' | 'operate';

export interface Rates {
  /** For each client. */
  readonly read: Rate;
  readonly operate: Rate;
  /** Separate limits for metrics and health, so that a flood of other requests does not make soakd look dead. */
  readonly metrics: Rate;
  readonly health: Rate;
  /** Requests with an unknown token. */
  readonly failure: Rate;
  /** For all clients together. */
  readonly allApi: Rate;
  /** Scrapes that are rendered; further scrapes get the previous result. */
  readonly scrapes: Rate;
}

export const RATES: Rates = {
  read: { perSecond: 50, burst: 100 },
  operate: { perSecond: 10, burst: 20 },
  metrics: { perSecond: 20, burst: 40 },
  health: { perSecond: 50, burst: 100 },
  failure: { perSecond: 10 / 60, burst: 10 },
  allApi: { perSecond: 200, burst: 400 },
  scrapes: { perSecond: 20, burst: 40 },
};

export interface Asking {
  readonly requirement: Requirement;
  /** GET or HEAD. */
  readonly safe: boolean;
  /** Of the socket. */
  readonly address: string;
  readonly authorization: string | undefined;
}

/** Name of the token that was accepted, or the refusal with its response headers. */
export type Admission =
  | { readonly by: string }
  | {
      readonly refusal: SoakError;
      readonly headers: Readonly<Record<string, string>>;
      /** Absent where no token was accepted. */
      readonly by?: string;
    };

type Refusal = Extract<Admission, { refusal: SoakError }>;

/** Name of the caller if no tokens are configured. */
const LOCAL = 'local';
/** The one bucket of all clients. */
const ALL = '';
/** Pairs of client and token to remember. */
const MAX_KNOWN = 1000;

/** Checks the token first and the rate limit second: unauthorized requests use up no rate of authorized clients. */
export class Gate {
  readonly #access: () => Access;
  readonly #nowMs: () => number;
  readonly #limits: Readonly<Record<Exclude<keyof Rates, 'scrapes'>, RateLimit>>;
  /** Clients that have used a valid token: wrong tokens from the same address do not lock them out. */
  readonly #known = new Recent<true>(MAX_KNOWN);
  #table: { readonly of: Access; readonly tokens: TokenTable } | undefined;

  /** @param access called for each request, since a reload can change the tokens */
  constructor(access: () => Access, nowMs: () => number, rates: Rates) {
    this.#access = access;
    this.#nowMs = nowMs;
    this.#limits = {
      read: new RateLimit(rates.read),
      operate: new RateLimit(rates.operate),
      metrics: new RateLimit(rates.metrics),
      health: new RateLimit(rates.health),
      failure: new RateLimit(rates.failure),
      allApi: new RateLimit(rates.allApi, 1),
    };
  }

  /** Whether no tokens are configured, so that requests need no authorization. */
  get open(): boolean {
    return this.#access().tokens.length === 0;
  }

  admit(asking: Asking): Admission {
    const client = clientKey(asking.address);
    const holder = this.#isOpen(asking.requirement) ? undefined : this.#holder(asking, client);
    if (holder !== undefined && 'refusal' in holder) return holder;
    const waitMs = this.#take(asking.requirement, client);
    if (waitMs > 0) return tooMany(waitMs, 'requests');
    if (asking.requirement === 'operate' && holder?.role === 'read') {
      const message = `the token ${holder.name} has the role read; use a token with the role operate`;
      return { refusal: new SoakError('FORBIDDEN', message), headers: {}, by: holder.name };
    }
    return { by: holder?.name ?? LOCAL };
  }

  #isOpen(requirement: Requirement): boolean {
    const { tokens, metrics } = this.#access();
    return tokens.length === 0 || requirement === 'open' || (requirement === 'metrics' && metrics === 'open');
  }

  #holder({ safe, authorization }: Asking, client: string): Holder | Refusal {
    const shown = shownToken(authorization);
    // A browser adds a stored password to cross-site requests by itself, so Basic is accepted for safe methods only.
    if (shown === undefined || (shown.scheme === 'basic' && !safe)) {
      return unauthorized(safe, 'found no token; send the header "Authorization: Bearer TOKEN"');
    }
    const holder = this.#tokens().holder(shown.token);
    const nowMs = this.#nowMs();
    if (holder !== undefined) {
      const pair = `${client} ${holder.name}`;
      const known = this.#known.get(pair) === true;
      const waitMs = known ? 0 : this.#limits.failure.wait(client, nowMs);
      if (waitMs > 0) return tooMany(waitMs, 'wrong tokens');
      this.#known.set(pair, true);
      return holder;
    }
    const waitMs = this.#limits.failure.take(client, nowMs);
    return waitMs > 0
      ? tooMany(waitMs, 'wrong tokens')
      : unauthorized(safe, 'unknown token; use one of serve.tokens');
  }

  #take(requirement: Requirement, client: string): number {
    const nowMs = this.#nowMs();
    if (requirement === 'open') return this.#limits.health.take(client, nowMs);
    const waitMs = this.#limits[requirement].take(client, nowMs);
    return waitMs > 0 || requirement === 'metrics' ? waitMs : this.#limits.allApi.take(ALL, nowMs);
  }

  #tokens(): TokenTable {
    const access = this.#access();
    if (this.#table?.of !== access) this.#table = { of: access, tokens: new TokenTable(access.tokens) };
    return this.#table.tokens;
  }
}

function unauthorized(safe: boolean, message: string): Refusal {
  const bearer = 'Bearer realm="soakd"';
  // Basic lets a person open pages in a browser; the token is the password.
  const challenge = safe ? `${bearer}, Basic realm="soakd", charset="UTF-8"` : bearer;
  return { refusal: new SoakError('UNAUTHORIZED', message), headers: { 'www-authenticate': challenge } };
}

function tooMany(waitMs: number, of: string): Refusal {
  const seconds = Math.ceil(waitMs / 1000);
  const message = `too many ${of} from this client; try again in ${seconds} s`;
  return {
    refusal: new SoakError('TOO_MANY_REQUESTS', message),
    headers: { 'retry-after': String(seconds) },
  };
}
