import { messageOf } from '../core/errors.ts';
import type { FreshToken } from '../core/target.ts';
import type { Engine } from '../load/engine.ts';
import type { Plan } from '../load/plan.ts';

/** Time before its expiry at which a token is refreshed: a share of its lifetime, and at most this many ms. */
const AHEAD = { share: 0.1, mostMs: 300_000 } as const;
/** Waits after failures, ms, doubled from the least to the most. */
const RETRY_MS = { least: 1000, most: 60_000 } as const;

export interface TokensOptions {
  /** Fetches a new token. Its errors contain no part of a token. */
  readonly fetch: (source: FreshToken, signal: AbortSignal) => Promise<string>;
  readonly log: {
    info(facts: object, text: string): void;
    warn(facts: object, text: string): void;
  };
}

type RefreshResult = 'refreshed' | 'failed';

/** Refreshes the bearer tokens of a run. Counts refreshes over all runs of the process. */
export class Tokens {
  readonly #options: TokensOptions;
  readonly #counts = new Map<string, Record<RefreshResult, number>>();

  constructor(options: TokensOptions) {
    this.#options = options;
  }

  /** Returns the number of successful or failed refreshes of a target's token. */
  count(target: string, what: RefreshResult): number {
    return this.#counts.get(target)?.[what] ?? 0;
  }

  /**
   * Opens an engine, and refreshes the tokens of its plan until it has drained.
   * @param plan made just now: the age of its tokens counts from this call
   * @throws the errors of `open`
   */
  async keep(plan: Plan, open: () => Promise<Engine>): Promise<Engine> {
    const sinceMs = performance.now();
    const engine = await open();
    const refreshed = plan.targets.flatMap(({ name, tokens }, index) =>
      tokens === undefined
        ? []
        : [
            new Refreshed(
              {
                ...this.#options,
                run: plan.runId,
                source: tokens.source,
                target: name,
                apply: (token) => engine.renew(index, token),
                counted: (result) => this.#add(name, result),
              },
              tokens.known[0]!,
              performance.now() - sinceMs,
            ),
          ],
    );
    void engine.drained.then(() => {
      for (const one of refreshed) one.stop();
    });
    return engine;
  }

  #add(target: string, result: RefreshResult): void {
    const counts = this.#counts.get(target) ?? { refreshed: 0, failed: 0 };
    counts[result]++;
    this.#counts.set(target, counts);
  }
}

interface RefreshedOptions extends TokensOptions {
  readonly run: string;
  readonly source: FreshToken;
  readonly target: string;
  readonly apply: (token: string) => void;
  readonly counted: (result: RefreshResult) => void;
}

/** A token and the timer of its next refresh. */
class Refreshed {
  readonly #options: RefreshedOptions;
  readonly #stopping = new AbortController();
  #token: string;
  #timer: NodeJS.Timeout;
  #failures = 0;

  /** @param ageMs of the token */
  constructor(options: RefreshedOptions, token: string, ageMs: number) {
    this.#options = options;
    this.#token = token;
    this.#timer = this.#after(Math.max(0, goodForMs(options.source) - ageMs));
  }

  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#timer);
  }

  #after(ms: number): NodeJS.Timeout {
    return setTimeout(() => void this.#refresh(), ms).unref();
  }

  async #refresh(): Promise<void> {
    const { run, source, target, fetch, apply, counted, log } = this.#options;
    const { signal } = this.#stopping;
    let waitMs = goodForMs(source);
    try {
      const token = await fetch(source, signal);
      if (signal.aborted) return;
      const failures = this.#failures;
      this.#failures = 0;
      counted('refreshed');
      const isNew = token !== this.#token;
      if (isNew) {
        this.#token = token;
        apply(token);
      }
      // A log of failures must show their end, also where the token is still the same.
      if (isNew || failures > 0)
        log.info({ run, target, ...(failures > 0 && { failures }) }, 'bearer token refreshed');
    } catch (error) {
      if (signal.aborted) return;
      waitMs = retryAfterMs(++this.#failures);
      counted('failed');
      log.warn(
        { run, target, err: messageOf(error), failures: this.#failures, retryInMs: waitMs },
        'bearer token refresh failed; streams keep the previous token',
      );
    }
    this.#timer = this.#after(waitMs);
  }
}

/** Returns the time from a token to its refresh, ms. */
export function goodForMs(source: FreshToken): number {
  if (source.kind === 'file') return source.everyMs;
  return source.lifetimeMs - Math.min(source.lifetimeMs * AHEAD.share, AHEAD.mostMs);
}

/** Returns the wait before the next attempt, ms. @param failures in a row, at least 1 */
export function retryAfterMs(failures: number): number {
  return Math.min(RETRY_MS.least * 2 ** Math.min(failures - 1, 30), RETRY_MS.most);
}
