import type { Phase, StreamLayout, Timing } from '../catalog/slots.ts';
import { type Cell, codeOf } from '../catalog/slots.ts';
import type { HistogramSlot } from '../core/layout.ts';
import { type Outcome, resultOf } from '../core/outcome.ts';

/**
 * What a worker counts, in memory that main reads. Each target, and the worker's own part, has a sequence
 * lock: a number that is odd while something is being written, so that a reader can tell a torn copy. A
 * second number for each part is odd while the reader asks for a pause: without it, a worker that writes
 * several times in the microseconds of a copy would starve the reader.
 */
export interface SharedRecord {
  /** First all sequence numbers, then all wishes for a pause. */
  readonly locks: Int32Array;
  readonly values: Float64Array;
}

/** @returns zeroed shared memory for one worker */
export function allocateRecord(layout: StreamLayout): SharedRecord {
  return {
    locks: new Int32Array(new SharedArrayBuffer(4 * 2 * partsOf(layout))),
    values: new Float64Array(new SharedArrayBuffer(8 * layout.size)),
  };
}

/** Targets, and the worker's own part after them. */
function partsOf(layout: StreamLayout): number {
  return layout.slots.length + 1;
}

/** How long a writer stands aside for a reader that asks. A copy takes some tens of microseconds. */
const PAUSE_MS = 1;

/** The lock of one part, as its only writer holds it. */
class WriteLock {
  readonly #locks: Int32Array;
  readonly #sequence: number;
  readonly #wish: number;
  #granted = 0;

  constructor(layout: StreamLayout, { locks }: SharedRecord, part: number) {
    this.#locks = locks;
    this.#sequence = part;
    this.#wish = partsOf(layout) + part;
  }

  begin(): void {
    const wish = Atomics.load(this.#locks, this.#wish);
    if (wish !== this.#granted) this.#pause(wish);
    Atomics.add(this.#locks, this.#sequence, 1);
  }

  end(): void {
    Atomics.add(this.#locks, this.#sequence, 1);
  }

  /** Once for each wish, so that a reader without a CPU holds the worker up for no more than that. */
  #pause(wish: number): void {
    this.#granted = wish;
    if ((wish & 1) === 1) Atomics.wait(this.#locks, this.#wish, wish, PAUSE_MS);
  }
}

/** Writes; one in each worker. Nothing is allocated by any of its calls. */
export class Recorder {
  readonly targets: readonly TargetRecorder[];
  readonly #layout: StreamLayout;
  readonly #values: Float64Array;
  readonly #lock: WriteLock;

  constructor(layout: StreamLayout, record: SharedRecord) {
    this.#layout = layout;
    this.#values = record.values;
    this.#lock = new WriteLock(layout, record, layout.slots.length);
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
    this.#lock.begin();
    observe(this.#values, slot, ms, 1);
    this.#lock.end();
  }
}

function observe(values: Float64Array, { offset, scale }: HistogramSlot, ms: number, count: number): void {
  // What is not a number counts as 0, where Math.max would let it spoil the sum.
  const value = Number.isNaN(ms) ? 0 : Math.max(0, ms);
  values[offset]! += value * count;
  if (value > values[offset + 1]!) values[offset + 1] = value;
  values[offset + 2 + scale.indexOf(value)]! += count;
}

/** Counts the streams of one target. Every change that must be seen together is made within one lock. */
export class TargetRecorder {
  readonly #values: Float64Array;
  readonly #lock: WriteLock;
  readonly #cell: Readonly<Record<Cell, number>>;
  readonly #histogram: Readonly<Record<Timing, HistogramSlot>>;

  constructor(layout: StreamLayout, record: SharedRecord, target: number) {
    this.#values = record.values;
    this.#lock = new WriteLock(layout, record, target);
    this.#cell = layout.slots[target]!.cell;
    this.#histogram = layout.slots[target]!.histogram;
  }

  /** A stream has started; it is `connecting`. */
  started(): void {
    this.#lock.begin();
    this.#add('started', 1);
    this.#add('active:connecting', 1);
    this.#lock.end();
  }

  /** A virtual user has waited on purpose. */
  backedOff(ms: number): void {
    this.#lock.begin();
    this.#add('backoff', ms);
    this.#lock.end();
  }

  /** What a stream has used, as far as its target tells. */
  tokens(input: number, output: number): void {
    this.#lock.begin();
    this.#add('inputTokens', input);
    this.#add('outputTokens', output);
    this.#lock.end();
  }

  /** What the streams that are open are like now. @param silenceMs the longest */
  quiet(stalled: number, silenceMs: number): void {
    this.#lock.begin();
    this.#values[this.#cell.stalled] = stalled;
    this.#values[this.#cell.silence] = silenceMs;
    this.#lock.end();
  }

  /** A stream was due and no virtual user was free. */
  dropped(): void {
    this.#lock.begin();
    this.#add('dropped', 1);
    this.#lock.end();
  }

  moved(from: Phase, to: Phase): void {
    this.#lock.begin();
    this.#add(`active:${from}`, -1);
    this.#add(`active:${to}`, 1);
    this.#lock.end();
  }

  timing(name: Timing, ms: number): void {
    this.#lock.begin();
    observe(this.#values, this.#histogram[name], ms, 1);
    this.#lock.end();
  }

  responded(status: number): void {
    this.#lock.begin();
    this.#add(`response:${codeOf(status)}`, 1);
    this.#lock.end();
  }

  /** @param gapMs from the chunk before the first of these; those of one read have no time between them */
  chunks(count: number, gapMs: number | undefined): void {
    this.#lock.begin();
    this.#add('chunks', count);
    const { gap } = this.#histogram;
    if (gapMs !== undefined) observe(this.#values, gap, gapMs, 1);
    if (count > 1) observe(this.#values, gap, 0, count - 1);
    this.#lock.end();
  }

  body(bytes: number, newRead: boolean, characters: number, keepalives: number): void {
    this.#lock.begin();
    this.#add('bytes', bytes);
    if (newRead) this.#add('reads', 1);
    if (characters > 0) this.#add('characters', characters);
    if (keepalives > 0) this.#add('keepalives', keepalives);
    this.#lock.end();
  }

  ended(phase: Phase, outcome: Outcome, durationMs: number): void {
    this.#lock.begin();
    this.#add(`active:${phase}`, -1);
    this.#add(`finished:${outcome}`, 1);
    observe(this.#values, this.#histogram[`duration:${resultOf(outcome)}`], durationMs, 1);
    this.#lock.end();
  }

  #add(cell: Cell, n: number): void {
    this.#values[this.#cell[cell]]! += n;
  }
}

/** How often a copy is tried before the state of the last one is kept. */
const TRIES = 1000;
/**
 * Of these, how many do not wait for a write to end. It takes less than a microsecond: one that is not over by
 * then is that of a thread without a CPU, which is left to others a millisecond at a time.
 */
const IMPATIENT_TRIES = 900;

/**
 * Copies what a live worker has counted, each target in a consistent state.
 * @param out the last copy, written over
 * @returns how many parts could not be copied consistently and were left as they were (0 but for a worker
 * that died in the middle of a write)
 */
export function copyRecord(layout: StreamLayout, record: SharedRecord, out: Float64Array): number {
  const parts = [
    ...layout.slots.map((s) => [s.start, s.end] as const),
    [layout.sharedStart, layout.size] as const,
  ];
  const stale = parts.filter(([start, end], part) => {
    const copied = copyPart(layout, record, part, start, end);
    if (copied !== undefined) out.set(copied, start);
    return copied === undefined;
  });
  return stale.length;
}

function copyPart(
  layout: StreamLayout,
  { locks, values }: SharedRecord,
  part: number,
  start: number,
  end: number,
): Float64Array | undefined {
  const wish = partsOf(layout) + part;
  let copied: Float64Array | undefined;
  for (let i = 0; i < TRIES && copied === undefined; i++) {
    const before = Atomics.load(locks, part);
    if ((before & 1) === 1) {
      if (i >= IMPATIENT_TRIES) Atomics.wait(locks, part, before, 1);
      continue;
    }
    const copy = values.slice(start, end);
    // A read-modify-write in place of a load: no read of the copy can be put off until after it.
    if (Atomics.add(locks, part, 0) === before) copied = copy;
    // Odd, and another number each time: the pause of an earlier wish may have run out.
    else Atomics.add(locks, wish, Atomics.load(locks, wish) & 1 ? 2 : 1);
  }
  if ((Atomics.load(locks, wish) & 1) === 1) {
    Atomics.add(locks, wish, 1);
    Atomics.notify(locks, wish);
  }
  return copied;
}
