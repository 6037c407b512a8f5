import { sampler } from '../core/distribution.ts';
import { DIALS_PER_SECOND } from '../core/generator.ts';
import type { Outcome } from '../core/outcome.ts';
import { type Random, seededRandom } from '../core/random.ts';
import { type Piece, ROUNDING } from '../shapes/piece.ts';
import type { HttpStream } from '../stream/stream.ts';
import { backoffMs, isBackedOff, retryAfterMs } from './backoff.ts';
import type { DialGate } from './dial-gate.ts';
import { drawer, type StageDraw, turns } from './draw.ts';
import { type Freeze, lengthOf, middleOf } from './freeze.ts';
import type { Load } from './load.ts';
import type { TakeOver } from './messages.ts';
import { type UserPacer, userPacerOf } from './pacer.ts';
import { type Plan, type Segment, share } from './plan.ts';
import type { Recorder } from './recorder.ts';
import type { Scheduler } from './scheduler.ts';
import { type UserContext, VirtualUser } from './virtual-user.ts';

type Wait =
  /** From when on it would take a stream, and when the plan gives it one. */
  | { readonly kind: 'turn'; readonly sinceMs: number; readonly dueMs: number }
  /** It was due, and its dial has to wait. */
  | { readonly kind: 'dial'; readonly atMs: number; readonly begin: () => void }
  | { readonly kind: 'none' };

/** A start this much after its due time is on time: timers count in whole ms, and many may be due at once. */
const ON_TIME_MS = 5;
/** How often the time of users is counted while nothing happens to them. */
const ACCOUNT_INTERVAL_MS = 1000;

const NOTHING: Wait = { kind: 'none' };

interface ClosedUser {
  /** Index over all workers: wanted while the level is above it. */
  readonly k: number;
  readonly user: VirtualUser;
  random: Random;
  thinkTimeMs: () => number;
  failures: number;
  /** Target of its last stream. */
  target: number;
  /** Target of a sequence whose turn it last took part in; `undefined`: none so far, or no sequence. */
  turn: number | undefined;
  streaming: boolean;
  /** Up to when its time is counted, ms from the start of the plan. */
  countedMs: number;
  /** What it waits for, while it has no stream. Times from the start of the plan, ms. */
  wait: Wait;
  /** Target whose failure it waits after, until its next stream. */
  sparing: number | undefined;
  /** Whether it is one of those who share the bound on failing starts. */
  isBackingOff: boolean;
}

/** Virtual users, each a stream at a time for as long as the plan wants that many of them. */
export class ClosedLoad implements Load {
  readonly #users: ClosedUser[] = [];
  readonly #draw: (random: Random) => StageDraw;
  readonly #turnOf: (stage: number) => number | undefined;
  readonly #plan: Plan;
  readonly #segment: Segment;
  readonly #context: UserContext;
  #pacer: UserPacer;
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
  #accountedMs = 0;

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
    this.#plan = plan;
    this.#segment = segment;
    this.#context = context;
    this.#draw = drawer(scenario, plan.targets);
    this.#turnOf = turns(scenario, plan.targets);
    this.#pacer = pacer;
    this.#scheduler = scheduler;
    this.#gate = gate;
    this.#clock = context.clock;
    this.#recorder = context.recorder;
    this.#left = share(scenario.budget?.streams ?? Number.MAX_SAFE_INTEGER, segment);
    this.#requireUsers();
  }

  get drained(): boolean {
    return (
      this.#streaming === 0 && (this.#stopped || this.#left <= 0 || this.#elapsed() >= this.#pacer.durationMs)
    );
  }

  start(originMs: number, takeOver?: TakeOver): void {
    this.#originMs = originMs;
    if (takeOver !== undefined) {
      this.#takeOver(takeOver);
      return;
    }
    for (const user of this.#users) this.#next(user, 0);
  }

  /** Users who are wanted now come back one after another, as those of a jump of the level do. */
  #takeOver({ pieces, started, diedMs }: TakeOver): void {
    this.#left -= started;
    this.#pacer = userPacerOf(pieces);
    this.#requireUsers();
    const now = Math.max(0, this.#elapsed());
    for (const user of this.#users) {
      const sinceMs = now + (user.k * 1000) / DIALS_PER_SECOND;
      this.#missed(user, diedMs, sinceMs);
      this.#next(user, sinceMs);
    }
  }

  follow(pieces: readonly Piece[]): void {
    if (this.#stopped) return;
    this.#countAll();
    this.#pacer = userPacerOf(pieces);
    this.#scheduler.clear();
    const now = this.#elapsed();
    const before = this.#users.length;
    this.#requireUsers();
    for (const user of this.#users.slice(0, before)) this.#waitAgain(user, now);
    for (const user of this.#users.slice(before)) {
      user.countedMs = now;
      this.#next(user, now);
    }
  }

  frozen(freeze: Freeze): void {
    if (this.#stopped) return;
    this.#scheduler.clear();
    const [fromMs, middleMs] = [freeze.fromMs, middleOf(freeze)].map((at) => at - this.#originMs) as [
      number,
      number,
    ];
    const now = this.#elapsed();
    for (const user of this.#users) {
      // After the freeze, before it was noticed, its stream ended.
      if (user.countedMs > middleMs) this.#waitAgain(user, now);
      else this.#waitOn(user, { fromMs, now, byMs: lengthOf(freeze) });
    }
  }

  cancelUnwanted(startedBeforeMs: number): void {
    if (this.#stopped) return;
    const level = this.#pacer.level(this.#elapsed());
    for (const { k, user } of this.#users) if (level < k + 1 - ROUNDING) user.cancel(startedBeforeMs);
  }

  stop(): void {
    if (!this.#stopped) this.#countAll();
    this.#stopped = true;
    for (const user of this.#users) this.#rested(user);
    this.#scheduler.clear();
  }

  account(): void {
    if (this.#stopped || this.#elapsed() < this.#accountedMs + ACCOUNT_INTERVAL_MS) return;
    this.#countAll();
  }

  #countAll(): void {
    this.#accountedMs = this.#elapsed();
    for (const user of this.#users) this.#count(user);
  }

  /**
   * Counts a user's time since it was counted last: in a stream, thinking or backing off, or due and idle. Time after
   * the end of the starts, and that of a stream whose user is not wanted any more, is in neither. In a sequence a
   * stream of an earlier turn keeps its user from the target whose turn it is, which counts as idle.
   */
  #count(user: ClosedUser): void {
    if (this.#stopped) return;
    const untilMs = Math.min(this.#elapsed(), this.#pacer.durationMs);
    while (user.countedMs < untilMs) {
      const fromMs = user.countedMs;
      const turn = this.#turnAt(fromMs);
      const piece = turn === undefined ? undefined : this.#pacer.pieces.find((p) => p.toMs > fromMs);
      user.countedMs = Math.min(untilMs, piece?.toMs ?? untilMs);
      this.#countSpan(user, fromMs, user.countedMs, turn);
    }
  }

  #countSpan(user: ClosedUser, from: number, to: number, turn: number | undefined): void {
    const recorder = this.#recorder.targets[turn ?? user.target]!;
    const { wait } = user;
    if (user.streaming) {
      if (this.#pacer.level(from) < user.k + 1 - ROUNDING) return;
      const isOfTurn = turn === undefined || turn === user.target;
      recorder.userTime(isOfTurn ? to - from : 0, isOfTurn ? 0 : to - from);
    } else if (wait.kind === 'none' || this.#left <= 0) return;
    else if (wait.kind === 'dial') recorder.userTime(0, to - from);
    else {
      const rest = Math.max(0, Math.min(to, wait.sinceMs) - from);
      const late = Math.max(0, to - Math.max(from, wait.dueMs + ON_TIME_MS));
      recorder.userTime(rest, late);
      // Only time that has passed: a wait may reach beyond the end of a run, or be cut.
      if (user.sparing !== undefined && rest > 0) this.#recorder.targets[user.sparing]!.backedOff(rest);
    }
  }

  /** Counts the time without a worker in which the plan wanted a user. Times in ms from the start of the plan. */
  #missed(user: ClosedUser, diedMs: number, sinceMs: number): void {
    const from = this.#pacer.due(user.k, diedMs);
    const to = Math.min(sinceMs, this.#pacer.durationMs);
    const target = this.#turnAt(from) ?? user.target;
    if (to > from && this.#left > 0) this.#recorder.targets[target]!.userTime(0, to - from);
    user.countedMs = sinceMs;
  }

  close(): void {
    for (const { user } of this.#users) user.close();
  }

  #elapsed(): number {
    return this.#clock() - this.#originMs;
  }

  /** There is a user for each whom the plan wants at some time. */
  #requireUsers(): void {
    const { index, count } = this.#segment;
    const peak = Math.floor(this.#pacer.peak + ROUNDING);
    for (let k = index + this.#users.length * count; k < peak; k += count) {
      this.#users.push({
        k,
        user: new VirtualUser(String(k), this.#context),
        ...this.#drawsOf(k),
        failures: 0,
        target: this.#plan.targets.findIndex((t) => t.name === this.#plan.scenario.targets[0]!.name),
        turn: undefined,
        streaming: false,
        countedMs: 0,
        wait: NOTHING,
        sparing: undefined,
        isBackingOff: false,
      });
    }
  }

  /** Returns the draws of a user from its seed on. */
  #drawsOf(k: number): Pick<ClosedUser, 'random' | 'thinkTimeMs'> {
    const { model, seed } = this.#plan.scenario;
    if (model.kind !== 'closed') throw new TypeError('not a closed scenario');
    const random = seededRandom(seed, k);
    return { random, thinkTimeMs: sampler(model.thinkTimeMs, random) };
  }

  /** Returns the target whose turn it is, `undefined` without a sequence. @param elapsedMs from the start of the plan */
  #turnAt(elapsedMs: number): number | undefined {
    return this.#turnOf(this.#pacer.stage(elapsedMs));
  }

  /** Each target of a sequence is loaded with the same draws, and without the failures of the one before. */
  #takeTurn(user: ClosedUser): void {
    const turn = this.#turnAt(this.#elapsed());
    if (turn === user.turn) return;
    if (user.turn !== undefined) Object.assign(user, this.#drawsOf(user.k), { failures: 0 });
    user.turn = turn;
  }

  /** Returns when a wait is over at the latest: in a sequence a wait for one target ends where the next turn begins. */
  #withinTurn({ turn }: ClosedUser, sinceMs: number): number {
    if (turn === undefined) return sinceMs;
    const now = Math.max(0, this.#elapsed());
    const next = this.#pacer.pieces.find((p) => p.toMs > now && this.#turnOf(p.stage) !== turn);
    return next === undefined ? sinceMs : Math.min(sinceMs, Math.max(now, next.fromMs));
  }

  /** What a user waits for once the plan has changed. */
  #waitAgain(user: ClosedUser, now: number): void {
    const { wait, k } = user;
    if (wait.kind === 'turn') {
      // A user that was due is only waiting for the timer.
      if (wait.dueMs <= now && this.#pacer.level(now) >= k + 1 - ROUNDING) this.#take(user, wait);
      else this.#next(user, Math.max(wait.sinceMs, now));
    } else if (wait.kind === 'dial') {
      if (this.#pacer.level(now) >= k + 1 - ROUNDING)
        this.#scheduler.at(this.#originMs + wait.atMs, wait.begin);
      else this.#next(user, now);
    }
  }

  /** A wait continues after a freeze; users whose turn came in it take theirs one after another, as at a jump of the level. */
  #waitOn(
    user: ClosedUser,
    { fromMs, now, byMs }: { readonly fromMs: number; readonly now: number; readonly byMs: number },
  ): void {
    const { wait, k } = user;
    if (wait.kind === 'none') return;
    if (wait.kind === 'dial') {
      this.#count(user);
      const atMs = wait.atMs + byMs;
      user.wait = { ...wait, atMs };
      this.#scheduler.at(this.#originMs + atMs, wait.begin);
      return;
    }
    if (wait.sinceMs <= fromMs) {
      if (wait.dueMs > now) this.#take(user, wait);
      else {
        const sinceMs = now + (k * 1000) / DIALS_PER_SECOND;
        this.#missed(user, fromMs, sinceMs);
        this.#next(user, sinceMs);
      }
      return;
    }
    this.#missed(user, fromMs, now);
    this.#next(user, wait.sinceMs + byMs);
  }

  /** @param restedMs end of its wait, from the start of the plan */
  #next(user: ClosedUser, restedMs: number): void {
    const sinceMs = this.#withinTurn(user, restedMs);
    const dueMs = this.#pacer.due(user.k, sinceMs);
    // Not wanted when its wait is over: it is no longer one of those who share the bound on failing starts.
    if (dueMs > sinceMs) this.#rested(user);
    this.#take(user, { kind: 'turn', sinceMs, dueMs });
  }

  #take(user: ClosedUser, turn: Extract<Wait, { kind: 'turn' }>): void {
    user.wait = turn;
    const dueMs = this.#originMs + turn.dueMs;
    if (Number.isFinite(dueMs)) this.#scheduler.at(dueMs, () => this.#due(user, dueMs));
  }

  #due(user: ClosedUser, dueMs: number): void {
    this.#rested(user);
    this.#count(user);
    user.sparing = undefined;
    this.#takeTurn(user);
    const { target, prompt } = this.#draw(user.random)(this.#pacer.stage(this.#elapsed()));
    const begin = (): void => this.#begin(user, target, prompt, dueMs);
    if (user.user.mustDial(target)) {
      const now = this.#clock();
      const atMs = this.#gate.reserve(now);
      if (atMs > now) {
        user.wait = { kind: 'dial', atMs: atMs - this.#originMs, begin };
        this.#scheduler.at(atMs, begin);
        return;
      }
    }
    begin();
  }

  #rested(user: ClosedUser): void {
    if (!user.isBackingOff) return;
    user.isBackingOff = false;
    this.#backingOff--;
  }

  #begin(user: ClosedUser, target: number, prompt: string | undefined, dueMs: number): void {
    this.#count(user);
    user.wait = NOTHING;
    // The plan may have ended while the dial had to wait.
    if (this.#elapsed() >= this.#pacer.durationMs || this.#left <= 0) return;
    this.#left--;
    this.#streaming++;
    user.streaming = true;
    user.target = target;
    user.user.start(target, prompt, dueMs, (outcome, stream) => this.#ended(user, target, outcome, stream));
  }

  #ended(user: ClosedUser, target: number, outcome: Outcome, stream: HttpStream): void {
    this.#streaming--;
    this.#count(user);
    user.streaming = false;
    if (this.#stopped) return;
    let waitMs = user.thinkTimeMs();
    if (isBackedOff(outcome)) {
      user.failures++;
      user.sparing = target;
      user.isBackingOff = true;
      this.#backingOff++;
      waitMs += Math.max(
        backoffMs(user.failures, this.#backingOff, user.random) - (this.#clock() - stream.startMs),
        retryAfterMs(stream.retryAfter, Date.now(), user.random),
      );
    } else user.failures = 0;
    this.#next(user, this.#elapsed() + waitMs);
  }
}
