import { type StreamLayout, StreamView } from '../catalog/slots.ts';
import { monotonicMs } from '../core/clock.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import { USERS_PER_WORKER } from '../core/generator.ts';
import { bySilence, type OpenStream, type OpenStreamQuery } from '../core/open-stream.ts';
import { addValues } from '../core/snapshot.ts';
import type { LearnedEnd } from '../formats/classifier.ts';
import { hasSettled } from '../machine/collections.ts';
import { piecesOf } from '../shapes/list.ts';
import type { Piece } from '../shapes/piece.ts';
import { type CanaryServer, startCanaryServer } from './canary/server.ts';
import { type Continuation, countLost, type EngineProgress, type SegmentProgress } from './continuation.ts';
import type { AfterDeath, EngineEvents } from './engine-events.ts';
import { EngineThread } from './engine-thread.ts';
import { allocateLearned, learnedEnd } from './learned.ts';
import type { Command, WorkerEvent } from './messages.ts';
import type { Plan, Segment } from './plan.ts';
import { allocateRecord, copyRecord, type SharedRecord } from './recorder.ts';

/** How long a thread may take to list its open streams, ms. */
const LIST_MS = 1000;
/** Restarts of one segment within {@link RESTARTS_WITHIN_MS}; more deaths than that are a crash loop. */
const MAX_RESTARTS = 3;
const RESTARTS_WITHIN_MS = 60_000;

/** A segment of the run, and the thread that carries it. */
interface Seat {
  readonly segment: Segment;
  /** Streams of earlier processes. */
  readonly earlier: SegmentProgress;
  thread: EngineThread;
  record: SharedRecord;
  /** The last consistent copy of the record. */
  values: Float64Array;
  /** What threads that died here had counted. */
  past: Float64Array;
  /** How many have died here. */
  life: number;
  /** When, monotonic ms: of those within the last minute. */
  deaths: number[];
  /** Whether its thread follows commands; one that is still loading gets them all at once, later. */
  following: boolean;
  drained: boolean;
}

/** Answers that are awaited. */
interface Listing {
  readonly streams: OpenStream[];
  readonly waiting: Set<EngineThread>;
  readonly done: PromiseWithResolvers<void>;
}

/** @returns as many workers as help: one, and more only where one thread could not carry the users */
export function workersFor(wanted: number | 'auto', peakUsers: number, cores: number): number {
  // A worker without users would hold an unused share of a budget.
  if (wanted !== 'auto') return Math.max(1, Math.min(wanted, peakUsers));
  return Math.max(1, Math.min(cores - 1, Math.ceil(peakUsers / USERS_PER_WORKER)));
}

/** The engine threads of one run. A thread that dies is replaced, unless it is in a crash loop. */
export class Engine {
  readonly #plan: Plan;
  readonly #layout: StreamLayout;
  readonly #events: EngineEvents;
  readonly #entry: URL;
  readonly #seats: readonly Seat[];
  readonly #listings = new Map<number, Listing>();
  readonly #tokens = new Map<number, string>();
  readonly #learned: Int32Array;
  #pieces: readonly Piece[];
  /** Time 0 of the plan, once it has begun. */
  #startMs: number | undefined;
  #opened = false;
  #diedEarly: Error | undefined;
  #stopped = false;
  #requests = 0;
  #restarts: number;
  readonly #continued: Continuation | undefined;
  readonly #drained = Promise.withResolvers<void>();

  readonly #canary: CanaryServer | undefined;

  private constructor(
    plan: Plan,
    workers: number,
    layout: StreamLayout,
    events: EngineEvents,
    entry: URL,
    canary: CanaryServer | undefined,
    continued: Continuation | undefined,
  ) {
    this.#continued = continued;
    this.#restarts = continued?.restarts ?? 0;
    this.#canary = canary;
    this.#plan = plan;
    this.#layout = layout;
    this.#events = events;
    this.#entry = entry;
    this.#pieces = continued?.pieces ?? piecesOf(plan.scenario.stages);
    this.#learned = allocateLearned(plan.targets.length);
    this.#learned.set(continued?.learned ?? []);
    this.#seats = Array.from({ length: workers }, (_, index) => {
      const segment = { index, count: workers };
      const past = new Float64Array(layout.size);
      const earlier = continued?.segments[index] ?? { started: 0, dropped: 0 };
      const seat = { segment, earlier, past, life: 0, deaths: [], drained: false };
      return this.#occupy(seat);
    });
  }

  /**
   * Starts the threads; no stream begins before {@link start}.
   * @param continued what earlier processes did of the run; absent: it begins
   * @param entry the file that a thread runs
   * @throws SoakError CANNOT_START when a thread does not start
   */
  static async open(
    plan: Plan,
    workers: number,
    layout: StreamLayout,
    events: EngineEvents,
    { continued, entry = entryBeside() }: { readonly continued?: Continuation; readonly entry?: URL } = {},
  ): Promise<Engine> {
    const canary = await startCanaryServer();
    const engine = new Engine(plan, workers, layout, events, entry, canary, continued);
    try {
      await Promise.all(engine.#seats.map((s) => s.thread.ready));
      // One may have died while the others were loading.
      if (engine.#diedEarly !== undefined) throw engine.#diedEarly;
    } catch (error) {
      await engine.close();
      throw new SoakError('CANNOT_START', `an engine thread did not start: ${messageOf(error)}`, [], error);
    }
    for (const seat of engine.#seats) seat.following = true;
    engine.#opened = true;
    return engine;
  }

  /** Threads that died in this run and were replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Threads that died in this run. */
  get deaths(): number {
    return this.#seats.reduce((sum, { life }) => sum + life, this.#continued?.deaths ?? 0);
  }

  /** What another process needs besides the plan and the values to continue the run. */
  get progress(): EngineProgress {
    return {
      segments: this.#seats.map(({ earlier, past, values }) => {
        const all = [past, values].map((counted) => new StreamView(this.#layout, counted));
        const total = (cell: keyof SegmentProgress): number =>
          all.reduce((sum, view) => sum + view.total(cell), earlier[cell]);
        return { started: total('started'), dropped: total('dropped') };
      }),
      learned: [...this.#learned],
      restarts: this.#restarts,
      deaths: this.deaths,
      lives: this.#earlierLives + 1 + Math.max(...this.#seats.map(({ life }) => life)),
    };
  }

  get #earlierLives(): number {
    return this.#continued?.lives ?? 0;
  }

  /** @returns how the streams of a target end, once that is known. @param target its index */
  learnedEnd(target: number): LearnedEnd['known'] {
    return learnedEnd(this.#learned, target).known;
  }

  /** Threads, also those that are not at work. */
  get size(): number {
    return this.#seats.length;
  }

  /** Used heap of each thread at work, bytes; `undefined` of others, and before its first measurement. */
  get heaps(): (number | undefined)[] {
    return this.#seats.map(({ drained, record }) => (drained ? undefined : record.heap[0] || undefined));
  }

  /** Threads at work. */
  get threads(): number {
    return this.#seats.filter(({ drained, following }) => !drained && following).length;
  }

  /** Whether the heap of every thread has settled; that of a thread that replaces a dead one has to again. */
  get settled(): boolean {
    return this.#seats.every(({ record }) => hasSettled(record.collections));
  }

  /** @param atMs time 0 of the plan, `process.hrtime` in ms */
  start(atMs: number): void {
    this.#startMs = atMs;
    for (const seat of this.#seats) {
      if (seat.drained) continue;
      // The replacement of a thread that died before the start may still be loading: it starts once it is
      // ready.
      if (seat.following && this.#continued === undefined) seat.thread.post({ type: 'start', atMs });
      else {
        seat.following = false;
        void this.#resume(seat, seat.thread);
      }
    }
  }

  /** Follows another plan from now on; streams of unwanted users end, or are cut after the grace period. */
  follow(pieces: readonly Piece[], graceMs: number): void {
    this.#pieces = pieces;
    this.#send({ type: 'follow', pieces, graceMs });
  }

  /**
   * Starts no more; streams open after the grace period are `cancelled`. May be called again with a shorter
   * one.
   */
  stop(graceMs: number): void {
    this.#stopped = true;
    this.#send({ type: 'stop', graceMs });
    // Threads that have not started have no streams to end.
    for (const seat of this.#seats) {
      if (seat.drained || seat.following) continue;
      void seat.thread.terminate();
      this.#leave(seat);
    }
  }

  /** Streams to a target that start from now on send this bearer token. @param target its index */
  renew(target: number, token: string): void {
    this.#tokens.set(target, token);
    this.#send({ type: 'token', target, token });
  }

  /** Resolves when no stream is open and no more will start. */
  get drained(): Promise<void> {
    return this.#drained.promise;
  }

  /** @returns open streams over all threads; a thread that is busy for longer than a second is left out */
  async list(query: OpenStreamQuery): Promise<OpenStream[]> {
    const waiting = new Set(this.#seats.filter((s) => !s.drained && s.following).map((s) => s.thread));
    const request = ++this.#requests;
    const listing: Listing = { streams: [], waiting, done: Promise.withResolvers() };
    this.#listings.set(request, listing);
    const timer = setTimeout(listing.done.resolve, LIST_MS);
    for (const thread of waiting) thread.post({ type: 'list', request, query });
    if (waiting.size > 0) await listing.done.promise;
    clearTimeout(timer);
    this.#listings.delete(request);
    return listing.streams.sort(bySilence).slice(0, query.limit);
  }

  /** @returns the counts of this run so far, over all its threads, including dead ones */
  values(): Float64Array {
    const parts: Float64Array[] = [];
    if (this.#continued !== undefined) parts.push(this.#continued.values);
    for (const seat of this.#seats) {
      if (!seat.drained) copyRecord(this.#layout, seat.record, seat.values);
      parts.push(seat.values);
      if (seat.life > 0) parts.push(seat.past);
    }
    // One thread needs one copy: each array of this size costs a call of the system, and garbage.
    return parts.length === 1
      ? parts[0]!.slice()
      : parts.reduce((sum, part) => addValues(this.#layout, sum, part));
  }

  /** Ends the threads; streams that are still open are not counted. */
  async close(): Promise<void> {
    for (const seat of this.#seats) seat.drained = true;
    await Promise.all([...this.#seats.map((s) => s.thread.terminate()), this.#canary?.close()]);
  }

  #send(command: Command): void {
    for (const seat of this.#seats) if (!seat.drained && seat.following) seat.thread.post(command);
  }

  /** Puts a new thread into a seat, with nothing counted. Does not start it. */
  #occupy(
    seat: Pick<Seat, 'segment' | 'earlier' | 'past' | 'life' | 'deaths' | 'drained'> & Partial<Seat>,
  ): Seat {
    const record = allocateRecord(this.#layout);
    const { segment, life } = seat;
    const thread: EngineThread = new EngineThread(
      this.#entry,
      {
        plan: this.#plan,
        segment,
        record,
        learned: this.#learned,
        life: this.#earlierLives + life,
        canaryPort: this.#canary?.port,
      },
      {
        event: (event) => this.#hear(occupied, thread, event),
        died: (error) => this.#lose(occupied, thread, error),
      },
    );
    const values = new Float64Array(this.#layout.size);
    const occupied = Object.assign(seat, { thread, record, values, following: false });
    return occupied;
  }

  #hear(seat: Seat, thread: EngineThread, event: WorkerEvent): void {
    if (event.type === 'failures') this.#events.failures(event.results, event.omitted);
    else if (event.type === 'refused') this.#events.refused(event.detail);
    else if (event.type === 'frozen') this.#events.frozen(seat.segment.index, event.freeze);
    else if (event.type === 'listed') this.#listed(event.request, thread, event.streams);
    else if (event.type === 'drained' && !seat.drained) {
      copyRecord(this.#layout, seat.record, seat.values);
      this.#leave(seat);
    }
  }

  #listed(request: number, thread: EngineThread, streams: readonly OpenStream[]): void {
    const listing = this.#listings.get(request);
    if (listing === undefined || !listing.waiting.delete(thread)) return;
    listing.streams.push(...streams);
    if (listing.waiting.size === 0) listing.done.resolve();
  }

  #lose(seat: Seat, thread: EngineThread, error: Error): void {
    if (!this.#opened) {
      this.#diedEarly ??= error;
      return;
    }
    for (const request of this.#listings.keys()) this.#listed(request, thread, []);
    if (seat.drained) return;
    this.#salvage(seat);
    seat.life++;
    const then = this.#afterDeath(seat);
    // The state is settled first: the listener of `lost` reads the values, and may stop the engine.
    if (then === 'replaced') {
      this.#restarts++;
      this.#occupy(seat);
      if (this.#startMs !== undefined) void this.#resume(seat, seat.thread);
    } else this.#leave(seat);
    this.#events.lost(error, then);
  }

  #afterDeath(seat: Seat): AfterDeath {
    const nowMs = monotonicMs();
    const endMs = (this.#startMs ?? nowMs) + (this.#pieces.at(-1)?.toMs ?? 0);
    if (this.#stopped || nowMs >= endMs) return 'not-needed';
    seat.deaths = [...seat.deaths.filter((at) => at > nowMs - RESTARTS_WITHIN_MS), nowMs];
    return seat.deaths.length > MAX_RESTARTS ? 'given-up' : 'replaced';
  }

  /** Brings a new thread to where the dead one was, once it is ready. */
  async #resume(seat: Seat, thread: EngineThread): Promise<void> {
    try {
      await thread.ready;
    } catch {
      // The event `died` reports its death.
      return;
    }
    if (seat.drained || seat.thread !== thread) return;
    seat.following = true;
    for (const [target, token] of this.#tokens) thread.post({ type: 'token', target, token });
    const past = new StreamView(this.#layout, seat.past);
    const takeOver = {
      pieces: this.#pieces,
      started: seat.earlier.started + past.total('started'),
      dropped: seat.earlier.dropped + past.total('dropped'),
      // Without deaths of its own it has died before the start of the plan, or with an earlier process.
      diedMs: Math.max(this.#continued?.endedMs ?? 0, (seat.deaths.at(-1) ?? 0) - this.#startMs!),
    };
    thread.post({ type: 'start', atMs: this.#startMs!, takeOver });
  }

  /** Keeps the counts of a dead thread; its open streams count as lost. */
  #salvage(seat: Seat): void {
    const { record, values } = seat;
    values.set(record.values);
    countLost(this.#layout, values);
    seat.past = addValues(this.#layout, seat.past, values);
    seat.values = new Float64Array(this.#layout.size);
  }

  #leave(seat: Seat): void {
    seat.drained = true;
    if (this.#seats.every((s) => s.drained)) this.#drained.resolve();
  }
}

/** The entry beside this file: TypeScript in a checkout, JavaScript once built. */
function entryBeside(): URL {
  return new URL(
    import.meta.url.endsWith('.ts') ? './worker-entry.ts' : './worker-entry.js',
    import.meta.url,
  );
}
