import { seededRandom } from '../core/random.ts';
import type { DialGate } from './dial-gate.ts';
import { type Draw, drawer } from './draw.ts';
import type { Load } from './load.ts';
import type { ArrivalPacer } from './pacer.ts';
import { type Plan, type Segment, share } from './plan.ts';
import type { Scheduler } from './scheduler.ts';
import { type UserContext, VirtualUser } from './virtual-user.ts';

/** Arrivals that come whatever the target does. One that finds no free virtual user is dropped and counted. */
export class OpenLoad implements Load {
  readonly #free: VirtualUser[] = [];
  readonly #all: VirtualUser[] = [];
  readonly #maxUsers: number;
  readonly #draw: () => Draw;
  readonly #pacer: ArrivalPacer;
  readonly #arrivals: Iterator<number, undefined>;
  readonly #segment: Segment;
  readonly #context: UserContext;
  readonly #scheduler: Scheduler;
  readonly #gate: DialGate;
  /** Users that wait to dial, with the target of their stream. */
  readonly #waiting = new Map<VirtualUser, number>();
  /** Streams that the budget leaves to this worker. */
  #left: number;
  #arrival = -1;
  #originMs = 0;
  #over = false;
  #pending = 0;

  constructor(
    plan: Plan,
    segment: Segment,
    pacer: ArrivalPacer,
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
    this.#arrivals = pacer.arrivals();
    this.#segment = segment;
    this.#context = context;
    this.#scheduler = scheduler;
    this.#gate = gate;
  }

  get drained(): boolean {
    return this.#over && this.#pending === 0 && this.#free.length === this.#all.length;
  }

  start(originMs: number): void {
    this.#originMs = originMs;
    this.#next();
  }

  stop(): void {
    this.#over = true;
    this.#pending = 0;
    this.#scheduler.clear();
    // Arrivals that were waiting to dial were due; users with a stream come back by themselves.
    for (const [user, target] of this.#waiting) {
      this.#context.recorder.targets[target]!.dropped();
      this.#free.push(user);
    }
    this.#waiting.clear();
  }

  close(): void {
    for (const user of this.#all) user.close();
  }

  /**
   * Every worker goes through all arrivals and draws for each of them, so that what is sent does not depend
   * on how many workers there are; it takes those of its own segment.
   */
  #next(): void {
    for (;;) {
      const next = this.#arrivals.next();
      if (next.done || this.#left <= 0) {
        this.#over = true;
        return;
      }
      this.#arrival++;
      const draw = this.#draw();
      if (this.#arrival % this.#segment.count !== this.#segment.index) continue;
      const dueMs = this.#originMs + next.value;
      this.#pending++;
      this.#scheduler.at(dueMs, () => {
        this.#pending--;
        this.#arrive(draw, dueMs);
        this.#next();
      });
      return;
    }
  }

  #arrive(draw: Draw, dueMs: number): void {
    const user = this.#take();
    if (user === undefined) {
      this.#context.recorder.targets[draw.target]!.dropped();
      return;
    }
    const now = this.#context.clock();
    const atMs = user.mustDial(draw.target) ? this.#gate.reserve(now) : now;
    if (atMs <= now) {
      this.#begin(user, draw, dueMs);
      return;
    }
    this.#waiting.set(user, draw.target);
    this.#scheduler.at(atMs, () => {
      this.#waiting.delete(user);
      this.#begin(user, draw, dueMs);
    });
  }

  #begin(user: VirtualUser, { target, prompt }: Draw, dueMs: number): void {
    const over = this.#context.clock() - this.#originMs >= this.#pacer.durationMs;
    if (over || this.#left <= 0) {
      if (over) this.#context.recorder.targets[target]!.dropped();
      this.#free.push(user);
      return;
    }
    this.#left--;
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
