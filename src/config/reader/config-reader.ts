import { extname } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { ERRORS, type ErrorCode, messageOf, SoakError } from '../../core/errors.ts';
import type { Config } from '../../core/scenario.ts';
import { heapLimits } from '../../machine/heap.ts';
import { ArrivingConfig } from './arriving-config.ts';
import type { ReadConfig, ReaderCommand, ReaderEvent } from './messages.ts';

/** Heap of the thread, MiB. Measured: 256 are enough for the largest file and 64 MiB of prompts. */
const HEAP_MIB = 1024;
/** A thread without work ends after this time, ms: reloads often come several at a time. */
const IDLE_MS = 30_000;
/** Longest read, ms: a network file system that does not answer must not keep later reloads waiting. */
const READ_MS = 60_000;

/** The same file extension as this file's: `.ts` in a checkout, `.js` after a build. */
const ENTRY = new URL(`./entry${extname(new URL(import.meta.url).pathname)}`, import.meta.url);

/** For tests. */
export interface ReaderOptions {
  readonly heapMiB?: number;
  readonly idleMs?: number;
  readonly readMs?: number;
}

/**
 * Reads a configuration file in a thread of its own, since to parse and check a large one takes seconds. The thread starts with
 * the first read and ends when it has no work.
 */
export class ConfigReader {
  readonly #file: string;
  readonly #options: Required<ReaderOptions>;
  #thread: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #reading:
    | { readonly arriving: ArrivingConfig; readonly done: PromiseWithResolvers<ReadConfig> }
    | undefined;
  #isClosed = false;

  /** @param file as the user named it */
  constructor(file: string, { heapMiB = HEAP_MIB, idleMs = IDLE_MS, readMs = READ_MS }: ReaderOptions = {}) {
    this.#file = file;
    this.#options = { heapMiB, idleMs, readMs };
  }

  /** The file as the user named it. */
  get file(): string {
    return this.#file;
  }

  /** Whether the thread is there. */
  get isStarted(): boolean {
    return this.#thread !== undefined;
  }

  /**
   * Reads and checks the file, and the secrets that it names. One call at a time.
   * @param known an earlier configuration: a target that has the same prompts keeps the list
   * @throws SoakError CONFIG_INVALID, CONFIG_UNREADABLE, SECRET_MISSING, TARGET_NOT_ALLOWED; CANNOT_START once closed
   */
  async read(known: Config): Promise<ReadConfig> {
    if (this.#isClosed) throw closed();
    if (this.#reading !== undefined) throw new TypeError('a configuration is being read');
    clearTimeout(this.#idle);
    const done = Promise.withResolvers<ReadConfig>();
    this.#reading = { arriving: new ArrivingConfig(known), done };
    const { readMs, idleMs } = this.#options;
    const late = setTimeout(() => this.#gone(unreadable(`was not read after ${readMs / 1000} s`)), readMs);
    try {
      this.#thread ??= this.#start();
      this.#thread.ref();
      this.#post({ type: 'read', file: this.#file });
      return await done.promise;
    } finally {
      clearTimeout(late);
      this.#reading = undefined;
      this.#thread?.unref();
      this.#idle = setTimeout(() => this.#end(), idleMs).unref();
    }
  }

  /** Ends the thread; a read that is not done is rejected. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    this.#gone(closed());
  }

  #start(): Worker {
    const { heapMiB } = this.#options;
    const thread = new Worker(ENTRY, {
      name: 'config-reader',
      env: SHARE_ENV,
      resourceLimits: heapLimits(heapMiB),
    });
    thread.on('message', (event: ReaderEvent) => {
      if (this.#thread === thread) this.#hear(event);
    });
    thread.on('error', (error) => {
      if (this.#thread !== thread) return;
      const isMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
      const why = isMemory
        ? `needs more than ${heapMiB} MiB of memory to be read`
        : `cannot be read: ${messageOf(error)}`;
      this.#gone(unreadable(why));
    });
    thread.on('exit', () => {
      if (this.#thread === thread) this.#gone(unreadable('cannot be read: its thread has ended'));
    });
    return thread;
  }

  #post(command: ReaderCommand): void {
    this.#thread?.postMessage(command);
  }

  #hear(event: ReaderEvent): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    const { arriving, done } = reading;
    if (event.type === 'failed') {
      const { code, message, details } = event;
      const known = code !== null && Object.hasOwn(ERRORS, code);
      done.reject(new SoakError(known ? (code as ErrorCode) : 'INTERNAL', message, details));
      return;
    }
    const whole = arriving.add(event);
    // Each slice in a turn of its own: many messages that wait are taken in one.
    this.#post({ type: 'more' });
    if (whole !== undefined) done.resolve(whole);
  }

  /** The thread is of no use any more. */
  #gone(error: SoakError): void {
    this.#end();
    this.#reading?.done.reject(error);
  }

  #end(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    void thread?.terminate();
  }
}

function unreadable(why: string): SoakError {
  return new SoakError('CONFIG_UNREADABLE', `the configuration ${why}`);
}

function closed(): SoakError {
  return new SoakError('CANNOT_START', 'soakd is shutting down');
}
