import type { IncomingHttpHeaders } from 'node:http';
import type { Access } from '../core/access.ts';
import { SoakError } from '../core/errors.ts';
import { type Holder, shownToken, TokenTable } from './authorization.ts';
import { clientKey } from './client-key.ts';
import { isFromBrowser } from './login/browser.ts';
import { sessionOf } from './login/cookie.ts';
import { Sessions } from './login/sessions.ts';
import { isOwnPage } from './other-sites.ts';
import { type Rate, RateLimit } from './rate-limit.ts';
import { Recent } from './recent.ts';

/**
 * Authorization of a route: none; none, with a limit for the files of the page; none, but limited as reads are; as
 * `serve.metrics` says; a token with the role `read` or `operate`; one with the role `operate`.
 */
export type Requirement = 'open' | 'assets' | 'login' | 'metrics' | 'read' | 'operate';

/** Routes that need no token. */
export const FREE: ReadonlySet<Requirement> = new Set(['open', 'assets', 'login']);

export interface Rates {
  /** For each client. */
  readonly read: Rate;
  readonly operate: Rate;
  /** Separate limits for metrics and health, so that a flood of other requests does not make soakd look dead. */
  readonly metrics: Rate;
  readonly health: Rate;
  /** Files of the page: a browser asks for 40 at once, and must not use up the limit of health. */
  readonly assets: Rate;
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
  assets: { perSecond: 100, burst: 400 },
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
  readonly headers: IncomingHttpHeaders;
}

/** Name of the token that was accepted, or the refusal with its response headers. */
export type Admission =
  | {
      readonly by: string;
      /** Absent where no token was needed. */
      readonly holder?: Admitted;
    }
  | {
      readonly refusal: SoakError;
      readonly headers: Readonly<Record<string, string>>;
      /** Absent where no token was accepted. */
      readonly by?: string;
    };

type Refusal = Extract<Admission, { refusal: SoakError }>;

/** Holder of a token, and the session that it was used by; absent: the request has the token itself. */
type Admitted = Holder & { readonly session?: string };

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
  readonly #sessions: Sessions;
  #table: { readonly of: Access; readonly tokens: TokenTable } | undefined;

  /** @param access called for each request, since a reload can change the tokens */
  constructor(access: () => Access, nowMs: () => number, rates: Rates) {
    this.#access = access;
    this.#nowMs = nowMs;
    this.#sessions = new Sessions(nowMs);
    this.#limits = {
      read: new RateLimit(rates.read),
      operate: new RateLimit(rates.operate),
      metrics: new RateLimit(rates.metrics),
      health: new RateLimit(rates.health),
      assets: new RateLimit(rates.assets),
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
    if (holder?.role === 'metrics' && asking.requirement !== 'metrics') return metricsAlone(holder);
    return holder === undefined ? { by: LOCAL } : { by: holder.name, holder };
  }

  /** Returns a function that says whether what was admitted still would be: a reload can remove its token. */
  validity(admission: Admission): () => boolean {
    if ('refusal' in admission) return () => false;
    const { holder } = admission;
    if (holder === undefined) return () => this.open;
    const { session } = holder;
    return () => {
      const now = session === undefined ? holder : this.#sessions.use(session);
      const current = now && this.#tokens().current(now);
      return current !== undefined && current.role !== 'metrics';
    };
  }

  /** Opens a session for a token. @param address of the socket */
  login(token: string, address: string): { readonly by: string; readonly session: string } | Refusal {
    const holder = this.#ofToken(token, clientKey(address), false);
    if ('refusal' in holder) return holder;
    if (holder.role === 'metrics') return metricsAlone(holder);
    return { by: holder.name, session: this.#sessions.open(holder) };
  }

  /** Ends a session. @returns the name of its token; `undefined`: there is no such session */
  logout(session: string): string | undefined {
    const by = this.#sessions.use(session)?.name;
    this.#sessions.end(session);
    return by;
  }

  /** Returns whether a request has the cookie of a session. */
  hasSession(headers: IncomingHttpHeaders): boolean {
    return this.#ofSession(headers) !== undefined;
  }

  #isOpen(requirement: Requirement): boolean {
    const { tokens, metrics } = this.#access();
    return tokens.length === 0 || FREE.has(requirement) || (requirement === 'metrics' && metrics === 'open');
  }

  #holder({ safe, headers }: Asking, client: string): Admitted | Refusal {
    const shown = shownToken(headers.authorization);
    // A browser adds a stored password to cross-site requests by itself, so Basic is accepted for safe methods only.
    if (shown !== undefined && (shown.scheme === 'bearer' || safe))
      return this.#ofToken(shown.token, client, safe);
    const holder = this.#ofSession(headers);
    if (holder !== undefined) {
      if (safe || isOwnPage(headers)) return holder;
      const message =
        'a request with the cookie of a session needs the header X-Soakd-CSRF: 1, and an Origin or Sec-Fetch-Site header that ' +
        'names this soakd; other clients than its page send the header "Authorization: Bearer TOKEN"';
      return { refusal: new SoakError('OTHER_SITE', message), headers: {}, by: holder.name };
    }
    const hint =
      sessionOf(headers) === undefined
        ? 'found no token; send the header "Authorization: Bearer TOKEN", or log in at /login'
        : 'the session is over; log in again at /login';
    return unauthorized(safe && !isFromBrowser(headers), hint);
  }

  /**
   * Returns the holder of a token, as long as the client has not sent too many wrong ones.
   * @param isAsked whether a client that was refused is asked for a password
   */
  #ofToken(token: string, client: string, isAsked: boolean): Holder | Refusal {
    const holder = this.#tokens().holder(token);
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
      : unauthorized(isAsked, 'unknown token; use one of serve.tokens');
  }

  /** Returns the token of the session of a request, as it is configured now. */
  #ofSession(headers: IncomingHttpHeaders): Admitted | undefined {
    const session = sessionOf(headers);
    const opened = session === undefined ? undefined : this.#sessions.use(session);
    const holder = opened && this.#tokens().current(opened);
    return holder && { ...holder, session: session! };
  }

  #take(requirement: Requirement, client: string): number {
    const nowMs = this.#nowMs();
    if (requirement === 'open') return this.#limits.health.take(client, nowMs);
    if (requirement === 'assets') return this.#limits.assets.take(client, nowMs);
    if (requirement === 'login') return this.#limits.read.take(client, nowMs);
    const waitMs = this.#limits[requirement].take(client, nowMs);
    return waitMs > 0 || requirement === 'metrics' ? waitMs : this.#limits.allApi.take(ALL, nowMs);
  }

  #tokens(): TokenTable {
    const access = this.#access();
    if (this.#table?.of !== access) this.#table = { of: access, tokens: new TokenTable(access.tokens) };
    return this.#table.tokens;
  }
}

/** @param isAsked whether the client is asked for a password: a browser would do so in a window of its own */
function unauthorized(isAsked: boolean, message: string): Refusal {
  const bearer = 'Bearer realm="soakd"';
  // Basic is for clients such as wget and for scripts with a password alone.
  const challenge = isAsked ? `${bearer}, Basic realm="soakd", charset="UTF-8"` : bearer;
  return { refusal: new SoakError('UNAUTHORIZED', message), headers: { 'www-authenticate': challenge } };
}

function metricsAlone({ name }: Holder): Refusal {
  const message = `the token ${name} has the role metrics, which opens /metrics alone; use a token with the role read or operate`;
  return { refusal: new SoakError('FORBIDDEN', message), headers: {}, by: name };
}

function tooMany(waitMs: number, of: string): Refusal {
  const seconds = Math.ceil(waitMs / 1000);
  const message = `too many ${of} from this client; try again in ${seconds} s`;
  return {
    refusal: new SoakError('TOO_MANY_REQUESTS', message),
    headers: { 'retry-after': String(seconds) },
  };
}
