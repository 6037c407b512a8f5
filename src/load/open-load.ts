import { seededRandom } from '../core/random.ts';
import type { Piece } from '../shapes/piece.ts';
import type { DialGate } from './dial-gate.ts';
import { type Draw, drawer, type StageDraw } from './draw.ts';
import { type Freeze, lengthOf } from './freeze.ts';
import type { Load } from './load.ts';
import type { TakeOver } from './messages.ts';
import { type ArrivalPacer, arrivalPacerOf } from './pacer.ts';
import { type Plan, type Segment, share } from './plan.ts';
import type { Scheduler } from './scheduler.ts';
import { type UserContext, VirtualUser } from './virtual-user.ts';

/** An arrival this much overdue is missing when the starts end; one less overdue only waited for its timer. */
const OVERDUE_MS = 100;

/** An arrival: how much of the load has come before it, and what it is. */
interface Arrival {
  readonly area: number;
  readonly draw: StageDraw;
}

/**
 * Arrivals that are independent of the target. One that finds no free virtual user is dropped and counted.
 */
export class OpenLoad implements Load {
  readonly #free: VirtualUser[] = [];
  readonly #all: VirtualUser[] = [];
  readonly #maxUsers: number;
  readonly #draw: () => StageDraw;
  #pacer: ArrivalPacer;
  readonly #sums: () => number;
  readonly #segment: Segment;
  readonly #context: UserContext;
  readonly #scheduler: Scheduler;
  readonly #gate: DialGate;
  /** Users that wait to dial. */
  readonly #waiting = new Map<
    VirtualUser,
    { readonly target: number; atMs: number; readonly begin: () => void }
  >();
  /** Streams that the budget leaves to this worker. */
  #left: number;
  #arrival = -1;
  /** The next arrival of this worker's. */
  #expected: (Arrival & { readonly dueMs: number | undefined }) | undefined;
  #originMs = 0;
  #stopped = false;

  constructor(
    plan: Plan,
    segment: Segment,
    pacer: ArrivalPacer,
    /** See {@link arrivalSums}. */
    sums: () => number,
    context: UserContext,
    scheduler: Scheduler,
    gate: DialGate,
  ) {
    const { scenario } = plan;
    if (scenario.model.kind !== 'open') throw new TypeError('not an open scenario');
    const draw = drawer(scenario, plan.targets);
    const random = seededRandom(scenario.seed, 1);
    this.#draw = () => draw(random);
    this.#maxUsers = share(scenario.model.maxUsers, segment);
    this.#left = share(scenario.budget?.streams ?? Number.MAX_SAFE_INTEGER, segment);
    this.#pacer = pacer;
    this.#sums = sums;
    this.#segment = segment;
    this.#context = context;
    this.#scheduler = scheduler;
    this.#gate = gate;
  }

  get drained(): boolean {
    if (this.#free.length < this.#all.length) return false;
    if (this.#stopped || this.#left <= 0) return true;
    // One whose time has come is only waiting for the timer.
    return this.#elapsed() >= this.#pacer.durationMs && this.#expected?.dueMs === undefined;
  }

  start(originMs: number, takeOver?: TakeOver): void {
    this.#originMs = originMs;
    if (takeOver === undefined) this.#next();
    else this.#takeOver(takeOver);
  }

  /**
   * Goes through all arrivals from the first on, so that those to come are the same as if nobody had died. The dead
   * one's are over. Those that came while nobody was there are dropped, not made up for: a burst that nobody planned
   * would meet the target, and be late. So due = started + dropped holds.
   */
  #takeOver({ pieces, started, dropped }: TakeOver): void {
    this.#left -= started;
    this.#pacer = arrivalPacerOf(pieces);
    let handled = started + dropped;
    while (this.#left > 0) {
      const { area, draw } = this.#nextOwn();
      if (handled > 0) {
        handled--;
        continue;
      }
      const at = this.#pacer.when(area);
      if (at === undefined || at >= this.#elapsed()) {
        this.#expect(area, draw);
        return;
      }
      this.#drop(draw, at);
    }
  }

  /** Counts an arrival that was due and not made. @param atMs from the start of the plan */
  #drop(draw: StageDraw, atMs: number): void {
    const recorder = this.#context.recorder.targets[draw(this.#pacer.stage(atMs)).target]!;
    recorder.due();
    recorder.dropped();
  }

  follow(pieces: readonly Piece[]): void {
    if (this.#stopped) return;
    this.#pacer = arrivalPacerOf(pieces);
    if (this.#expected === undefined) return;
    this.#scheduler.clear();
    for (const [user, { atMs, begin }] of this.#waiting)
      this.#scheduler.at(atMs, () => this.#dial(user, begin));
    this.#expect(this.#expected.area, this.#expected.draw);
  }

  frozen(freeze: Freeze): void {
    if (this.#stopped) return;
    this.#scheduler.clear();
    for (const [user, waiting] of this.#waiting) {
      waiting.atMs += lengthOf(freeze);
      this.#scheduler.at(waiting.atMs, () => this.#dial(user, waiting.begin));
    }
    let next: Arrival | undefined = this.#expected;
    while (next !== undefined) {
      const at = this.#pacer.when(next.area);
      if (at === undefined || at >= this.#elapsed()) {
        this.#expect(next.area, next.draw);
        return;
      }
      this.#drop(next.draw, at);
      next = this.#nextOwn();
    }
  }

  /** No virtual user is wanted or not: the rate alone says what comes. */
  cancelUnwanted(): void {}

  stop(): void {
    if (!this.#stopped) this.#countOverdue();
    this.#stopped = true;
    this.#expected = undefined;
    this.#scheduler.clear();
    // Arrivals that were waiting to dial were due; users with a stream return when it ends.
    for (const [user, { target, atMs }] of this.#waiting) {
      const recorder = this.#context.recorder.targets[target]!;
      // The limit on new connections kept the others back: soakd spreads them on purpose.
      if (atMs < this.#context.clock() - OVERDUE_MS) recorder.due();
      recorder.dropped();
      this.#free.push(user);
    }
    this.#waiting.clear();
  }

  /** Nothing: every arrival is counted as due when it is attempted. */
  account(): void {}

  /** Counts arrivals that were due, but that a starved thread had not handled before starts ended. */
  #countOverdue(): void {
    let next = this.#expected;
    let left = this.#left;
    const untilMs = this.#elapsed() - OVERDUE_MS;
    while (next !== undefined && left-- > 0) {
      const at = this.#pacer.when(next.area);
      if (at === undefined || at >= untilMs) return;
      this.#drop(next.draw, at);
      next = { ...this.#nextOwn(), dueMs: undefined };
    }
  }

  close(): void {
    for (const user of this.#all) user.close();
  }

  /**
   * Every worker goes through all arrivals and draws for each of them, so that what is sent does not depend
   * on how many workers there are; it takes those of its own segment.
   */
  #next(): void {
    this.#expected = undefined;
    if (this.#left <= 0) return;
    const { area, draw } = this.#nextOwn();
    this.#expect(area, draw);
  }

  #nextOwn(): Arrival {
    for (;;) {
      const area = this.#sums();
      this.#arrival++;
      const draw = this.#draw();
      if (this.#arrival % this.#segment.count === this.#segment.index) return { area, draw };
    }
  }

  #expect(area: number, draw: StageDraw): void {
    const at = this.#pacer.when(area);
    const dueMs = at === undefined ? undefined : this.#originMs + at;
    this.#expected = { area, draw, dueMs };
    // Without a time the plan is over, unless it is changed.
    if (dueMs === undefined) return;
    this.#scheduler.at(dueMs, () => {
      this.#arrive(draw(this.#pacer.stage(dueMs - this.#originMs)), dueMs);
      this.#next();
    });
  }

  #elapsed(): number {
    return this.#context.clock() - this.#originMs;
  }

  #arrive(draw: Draw, dueMs: number): void {
    const user = this.#take();
    if (user === undefined) {
      const recorder = this.#context.recorder.targets[draw.target]!;
      recorder.due();
      recorder.dropped();
      return;
    }
    // From now on it is this arrival's: one that need not dial may begin before it.
    this.#left--;
    const now = this.#context.clock();
    const atMs = user.mustDial(draw.target) ? this.#gate.reserve(now) : now;
    if (atMs <= now) {
      this.#begin(user, draw, dueMs);
      return;
    }
    const begin = (): void => this.#begin(user, draw, dueMs);
    this.#waiting.set(user, { target: draw.target, atMs, begin });
    this.#scheduler.at(atMs, () => this.#dial(user, begin));
  }

  #dial(user: VirtualUser, begin: () => void): void {
    this.#waiting.delete(user);
    begin();
  }

  #begin(user: VirtualUser, { target, prompt }: Draw, dueMs: number): void {
    const recorder = this.#context.recorder.targets[target]!;
    recorder.due();
    if (this.#elapsed() >= this.#pacer.durationMs) {
      recorder.dropped();
      this.#free.push(user);
      return;
    }
    user.start(target, prompt, dueMs, () => this.#free.push(user));
  }

  /** The user that was free last: its connection is the most likely to be open still. */
  #take(): VirtualUser | undefined {
    const free = this.#free.pop();
    if (free !== undefined || this.#all.length >= this.#maxUsers) return free;
    const user = new VirtualUser(`${this.#segment.index}.${this.#all.length}`, this.#context);
    this.#all.push(user);
    return user;
  }
}
