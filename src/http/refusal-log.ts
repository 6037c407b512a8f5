import { clientKey } from './client-key.ts';
import type { Problem } from './problem.ts';
import { type Rate, RateLimit } from './rate-limit.ts';

/** Statuses of calls that somebody may have to know of: what is only wrong stays with its client. */
const LOGGED: ReadonlySet<number> = new Set([401, 403, 409, 422, 429]);

const MAX_PATH = 200;
const MAX_DETAIL = 300;
/** The one bucket of all clients. */
const ALL = '';

export interface RefusalRates {
  /** Lines for each client, so that one that floods does not hide another. */
  readonly client: Rate;
  /** Lines for all clients together. */
  readonly all: Rate;
}

export const REFUSAL_RATES: RefusalRates = {
  client: { perSecond: 10 / 60, burst: 10 },
  all: { perSecond: 1, burst: 50 },
};

/** A refused call, without its headers and body: they may hold a token. */
export interface RefusedCall {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Name of the token; empty: none was accepted. */
  readonly by: string;
  /** Remote address of the socket. */
  readonly address: string;
}

/** Logs refused calls, at a bounded rate. */
export class RefusalLog {
  readonly #log: { warn(facts: object, text: string): void };
  readonly #nowMs: () => number;
  readonly #client: RateLimit;
  readonly #all: RateLimit;
  #suppressed = 0;

  /** @param nowMs monotonic, ms */
  constructor(
    log: { warn(facts: object, text: string): void },
    nowMs: () => number,
    { client, all }: RefusalRates = REFUSAL_RATES,
  ) {
    this.#log = log;
    this.#nowMs = nowMs;
    this.#client = new RateLimit(client);
    this.#all = new RateLimit(all, 1);
  }

  /** Logs a call unless there were too many. */
  refused({ method, path, by, address }: RefusedCall, { status, code, detail }: Problem): void {
    if (!LOGGED.has(status)) return;
    const nowMs = this.#nowMs();
    if (this.#client.take(clientKey(address), nowMs) > 0 || this.#all.take(ALL, nowMs) > 0) {
      this.#suppressed++;
      return;
    }
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    this.#log.warn(
      {
        method,
        path: path.slice(0, MAX_PATH),
        status,
        code,
        detail: detail.slice(0, MAX_DETAIL),
        ...(by === '' ? {} : { by }),
        address,
        ...(suppressed > 0 && { suppressed }),
      },
      'request refused',
    );
  }
}
