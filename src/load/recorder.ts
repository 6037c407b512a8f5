import type { Phase, StreamLayout } from '../catalog/slots.ts';
import { type Cell, codeOf } from '../catalog/slots.ts';
import type { FinishReason } from '../core/finish-reason.ts';
import type { HistogramSlot } from '../core/layout.ts';
import { type Outcome, resultOf } from '../core/outcome.ts';
import type { Transport } from '../core/target.ts';
import type { StreamCounters } from '../formats/classifier.ts';
import { estimatedTokens } from '../formats/tokens.ts';
import { sharedHeapCell } from '../machine/heap.ts';
import type { EndedStream } from '../measures/ended-stream.ts';
import { SUCCESS_SHARES, SUCCESS_TIMINGS, type Timing } from '../measures/list.ts';
import { isByChunks } from '../measures/tpot.ts';

/**
 * What a worker counts, in memory that main reads. The cells of each target have a sequence lock: a number that
 * is odd while they are being written, so that a reader detects a torn copy and retries. The writer never
 * waits. Histograms need no lock: their bins only rise, one double at a time.
 */
export interface SharedRecord {
  readonly locks: Int32Array;
  readonly values: Float64Array;
  /** One cell: major garbage collections of the worker's thread, as far as they are counted. */
  readonly collections: Int32Array;
  /** One cell: used heap of the worker's thread, bytes, once a second. */
  readonly heap: Float64Array;
}

/** @returns zeroed shared memory for one worker */
export function allocateRecord(layout: StreamLayout): SharedRecord {
  return {
    locks: new Int32Array(new SharedArrayBuffer(4 * layout.slots.length)),
    values: new Float64Array(new SharedArrayBuffer(8 * layout.size)),
    collections: new Int32Array(new SharedArrayBuffer(4)),
    heap: sharedHeapCell(),
  };
}

/** Writes; one in each worker. Nothing is allocated by any of its calls. */
export class Recorder {
  readonly targets: readonly TargetRecorder[];
  readonly #layout: StreamLayout;
  readonly #values: Float64Array;

  constructor(layout: StreamLayout, record: SharedRecord) {
    this.#layout = layout;
    this.#values = record.values;
    this.targets = layout.slots.map((_, t) => new TargetRecorder(layout, record, t));
  }

  /** Time from due to attempted, ms. */
  scheduleLag(ms: number): void {
    observe(this.#values, this.#layout.shared.scheduleLag, ms, 1);
  }

  /** How late this thread saw a chunk of the canary's, ms. */
  measurementLag(transport: Transport, ms: number): void {
    observe(this.#values, this.#layout.shared[`measurementLag:${transport}`], ms, 1);
  }

  /** How late a timer of this thread fired, ms. */
  eventLoopDelay(ms: number): void {
    observe(this.#values, this.#layout.shared.eventLoopDelay, ms, 1);
  }
}

function observe(values: Float64Array, { offset, scale }: HistogramSlot, ms: number, count: number): void {
  // What is not a number counts as 0, where Math.max would let it spoil the sum.
  const value = Number.isNaN(ms) ? 0 : Math.max(0, ms);
  values[offset]! += value * count;
  if (value > values[offset + 1]!) values[offset + 1] = value;
  values[offset + 2 + scale.indexOf(value)]! += count;
}

/** Counts the streams of one target. Changes that readers must see together are made within one lock. */
export class TargetRecorder {
  readonly #values: Float64Array;
  readonly #locks: Int32Array;
  readonly #lock: number;
  readonly #cell: Readonly<Record<Cell, number>>;
  /** What every chunk adds to, at hand. */
  readonly #chunks: number;
  readonly #bytes: number;
  readonly #reads: number;
  readonly #characters: number;
  readonly #keepalives: number;
  readonly #gap: HistogramSlot;
  readonly #histogram: Readonly<Record<Timing, HistogramSlot>>;

  constructor(layout: StreamLayout, record: SharedRecord, target: number) {
    this.#values = record.values;
    this.#locks = record.locks;
    this.#lock = target;
    this.#cell = layout.slots[target]!.cell;
    this.#histogram = layout.slots[target]!.histogram;
    this.#chunks = this.#cell.chunks;
    this.#bytes = this.#cell.bytes;
    this.#reads = this.#cell.reads;
    this.#characters = this.#cell.characters;
    this.#keepalives = this.#cell.keepalives;
    this.#gap = this.#histogram.gap;
  }

  /**
   * Whether streams that start now keep their last data for the detail of a truncated stream: until one is complete, since
   * then the configured end is right, and again once one is truncated.
   */
  get needsLastData(): boolean {
    const cell = this.#cell;
    return this.#values[cell['finished:complete']] === 0 || this.#values[cell['finished:truncated']]! > 0;
  }

  /** A stream has started; it is `connecting`. */
  started(): void {
    this.#begin();
    this.#add('started', 1);
    this.#add('active:connecting', 1);
    this.#end();
  }

  /** A virtual user has waited on purpose. */
  backedOff(ms: number): void {
    this.#begin();
    this.#add('backoff', ms);
    this.#end();
  }

  /** What a stream that has ended had counted besides its chunks: tokens, finish reasons, trailing events. */
  counted(counters: StreamCounters): void {
    const { inputTokens, outputTokens, ignoredTokens, trailing, finishReasons } = counters;
    this.#begin();
    this.#add('inputTokens', inputTokens ?? 0);
    if (outputTokens === undefined) {
      const estimate = estimatedTokens(counters);
      this.#add('outputTokens', estimate);
      this.#add('estimatedTokens', estimate);
    } else {
      this.#add('outputTokens', outputTokens);
      this.#add('usageReports', 1);
    }
    if (ignoredTokens !== undefined) this.#add('ignoredTokens', ignoredTokens);
    if (trailing !== undefined) this.#add('trailing', trailing);
    for (const reason in finishReasons)
      this.#add(`finish:${reason as FinishReason}`, finishReasons[reason as FinishReason]!);
    this.#end();
  }

  /** A stream has succeeded: its timings and shares that are known at its end. */
  succeeded(stream: EndedStream): void {
    for (const { timing, of } of SUCCESS_TIMINGS) {
      const ms = of(stream);
      if (ms !== undefined) this.timing(timing, ms);
    }
    this.#begin();
    for (const { cell, has } of SUCCESS_SHARES) if (has(stream)) this.#add(cell, 1);
    if (isByChunks(stream)) this.#add('tpotByChunks', 1);
    this.#end();
  }

  /** What the streams that are open are like now. @param silenceMs the longest */
  quiet(stalled: number, silenceMs: number): void {
    this.#begin();
    this.#values[this.#cell.stalled] = stalled;
    this.#values[this.#cell.silence] = silenceMs;
    this.#end();
  }

  /** Open model: a start was due. */
  due(): void {
    this.#begin();
    this.#add('due', 1);
    this.#end();
  }

  /** Closed model: time of a virtual user that was planned, ms. @param lateMs of which it did nothing */
  userTime(spentMs: number, lateMs: number): void {
    this.#begin();
    this.#add('userMs', spentMs);
    this.#add('lateMs', lateMs);
    this.#end();
  }

  /** A stream was due and no virtual user was free. */
  dropped(): void {
    this.#begin();
    this.#add('dropped', 1);
    this.#end();
  }

  moved(from: Phase, to: Phase): void {
    this.#begin();
    this.#add(`active:${from}`, -1);
    this.#add(`active:${to}`, 1);
    this.#end();
  }

  timing(name: Timing, ms: number): void {
    observe(this.#values, this.#histogram[name], ms, 1);
  }

  responded(status: number): void {
    this.#begin();
    this.#add(`response:${codeOf(status)}`, 1);
    this.#end();
  }

  /**
   * @param gapMs from the chunk with content before the first of these that has some; those of one read have no time
   * between them
   */
  chunks(count: number, withContent: number, gapMs: number | undefined): void {
    this.#begin();
    this.#values[this.#chunks]! += count;
    this.#end();
    if (gapMs !== undefined) observe(this.#values, this.#gap, gapMs, 1);
    if (withContent > 1) observe(this.#values, this.#gap, 0, withContent - 1);
  }

  body(bytes: number, newRead: boolean, characters: number, keepalives: number): void {
    const values = this.#values;
    this.#begin();
    values[this.#bytes]! += bytes;
    if (newRead) values[this.#reads]! += 1;
    if (characters > 0) values[this.#characters]! += characters;
    if (keepalives > 0) values[this.#keepalives]! += keepalives;
    this.#end();
  }

  /**
   * @param durationMs from its start
   * @param lagMs from when it was due to its start
   */
  ended(phase: Phase, outcome: Outcome, durationMs: number, lagMs: number): void {
    this.#begin();
    this.#add(`active:${phase}`, -1);
    this.#add(`finished:${outcome}`, 1);
    this.#end();
    const result = resultOf(outcome);
    observe(this.#values, this.#histogram[`duration:${result}`], durationMs, 1);
    // A stream that soakd cut or lost does not show how long a user would have waited.
    if (result === 'success' || result === 'failed')
      observe(this.#values, this.#histogram.effective, durationMs + Math.max(0, lagMs), 1);
  }

  #add(cell: Cell, n: number): void {
    this.#values[this.#cell[cell]]! += n;
  }

  #begin(): void {
    Atomics.add(this.#locks, this.#lock, 1);
  }

  #end(): void {
    Atomics.add(this.#locks, this.#lock, 1);
  }
}

/** How often a copy of cells is tried. One takes less than a microsecond, and so does a write. */
const TRIES = 10_000;

/**
 * Copies what a live worker has counted. The cells of a target are of one moment; its histograms are of the
 * microseconds after it.
 * @param out the last copy, written over
 * @returns for how many targets the cells could not be copied and were left as they were (0 but for a worker that
 * died, or lost its CPU, in the middle of a write)
 */
export function copyRecord(layout: StreamLayout, { locks, values }: SharedRecord, out: Float64Array): number {
  let stale = 0;
  layout.slots.forEach(({ start, cellsEnd, end }, lock) => {
    const cells = copyCells(locks, lock, values.subarray(start, cellsEnd));
    if (cells === undefined) stale++;
    else out.set(cells, start);
    out.set(values.subarray(cellsEnd, end), cellsEnd);
  });
  out.set(values.subarray(layout.sharedStart), layout.sharedStart);
  return stale;
}

function copyCells(locks: Int32Array, lock: number, cells: Float64Array): Float64Array | undefined {
  for (let i = 0; i < TRIES; i++) {
    const before = Atomics.load(locks, lock);
    if ((before & 1) === 1) continue;
    const copy = cells.slice();
    // A read-modify-write in place of a load: no read of the copy can be put off until after it.
    if (Atomics.add(locks, lock, 0) === before) return copy;
  }
  return undefined;
}
