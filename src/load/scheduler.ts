import TinyQueue from 'tinyqueue';

/** Calls things when they are due, the earliest first. One timer for all of them. */
export class Scheduler {
  readonly #queue = new TinyQueue<{ dueMs: number; run: () => void }>([], (a, b) => a.dueMs - b.dueMs);
  readonly #clock: () => number;
  readonly #before: () => void;
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Number.POSITIVE_INFINITY;

  /**
   * @param clock monotonic ms
   * @param before called before things that are due; may move them
   */
  constructor(clock: () => number, before: () => void = () => {}) {
    this.#clock = clock;
    this.#before = before;
  }

  get size(): number {
    return this.#queue.length;
  }

  at(dueMs: number, run: () => void): void {
    this.#queue.push({ dueMs, run });
    if (dueMs < this.#timerMs) this.#arm(dueMs);
  }

  /** Forgets everything that is due. */
  clear(): void {
    while (this.#queue.pop() !== undefined);
    clearTimeout(this.#timer);
    this.#timerMs = Number.POSITIVE_INFINITY;
  }

  #arm(dueMs: number): void {
    clearTimeout(this.#timer);
    this.#timerMs = dueMs;
    // A longer wait than this overflows; the queue is looked at again then.
    const wait = Math.min(Math.max(0, Math.ceil(dueMs - this.#clock())), 0x7fff_ffff);
    this.#timer = setTimeout(() => this.#run(), wait);
  }

  #run(): void {
    this.#timerMs = Number.POSITIVE_INFINITY;
    this.#before();
    let next = this.#queue.peek();
    while (next !== undefined && next.dueMs <= this.#clock()) {
      this.#queue.pop();
      next.run();
      next = this.#queue.peek();
    }
    if (next !== undefined && next.dueMs < this.#timerMs) this.#arm(next.dueMs);
  }
}
