import type { Phase, StreamLayout, Timing } from '../catalog/slots.ts';
import { type Cell, codeOf } from '../catalog/slots.ts';
import type { HistogramSlot } from '../core/layout.ts';
import { type Outcome, resultOf } from '../core/outcome.ts';

/**
 * What a worker counts, in memory that main reads. Each target, and the worker's own part, has a sequence
 * lock: a number that is odd while something is being written, so that a reader can tell a torn copy.
 */
export interface SharedRecord {
  readonly locks: Int32Array;
  readonly values: Float64Array;
}

/** @returns zeroed shared memory for one worker */
export function allocateRecord(layout: StreamLayout): SharedRecord {
  return {
    locks: new Int32Array(new SharedArrayBuffer(4 * (layout.slots.length + 1))),
    values: new Float64Array(new SharedArrayBuffer(8 * layout.size)),
  };
}

/** Writes; one in each worker. Nothing is allocated by any of its calls. */
export class Recorder {
  readonly targets: readonly TargetRecorder[];
  readonly #layout: StreamLayout;
  readonly #record: SharedRecord;

  constructor(layout: StreamLayout, record: SharedRecord) {
    this.#layout = layout;
    this.#record = record;
    this.targets = layout.slots.map((_, t) => new TargetRecorder(layout, record, t));
  }

  /** Time from due to attempted, ms. */
  scheduleLag(ms: number): void {
    this.#observe(this.#layout.shared.scheduleLag, ms);
  }

  /** How late a timer of this thread fired, ms. */
  eventLoopDelay(ms: number): void {
    this.#observe(this.#layout.shared.eventLoopDelay, ms);
  }

  #observe(slot: HistogramSlot, ms: number): void {
    const { locks, values } = this.#record;
    const lock = this.#layout.slots.length;
    Atomics.add(locks, lock, 1);
    observe(values, slot, ms, 1);
    Atomics.add(locks, lock, 1);
  }
}

function observe(values: Float64Array, { offset, scale }: HistogramSlot, ms: number, count: number): void {
  const value = ms > 0 ? ms : 0;
  values[offset]! += value * count;
  if (value > values[offset + 1]!) values[offset + 1] = value;
  values[offset + 2 + scale.indexOf(value)]! += count;
}

/** Counts the streams of one target. Every change that must be seen together is made within one lock. */
export class TargetRecorder {
  readonly #values: Float64Array;
  readonly #locks: Int32Array;
  readonly #lock: number;
  readonly #cell: Readonly<Record<Cell, number>>;
  readonly #histogram: Readonly<Record<Timing, HistogramSlot>>;

  constructor(layout: StreamLayout, record: SharedRecord, target: number) {
    this.#values = record.values;
    this.#locks = record.locks;
    this.#lock = target;
    this.#cell = layout.slots[target]!.cell;
    this.#histogram = layout.slots[target]!.histogram;
  }

  /** A stream has started; it is `connecting`. */
  started(): void {
    this.#begin();
    this.#add('started', 1);
    this.#add('active:connecting', 1);
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
    this.#begin();
    observe(this.#values, this.#histogram[name], ms, 1);
    this.#end();
  }

  responded(status: number): void {
    this.#begin();
    this.#add(`response:${codeOf(status)}`, 1);
    this.#end();
  }

  /** @param gapMs from the chunk before the first of these; those of one read have no time between them */
  chunks(count: number, gapMs: number | undefined): void {
    this.#begin();
    this.#add('chunks', count);
    const { gap } = this.#histogram;
    if (gapMs !== undefined) observe(this.#values, gap, gapMs, 1);
    if (count > 1) observe(this.#values, gap, 0, count - 1);
    this.#end();
  }

  body(bytes: number, newRead: boolean, characters: number, keepalives: number): void {
    this.#begin();
    this.#add('bytes', bytes);
    if (newRead) this.#add('reads', 1);
    if (characters > 0) this.#add('characters', characters);
    if (keepalives > 0) this.#add('keepalives', keepalives);
    this.#end();
  }

  ended(phase: Phase, outcome: Outcome, durationMs: number): void {
    this.#begin();
    this.#add(`active:${phase}`, -1);
    this.#add(`finished:${outcome}`, 1);
    observe(this.#values, this.#histogram[`duration:${resultOf(outcome)}`], durationMs, 1);
    this.#end();
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

/** How often a copy is tried before the state of the last one is kept. A copy takes microseconds. */
const TRIES = 1000;

/**
 * Copies what a live worker has counted, each target in a consistent state.
 * @param out the last copy, written over
 * @returns how many parts could not be copied consistently and were left as they were (0 but for a worker
 * that hangs or died in the middle of a write)
 */
export function copyRecord(layout: StreamLayout, record: SharedRecord, out: Float64Array): number {
  let stale = 0;
  const parts = [...layout.slots.map((s) => [s.start, s.end] as const), [layout.sharedStart, layout.size] as const];
  parts.forEach(([start, end], lock) => {
    for (let i = 0; i < TRIES; i++) {
      const before = Atomics.load(record.locks, lock);
      if ((before & 1) === 1) continue;
      const part = record.values.slice(start, end);
      if (Atomics.load(record.locks, lock) === before) {
        out.set(part, start);
        return;
      }
    }
    stale++;
  });
  return stale;
}
