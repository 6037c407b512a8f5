import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ERRORS, type ErrorCode, messageOf, SoakError } from '../core/errors.ts';
import { heapLimits, sharedHeapCell } from '../machine/heap.ts';
import type { RunChange } from './change.ts';
import { DATABASE, type DataFolder, FolderLock, makeFolder } from './folder.ts';
import type { WindowQuery } from './kept-window.ts';
import type { HistoryCommand, HistoryEvent, HistoryThreadData, ReadName } from './messages.ts';
import type { HistoryReader, KeptRun, KeptRunDetail, RunQuery, WindowPage } from './reader.ts';
import type { RunSource, RunWrite } from './records.ts';
import type { Retention } from './retention.ts';

/** A thread that answers nothing for this long does not write, ms: an attempt that waits for a lock takes 6 s at most. */
const MAX_SILENCE_MS = 7000;
/** Heap of the thread, MiB: it holds what waits for the disk, bounded, and one page of windows. Measured: 20 MiB. */
const HEAP_MIB = 512;
/** Longest wait for the last write when the history is closed, ms: containers get 15 s to end, streams 8 of them. */
const MAX_CLOSE_MS = 5000;

export interface HistoryLog {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
  error(facts: object, text: string): void;
}

export interface HistoryOptions {
  readonly folder: DataFolder;
  readonly source: RunSource;
  readonly retention: Retention;
  readonly log: HistoryLog;
  /** File that the thread runs. */
  readonly entry?: URL;
  /** Heap of the thread, MiB. */
  readonly heapMiB?: number;
}

type Awaited_<K extends ReadName> = ReturnType<HistoryReader[K]>;

/**
 * The history of runs: SQLite in a thread of its own. Its failures are counted and logged once; they never end a run, and
 * no call waits for the disk.
 */
export class History {
  readonly path: string;
  readonly lock: FolderLock;
  readonly #log: HistoryLog;
  readonly #worker: Worker;
  readonly #heap: Float64Array;
  readonly #requests = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 0;
  #posted = 0;
  #written = 0;
  #failures = 0;
  #sizeBytes = 0;
  /** Message of the last failure, until a write succeeds. */
  #failing: string | undefined;
  /** Since when records wait for an answer of the thread, ms of `performance.now()`. */
  #waitingSince: number | undefined;
  #waiting: { readonly seq: number; readonly done: () => void }[] = [];
  /** Runs whose thinning was logged. */
  readonly #thinned = new Set<string>();
  #closed = false;
  /** Whether the thread has ended by itself: nothing is written any more. */
  #isDead = false;
  /** Whether the end of the thread was logged. */
  #isReported = false;
  /** Whether the lock was released. */
  #isReleased = false;
  #isReady = false;
  readonly #ready = Promise.withResolvers<void>();

  private constructor(
    lock: FolderLock,
    worker: Worker,
    { path, heap }: Pick<HistoryThreadData, 'path' | 'heap'>,
    log: HistoryLog,
  ) {
    this.path = path;
    this.lock = lock;
    this.#log = log;
    this.#worker = worker;
    this.#heap = heap;
    worker.on('message', (event: HistoryEvent) => this.#hear(event));
    worker.on('error', (error) => this.#died(error));
    worker.on('exit', () => this.#died(new Error('the thread of the history has ended')));
  }

  /**
   * Opens the history of a folder.
   * @throws SoakError HISTORY_UNUSABLE, HISTORY_IN_USE
   */
  static async open({
    folder,
    source,
    retention,
    log,
    entry = entryBeside(),
    heapMiB = HEAP_MIB,
  }: HistoryOptions): Promise<History> {
    makeFolder(folder);
    const lock = source === 'serve' ? FolderLock.serve(folder.path) : FolderLock.run(folder.path);
    const path = join(folder.path, DATABASE);
    const data: HistoryThreadData = { path, retention, heap: sharedHeapCell() };
    const worker = new Worker(entry, {
      workerData: data,
      name: 'history',
      resourceLimits: heapLimits(heapMiB),
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const history = new History(lock, worker, data, log);
    try {
      await history.#ready.promise;
    } catch (error) {
      lock.release();
      throw asUnusable(error, path);
    }
    return history;
  }

  /** Number of the last record. */
  get posted(): number {
    return this.#posted;
  }

  /** Number up to which records are written. */
  get writtenTo(): number {
    return this.#written;
  }

  /** Failed writes so far. */
  get failures(): number {
    return this.#failures;
  }

  /** Size of the database on disk, bytes. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Used heap of the thread, bytes; `undefined` once it has ended. */
  get heapBytes(): number | undefined {
    return this.#closed ? undefined : this.#heap[0] || undefined;
  }

  /** Why records cannot be written now; `undefined`: they can. */
  get failing(): string | undefined {
    return this.#failing ?? this.#silence;
  }

  /** A disk that does not answer reports no failure. */
  get #silence(): string | undefined {
    const isSilent =
      this.#waitingSince !== undefined && performance.now() - this.#waitingSince > MAX_SILENCE_MS;
    return isSilent ? `the disk has not answered for ${MAX_SILENCE_MS / 1000} s` : undefined;
  }

  /** Writes records of a run. @returns their number, for {@link written} */
  write(write: RunWrite): number {
    return this.#post({ type: 'write', seq: this.#posted + 1, write });
  }

  /** Writes a part of the state of the service. */
  putService(key: string, value: Uint8Array): number {
    return this.#post({ type: 'service', seq: this.#posted + 1, key, value });
  }

  /** Continues a run that another process began: closes its open windows. */
  adopt(run: string): void {
    this.#adopt(run, this.lock.name);
  }

  /** Closes the open windows of a run of a process that has ended. */
  closeWindows(run: string): void {
    this.#adopt(run, undefined);
  }

  #adopt(run: string, owner: string | undefined): void {
    if (!this.#closed) this.#worker.postMessage({ type: 'adopt', run, owner } satisfies HistoryCommand);
  }

  /** Resolves when the records up to a number are written, or when nothing is written any more. */
  written(seq: number): Promise<void> {
    if (seq <= this.#written || this.#closed) return Promise.resolve();
    return new Promise((done) => this.#waiting.push({ seq, done }));
  }

  /** Reads in the thread of the history. @throws SoakError RUN_UNKNOWN, HISTORY_UNUSABLE */
  read<K extends ReadName>(name: K, ...args: Parameters<HistoryReader[K]>): Promise<Awaited_<K>> {
    return this.#request((request) => ({ type: 'read', request, name, args })) as Promise<Awaited_<K>>;
  }

  /** Returns runs, the newest first. @throws SoakError RUN_UNKNOWN (`before`), HISTORY_UNUSABLE */
  async list(query: RunQuery): Promise<KeptRun[]> {
    return this.read('list', query);
  }

  /** Returns the id of a run, as {@link HistoryReader.resolve} does. */
  async resolve(ref: string): Promise<string> {
    return this.read('resolve', ref);
  }

  /** Returns a run with its events and failures. @throws SoakError RUN_UNKNOWN, HISTORY_UNUSABLE */
  async show(ref: string): Promise<KeptRunDetail> {
    return this.read('show', ref);
  }

  /** Returns what was counted in windows of a run. @throws SoakError RUN_UNKNOWN, HISTORY_UNUSABLE */
  async windows(ref: string, query: WindowQuery): Promise<WindowPage> {
    return this.read('windowRows', ref, query);
  }

  /** Deletes or pins a run. @throws SoakError RUN_UNKNOWN, RUN_ACTIVE, HISTORY_UNUSABLE */
  change(change: RunChange): Promise<KeptRun> {
    return this.#request((request) => ({ type: 'change', request, change })) as Promise<KeptRun>;
  }

  /** Writes what waits, as far as it can be written, and ends the thread. */
  async close(): Promise<void> {
    if (this.#isDead && !this.#isReleased) this.#release();
    if (this.#closed) return;
    const ended = new Promise((done) => this.#worker.once('exit', done));
    const answered = this.#request((request) => ({ type: 'close', request })).catch(() => {});
    this.#closed = true;
    // A disk that does not answer must not keep soakd from its end.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((done) => {
      timer = setTimeout(done, MAX_CLOSE_MS);
    });
    await Promise.race([answered, ended, late]);
    await Promise.race([this.#worker.terminate(), late]);
    clearTimeout(timer);
    this.#release();
  }

  #release(): void {
    this.#isReleased = true;
    this.lock.release();
  }

  #post(command: Extract<HistoryCommand, { readonly seq: number }>): number {
    // Each record that cannot be written counts, so that SoakHistoryFailing sees more than one failure.
    const why = this.#isDead ? this.#failing : this.#silence;
    if (why !== undefined) this.#failed(why);
    if (this.#closed) return this.#posted;
    this.#posted = command.seq;
    this.#waitingSince ??= performance.now();
    this.#worker.postMessage(command);
    return command.seq;
  }

  #request(made: (request: number) => HistoryCommand): Promise<unknown> {
    if (this.#closed) {
      const why = this.#isDead ? `the history cannot be read: ${this.#failing}` : 'the history is closed';
      return Promise.reject(new SoakError('HISTORY_UNUSABLE', why));
    }
    const request = ++this.#next;
    const answer = Promise.withResolvers<unknown>();
    this.#requests.set(request, answer);
    this.#worker.postMessage(made(request));
    return answer.promise;
  }

  #hear(event: HistoryEvent): void {
    switch (event.type) {
      case 'written':
        this.#sizeBytes = event.sizeBytes;
        this.#written = event.seq;
        this.#waitingSince = this.#written < this.#posted ? performance.now() : undefined;
        if (this.#failing !== undefined) this.#log.info({ path: this.path }, 'history can be written again');
        this.#failing = undefined;
        for (const { done } of this.#waiting.filter((w) => w.seq <= event.seq)) done();
        this.#waiting = this.#waiting.filter((w) => w.seq > event.seq);
        break;
      case 'failed':
        if (this.#waitingSince !== undefined) this.#waitingSince = performance.now();
        this.#failed(event.message);
        break;
      case 'replaced':
        this.#failures++;
        this.#log.error(
          { path: this.path },
          'another program removed the history; soakd keeps a new history from now on',
        );
        break;
      case 'pruned':
        this.#log.info({ runs: event.runs }, 'deleted old runs from the history');
        break;
      case 'thinned':
        if (this.#thinned.has(event.run)) break;
        this.#thinned.add(event.run);
        this.#log.warn(
          { path: this.path, run: event.run },
          'history above history.maxSize; deleting the oldest 10 s windows of a run, longer windows stay',
        );
        break;
      case 'answer': {
        const answer = this.#requests.get(event.request);
        this.#requests.delete(event.request);
        if ('value' in event.answer) answer?.resolve(event.answer.value);
        else {
          const { code, message } = event.answer;
          const known = code !== null && Object.hasOwn(ERRORS, code);
          answer?.reject(new SoakError(known ? (code as ErrorCode) : 'HISTORY_UNUSABLE', message));
        }
        break;
      }
      case 'ready':
        this.#isReady = true;
        this.#ready.resolve();
        break;
    }
  }

  #failed(message: string): void {
    this.#failures++;
    if (this.#failing === undefined || (this.#isDead && !this.#isReported)) {
      const then = this.#isDead
        ? 'history thread ended; the run continues, and nothing more is kept until soakd restarts'
        : 'history cannot be written; the run continues, and soakd tries again every second';
      this.#log.error({ path: this.path, err: message }, then);
    }
    this.#isReported = this.#isDead;
    this.#failing = message;
  }

  #died(error: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ready.reject(error);
    if (!this.#isReady) return;
    this.#isDead = true;
    const message = messageOf(error);
    this.#failed(message);
    for (const answer of this.#requests.values())
      answer.reject(new SoakError('HISTORY_UNUSABLE', `the history cannot be read: ${message}`));
    this.#requests.clear();
    for (const { done } of this.#waiting.splice(0)) done();
  }
}

function asUnusable(error: unknown, path: string): SoakError {
  // An error loses its class on the way from the thread.
  const { code, message } = error as { code?: string; message: string };
  if (code === 'HISTORY_UNUSABLE') return new SoakError('HISTORY_UNUSABLE', message, [], error);
  return new SoakError(
    'HISTORY_UNUSABLE',
    `${path} cannot be opened: ${messageOf(error)}; give another folder with --data, or keep nothing with --data none`,
    [],
    error,
  );
}

/** The entry beside this file: TypeScript in a checkout, JavaScript once built. */
function entryBeside(): URL {
  return new URL(
    import.meta.url.endsWith('.ts') ? './thread-entry.ts' : './thread-entry.js',
    import.meta.url,
  );
}
