import { difference } from '../catalog/difference.ts';
import { StreamView } from '../catalog/slots.ts';
import type { LagMoment } from '../run/measurement-quality/lag-watch.ts';

export interface SettlingOptions {
  /** Virtual users of the load; absent: the open model, whose load is reached at once. */
  readonly users: number | undefined;
  /** Time in which the load rises to its level, ms. */
  readonly rampMs: number;
  /** The longest wait, ms: no stream lasts longer. */
  readonly maxSettleMs: number;
}

/** Share of the users that are to have a stream open: some are between two streams at any moment. */
const OPEN_SHARE = 0.95;
/** The longest wait for them, ms after the ramp: users with a think time, or in a backoff, have no stream open. */
const MAX_WAIT_MS = 5000;

/**
 * Waits until a load has settled: until its users are up, and then until the streams that are open at that moment have
 * ended. The counters do not say which stream ends, so it waits until as many have ended and until the p95 of their
 * durations has passed.
 */
export class Settling {
  readonly #options: SettlingOptions;
  readonly #begin: LagMoment;
  #reached: LagMoment | undefined;
  #durationMs = 0;

  constructor(options: SettlingOptions, begin: LagMoment) {
    this.#options = options;
    this.#begin = begin;
  }

  /** Duration of a stream, ms: p95 of the streams that have ended since the load was set; 0 without any. */
  get durationMs(): number {
    return this.#durationMs;
  }

  /** @returns whether the load has settled */
  add(now: LagMoment): boolean {
    if (this.#reached === undefined && this.#isReached(now)) this.#reached = now;
    const reached = this.#reached;
    if (now.atMs - this.#begin.atMs >= this.#options.maxSettleMs + this.#options.rampMs) return true;
    if (reached === undefined || reached === now) return false;
    const open = new StreamView(reached.layout, reached.values).allActive();
    const since = between(reached, now);
    const { success, failed } = since.allResults();
    if (success + failed < Math.max(1, open)) return false;
    this.#durationMs = durationOf(since);
    return now.atMs - reached.atMs >= this.#durationMs;
  }

  #isReached(now: LagMoment): boolean {
    const { users, rampMs } = this.#options;
    const passedMs = now.atMs - this.#begin.atMs;
    if (passedMs < rampMs) return false;
    if (users === undefined || passedMs >= rampMs + MAX_WAIT_MS) return true;
    const open = new StreamView(now.layout, now.values).allActive();
    return open <= users && open >= Math.floor(users * OPEN_SHARE);
  }
}

function between(from: LagMoment, to: LagMoment): StreamView {
  return new StreamView(to.layout, difference(to.layout, to.values, from.values));
}

function durationOf(view: StreamView): number {
  const targets = view.layout.targets.map((_, t) => t);
  return view.combined(targets, ['duration:success', 'duration:failed']).quantile(0.95) ?? 0;
}
