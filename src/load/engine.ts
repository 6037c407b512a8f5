import { Worker as Thread } from 'node:worker_threads';
import { PHASES, type StreamLayout } from '../catalog/slots.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import { bySilence, type OpenStream, type OpenStreamQuery } from '../core/open-stream.ts';
import { OUTCOMES } from '../core/outcome.ts';
import { addValues } from '../core/snapshot.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { Command, WorkerEvent } from './messages.ts';
import type { Plan, WorkerPlan } from './plan.ts';
import { allocateRecord, copyRecord, type SharedRecord } from './recorder.ts';
import type { Piece } from './shape.ts';

/** Users above which a further worker is worth its CPU (see the measurements in docs/architecture.md). */
const USERS_PER_WORKER = 4000;
/** How long a thread may take to tell of its open streams. */
const LIST_MS = 1000;
/** How long the threads may take to load. */
const READY_MS = 20_000;

/** What main wants to know while streams run. */
export interface EngineEvents {
  failures(results: readonly StreamResult[], omitted: number): void;
  /** A name points outside the allowlist now. */
  refused(detail: string): void;
  /** A thread died; its open streams are counted as `generator_lost`. */
  lost(error: Error): void;
}

interface Member {
  readonly thread: Thread;
  readonly record: SharedRecord;
  /** The last consistent copy. */
  readonly values: Float64Array;
  drained: boolean;
}

/** Answers that are awaited. */
interface Listing {
  readonly streams: OpenStream[];
  left: number;
  readonly done: PromiseWithResolvers<void>;
}

/** @returns as many workers as help: one, and more only where one thread could not carry the users */
export function workersFor(wanted: number | 'auto', peakUsers: number, cores: number): number {
  // One without a user would hold a share of a budget that nobody uses.
  if (wanted !== 'auto') return Math.max(1, Math.min(wanted, peakUsers));
  return Math.max(1, Math.min(cores - 1, Math.ceil(peakUsers / USERS_PER_WORKER)));
}

/** The engine threads of one run. */
export class Engine {
  readonly #layout: StreamLayout;
  readonly #events: EngineEvents;
  readonly #members: Member[];
  readonly #listings = new Map<number, Listing>();
  #requests = 0;
  readonly #drained = Promise.withResolvers<void>();

  private constructor(layout: StreamLayout, members: Member[], events: EngineEvents) {
    this.#layout = layout;
    this.#members = members;
    this.#events = events;
    for (const member of members) this.#listen(member);
  }

  /**
   * Starts the threads; no stream begins before {@link start}.
   * @throws SoakError CANNOT_START when a thread does not come up
   */
  static async open(
    plan: Plan,
    workers: number,
    layout: StreamLayout,
    events: EngineEvents,
  ): Promise<Engine> {
    const members = Array.from({ length: workers }, (_, index): Member => {
      const record = allocateRecord(layout);
      const workerData: WorkerPlan = { plan, segment: { index, count: workers }, record };
      return {
        thread: new Thread(entry(), { workerData }),
        record,
        values: new Float64Array(layout.size),
        drained: false,
      };
    });
    try {
      await Promise.all(members.map((m) => ready(m.thread)));
    } catch (error) {
      await Promise.all(members.map((m) => m.thread.terminate()));
      throw new SoakError('CANNOT_START', `an engine thread did not start: ${messageOf(error)}`, [], error);
    }
    return new Engine(layout, members, events);
  }

  /** @param atMs time 0 of the plan, `process.hrtime` in ms */
  start(atMs: number): void {
    this.#send({ type: 'start', atMs });
  }

  /** Follows another plan from now on; streams of users whom it does not want end, or are cut after the grace. */
  follow(pieces: readonly Piece[], graceMs: number): void {
    this.#send({ type: 'follow', pieces, graceMs });
  }

  /** No new starts; what is open after the grace period is `cancelled`. May be called again with less. */
  stop(graceMs: number): void {
    this.#send({ type: 'stop', graceMs });
  }

  /** Streams to a target that start from now on send this bearer token. @param target its index */
  renew(target: number, token: string): void {
    this.#send({ type: 'token', target, token });
  }

  /** Resolves when no stream is open and none will be started. */
  get drained(): Promise<void> {
    return this.#drained.promise;
  }

  /** @returns open streams over all threads; a thread that is busy for longer than a second is left out */
  async list(query: OpenStreamQuery): Promise<OpenStream[]> {
    const asked = this.#members.filter((m) => !m.drained);
    const request = ++this.#requests;
    const listing: Listing = { streams: [], left: asked.length, done: Promise.withResolvers() };
    this.#listings.set(request, listing);
    for (const { thread } of asked) thread.postMessage({ type: 'list', request, query } satisfies Command);
    const timer = setTimeout(listing.done.resolve, LIST_MS);
    if (asked.length > 0) await listing.done.promise;
    clearTimeout(timer);
    this.#listings.delete(request);
    return listing.streams.sort(bySilence).slice(0, query.limit);
  }

  /** @returns what was counted in this run by now, over all its threads */
  values(): Float64Array {
    let sum: Float64Array = new Float64Array(this.#layout.size);
    for (const member of this.#members) {
      if (!member.drained) copyRecord(this.#layout, member.record, member.values);
      sum = addValues(this.#layout, sum, member.values);
    }
    return sum;
  }

  /** Ends the threads; what is open then is no longer counted. */
  async close(): Promise<void> {
    for (const member of this.#members) member.drained = true;
    await Promise.all(this.#members.map((m) => m.thread.terminate()));
  }

  #send(command: Command): void {
    for (const member of this.#members) if (!member.drained) member.thread.postMessage(command);
  }

  #listen(member: Member): void {
    member.thread.on('message', (event: WorkerEvent) => {
      if (event.type === 'failures') this.#events.failures(event.results, event.omitted);
      else if (event.type === 'refused') this.#events.refused(event.detail);
      else if (event.type === 'listed') this.#listed(event.request, event.streams);
      else if (event.type === 'drained') {
        copyRecord(this.#layout, member.record, member.values);
        this.#leave(member);
      }
    });
    member.thread.on('error', (error) => {
      this.#lose(member, error instanceof Error ? error : new Error(String(error)));
    });
    member.thread.on('exit', (code) => this.#lose(member, new Error(`the thread ended with code ${code}`)));
  }

  #listed(request: number, streams: readonly OpenStream[]): void {
    const listing = this.#listings.get(request);
    if (listing === undefined) return;
    listing.streams.push(...streams);
    if (--listing.left === 0) listing.done.resolve();
  }

  #lose(member: Member, error: Error): void {
    if (member.drained) return;
    this.#salvage(member);
    // First it leaves: whoever is told of the loss looks at the values, and a dead record is not read again.
    this.#leave(member);
    this.#events.lost(error);
  }

  /** What a dead thread had counted stays counted; what it had open is lost. */
  #salvage({ record, values }: Member): void {
    values.set(record.values);
    for (const { cell } of this.#layout.slots) {
      for (const phase of PHASES) values[cell[`active:${phase}`]] = 0;
      values[cell.stalled] = 0;
      values[cell.silence] = 0;
      // From what was started and not from what was open: it may have died between the two counts.
      const ended = OUTCOMES.reduce((sum, o) => sum + values[cell[`finished:${o}`]]!, 0);
      values[cell['finished:generator_lost']]! += values[cell.started]! - ended;
    }
  }

  #leave(member: Member): void {
    member.drained = true;
    if (this.#members.every((m) => m.drained)) this.#drained.resolve();
  }
}

/** The entry beside this file: TypeScript in a checkout, JavaScript once built. */
function entry(): URL {
  return new URL(
    import.meta.url.endsWith('.ts') ? './worker-entry.ts' : './worker-entry.js',
    import.meta.url,
  );
}

function ready(thread: Thread): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`not ready after ${READY_MS / 1000} s`)), READY_MS);
  const onMessage = (event: WorkerEvent): void => {
    if (event.type === 'ready') resolve();
  };
  thread.on('message', onMessage);
  thread.on('error', reject);
  thread.once('exit', () => reject(new Error('the thread ended')));
  return promise.finally(() => {
    clearTimeout(timer);
    thread.off('message', onMessage);
    // The one for errors stays: without a listener an error between here and the run would end the process.
  });
}
