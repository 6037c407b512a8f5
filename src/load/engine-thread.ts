import { Worker as Thread } from 'node:worker_threads';
import { heapLimits } from '../machine/heap.ts';
import { heapLimitMiB } from './heap-limit.ts';
import type { Command, WorkerEvent } from './messages.ts';
import type { WorkerPlan } from './plan.ts';

/** How long a thread may take to load. */
const READY_MS = 20_000;

/** What is heard of a thread. */
export interface ThreadEvents {
  event(event: WorkerEvent): void;
  /** The thread died without a request to end. Called at most once. */
  died(error: Error): void;
}

/** One thread, from its start to its end. */
export class EngineThread {
  readonly #thread: Thread;
  readonly #events: ThreadEvents;
  readonly #ready = Promise.withResolvers<void>();
  readonly #loading: NodeJS.Timeout;
  #over = false;

  /** @param entry the file that it runs */
  constructor(entry: URL, workerData: WorkerPlan, events: ThreadEvents) {
    const { plan, segment } = workerData;
    const resourceLimits = heapLimits(heapLimitMiB(plan.scenario, segment.count));
    this.#events = events;
    // Without a waiter the rejection must not count as unhandled: `died` reports the death as well.
    this.#ready.promise.catch(() => {});
    this.#thread = new Thread(entry, { workerData, resourceLimits });
    this.#loading = setTimeout(() => {
      this.#die(new Error(`not ready after ${READY_MS / 1000} s`));
      void this.#thread.terminate();
    }, READY_MS);
    this.#thread.on('message', (event: WorkerEvent) => this.#hear(event));
    this.#thread.on('error', (error) => this.#die(error instanceof Error ? error : new Error(String(error))));
    this.#thread.on('exit', (code) => this.#die(new Error(`the thread ended with code ${code}`)));
  }

  /** Resolves when the thread can take the command to start. Rejects if it dies before that. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  post(command: Command): void {
    this.#thread.postMessage(command);
  }

  /** Ends it, now. Nothing is heard of it any more. */
  async terminate(): Promise<void> {
    this.#over = true;
    clearTimeout(this.#loading);
    await this.#thread.terminate();
  }

  #hear(event: WorkerEvent): void {
    if (this.#over) return;
    if (event.type !== 'ready') {
      this.#events.event(event);
      return;
    }
    clearTimeout(this.#loading);
    this.#ready.resolve();
  }

  #die(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#loading);
    this.#ready.reject(error);
    this.#events.died(error);
  }
}
