import type { Socket } from 'node:net';
import type { DelayCounters } from './added-delay.ts';
import type { DelayLine } from './delay-line.ts';
import { reset } from './reset.ts';

/** What is on its way: bytes, or how the sender's side of the connection ended. */
type Cargo =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly readMs: number; readonly dueMs: number }
  | { readonly kind: 'fin' | 'reset'; readonly dueMs: number };

export interface PipeOptions {
  readonly from: Socket;
  readonly to: Socket;
  readonly line: DelayLine;
  /** Bytes on their way at which reading stops until some have arrived. */
  readonly queueBytes: number;
  readonly counters: readonly DelayCounters[];
  /** Monotonic ms. */
  readonly clock: () => number;
}

/** One direction of a relayed connection: holds what it reads until it is due, in order, in bounded memory. */
export class Pipe {
  readonly #options: PipeOptions;
  readonly #cargo: Cargo[] = [];
  #queued = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The receiver's own buffers are full. */
  #blocked = false;
  /** What is read now goes nowhere. */
  #discards = false;

  constructor(options: PipeOptions) {
    this.#options = options;
    options.from.on('data', (bytes: Buffer) => this.#read(bytes));
    options.to.on('drain', () => {
      this.#blocked = false;
      this.#deliver();
    });
  }

  /** Bytes that are held at this moment. */
  get queued(): number {
    return this.#queued;
  }

  /** The sender has ended its side in good order. */
  fin(): void {
    this.#mark('fin', this.#options.clock());
  }

  /**
   * The sender has broken the connection: the receiver learns of it behind the bytes that were sent before.
   * @param nowMs when it broke
   */
  reset(nowMs = this.#options.clock()): void {
    this.#mark('reset', nowMs);
  }

  /** The receiver is gone: nothing more is handed on, and what comes is read only to see the end. */
  discard(): void {
    this.#discards = true;
    this.#cargo.length = 0;
    this.#queued = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#options.from.resume();
  }

  #mark(kind: 'fin' | 'reset', nowMs: number): void {
    if (this.#discards) return;
    for (const { dueMs } of this.#options.line.send(nowMs, 0)) this.#cargo.push({ kind, dueMs });
    this.#expect();
  }

  #read(bytes: Buffer): void {
    if (this.#discards) return;
    const { clock, line, queueBytes, from } = this.#options;
    const readMs = clock();
    let start = 0;
    for (const { length, dueMs } of line.send(readMs, bytes.length)) {
      this.#cargo.push({ kind: 'bytes', bytes: bytes.subarray(start, start + length), readMs, dueMs });
      start += length;
    }
    this.#queued += bytes.length;
    if (this.#queued >= queueBytes) from.pause();
    this.#expect();
  }

  /** Something was put behind all that is on its way: where that is waited for, it is waited for already. */
  #expect(): void {
    if (this.#timer === undefined) this.#deliver();
  }

  /** Hands on what is due, and comes again when the next is. */
  #deliver(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { clock, from, queueBytes } = this.#options;
    let next = this.#cargo[0];
    let now = clock();
    while (next !== undefined && next.dueMs <= now && !this.#blocked) {
      this.#cargo.shift();
      this.#handOn(next, now);
      next = this.#cargo[0];
      now = clock();
    }
    if (this.#discards) return;
    if (this.#queued < queueBytes && from.isPaused()) from.resume();
    // Timers have whole milliseconds and may come early: never less than asked, so it is looked at again.
    if (next !== undefined && !this.#blocked) {
      this.#timer = setTimeout(() => this.#deliver(), Math.max(1, Math.ceil(next.dueMs - now)));
    }
  }

  #handOn(cargo: Cargo, nowMs: number): void {
    const { to, counters } = this.#options;
    switch (cargo.kind) {
      case 'bytes':
        this.#queued -= cargo.bytes.length;
        for (const counter of counters) counter.add(nowMs - cargo.readMs, cargo.bytes.length);
        this.#blocked = !to.write(cargo.bytes);
        return;
      case 'fin':
        to.end();
        return;
      case 'reset':
        reset(to);
        return;
    }
  }
}
