import { sampler } from '../core/distribution.ts';
import type { Outcome } from '../core/outcome.ts';
import { type Random, seededRandom } from '../core/random.ts';
import type { HttpStream } from '../stream/stream.ts';
import { backoffMs, isRefusal, retryAfterMs } from './backoff.ts';
import type { DialGate } from './dial-gate.ts';
import { type Draw, drawer } from './draw.ts';
import type { Load } from './load.ts';
import type { UserPacer } from './pacer.ts';
import { type Plan, type Segment, share } from './plan.ts';
import type { Recorder } from './recorder.ts';
import type { Scheduler } from './scheduler.ts';
import { type UserContext, VirtualUser } from './virtual-user.ts';

interface ClosedUser {
  /** Index over all workers: wanted while the level is above it. */
  readonly k: number;
  readonly user: VirtualUser;
  readonly random: Random;
  readonly thinkTimeMs: () => number;
  refusals: number;
  /** While it backs off: since when, and whom it spares. */
  backoff: { readonly sinceMs: number; readonly target: number } | undefined;
}

/** Virtual users, each a stream at a time for as long as the plan wants that many of them. */
export class ClosedLoad implements Load {
  readonly #users: ClosedUser[] = [];
  readonly #draw: (random: Random) => Draw;
  readonly #pacer: UserPacer;
  readonly #scheduler: Scheduler;
  readonly #gate: DialGate;
  readonly #clock: () => number;
  readonly #recorder: Recorder;
  /** Streams that the budget leaves to this worker. */
  #left: number;
  #originMs = 0;
  #stopped = false;
  #streaming = 0;
  #backingOff = 0;
  #wanted: number;

  constructor(
    plan: Plan,
    segment: Segment,
    pacer: UserPacer,
    context: UserContext,
    scheduler: Scheduler,
    gate: DialGate,
  ) {
    const { scenario } = plan;
    if (scenario.model.kind !== 'closed') throw new TypeError('not a closed scenario');
    const { thinkTimeMs } = scenario.model;
    this.#draw = drawer(scenario, plan.targets);
    this.#pacer = pacer;
    this.#scheduler = scheduler;
    this.#gate = gate;
    this.#clock = context.clock;
    this.#recorder = context.recorder;
    this.#left = share(scenario.budget?.streams ?? Number.MAX_SAFE_INTEGER, segment);
    for (let k = segment.index; k < Math.floor(pacer.peak + 1e-9); k += segment.count) {
      const random = seededRandom(scenario.seed, k);
      this.#users.push({
        k,
        user: new VirtualUser(String(k), context),
        random,
        thinkTimeMs: sampler(thinkTimeMs, random),
        refusals: 0,
        backoff: undefined,
      });
    }
    this.#wanted = this.#users.length;
  }

  get drained(): boolean {
    return this.#streaming === 0 && (this.#stopped || this.#wanted === 0);
  }

  start(originMs: number): void {
    this.#originMs = originMs;
    for (const user of this.#users) this.#next(user, 0);
  }

  stop(): void {
    this.#stopped = true;
    for (const user of this.#users) this.#rested(user);
    this.#scheduler.clear();
  }

  close(): void {
    for (const { user } of this.#users) user.close();
  }

  /** @param sinceMs from the start of the plan */
  #next(user: ClosedUser, sinceMs: number): void {
    const due = this.#pacer.due(user.k, sinceMs);
    // Not wanted when its wait is over: it is no longer one of those who share the bound on failing starts.
    if (due > sinceMs) this.#rested(user, this.#originMs + sinceMs);
    if (due === Number.POSITIVE_INFINITY) this.#wanted--;
    else this.#scheduler.at(this.#originMs + due, () => this.#due(user, this.#originMs + due));
  }

  #due(user: ClosedUser, dueMs: number): void {
    this.#rested(user);
    const { target, prompt } = this.#draw(user.random);
    if (user.user.mustDial(target)) {
      const now = this.#clock();
      const atMs = this.#gate.reserve(now);
      if (atMs > now) {
        this.#scheduler.at(atMs, () => this.#begin(user, target, prompt, dueMs));
        return;
      }
    }
    this.#begin(user, target, prompt, dueMs);
  }

  /** @param untilMs when its wait is or would be over */
  #rested(user: ClosedUser, untilMs = this.#clock()): void {
    if (user.backoff === undefined) return;
    const { sinceMs, target } = user.backoff;
    this.#recorder.targets[target]!.backedOff(untilMs - sinceMs);
    user.backoff = undefined;
    this.#backingOff--;
  }

  #begin(user: ClosedUser, target: number, prompt: string | undefined, dueMs: number): void {
    // The plan may have ended while the dial had to wait.
    const over = this.#clock() - this.#originMs >= this.#pacer.durationMs;
    if (over || this.#left-- <= 0) {
      this.#wanted--;
      return;
    }
    this.#streaming++;
    user.user.start(target, prompt, dueMs, (outcome, stream) => this.#ended(user, target, outcome, stream));
  }

  #ended(user: ClosedUser, target: number, outcome: Outcome, stream: HttpStream): void {
    this.#streaming--;
    if (this.#stopped) return;
    let waitMs = user.thinkTimeMs();
    if (isRefusal(outcome)) {
      user.refusals++;
      user.backoff = { sinceMs: this.#clock(), target };
      this.#backingOff++;
      waitMs += Math.max(
        backoffMs(user.refusals, this.#backingOff, user.random),
        retryAfterMs(stream.retryAfter, Date.now(), user.random),
      );
    } else user.refusals = 0;
    this.#next(user, this.#clock() - this.#originMs + waitMs);
  }
}
