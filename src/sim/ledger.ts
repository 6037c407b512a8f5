import { type Fault, SIMULATED_OUTCOMES, type SimulatedOutcome } from '../core/simulator.ts';
import type { Format } from '../formats/list.ts';
import type { Counts } from './frames.ts';

/** What was really sent on one stream. All times in ms: when the kernel had accepted the bytes. */
export interface StreamRecord {
  /** The client's id (header `x-soak-stream-id`), or a generated one. */
  readonly id: string;
  /** 0 for the first stream accepted: the index of its plan. */
  readonly index: number;
  /** The requested format; `null` where the request could not ask for a stream. */
  format: Format | null;
  /** The injected fault, if any. */
  fault: Fault | null;
  /**
   * `null` while the stream is open. Where the end depends on the client's limits: the outcome that such
   * limits give, set when the client leaves; `cancelled` when it leaves before the outcome is certain.
   */
  outcome: SimulatedOutcome | null;
  /** HTTP status; `null` until the head is sent. */
  status: number | null;
  chunks: number;
  /** Body after transfer decoding. */
  bytes: number;
  /** Code points of content. */
  characters: number;
  /** From the complete request to the first byte of the body; `null` until then. */
  ttfbMs: number | null;
  /** From the complete request to the first chunk with content; `null` until then. */
  ttftMs: number | null;
  /**
   * From the first chunk with content to the last; 0 for fewer than two. Always a number: written in place.
   */
  contentMs: number;
  contentChunks: number;
  /** The longest time between two chunks with content; 0 for fewer than two. */
  maxGapMs: number;
  /**
   * The number that the end of the answer reports; `null` before, and where the format or the request has
   * none.
   */
  outputTokens: number | null;
  /** From the complete request to the terminal event or, without one, the end of the body; `null` until then. */
  durationMs: number | null;
}

/** Totals of what was really sent. `started` = Σ `finished` + `active` at every moment. */
export interface GroundTruth {
  readonly started: number;
  readonly active: number;
  readonly finished: Readonly<Record<SimulatedOutcome, number>>;
  /** Of finished and open streams alike, as are bytes and characters. */
  readonly chunks: number;
  readonly bytes: number;
  readonly characters: number;
  /** Sum of how late the simulator's own timers fired, ms; divided by `chunks`, what it adds to its times. */
  readonly latenessMs: number;
}

/** Maximum length of a client's id, which bounds the memory of 100,000 records. */
const MAX_ID_LENGTH = 128;

const KEPT_FINISHED = 100_000;

/** Counts what was sent. Holds each open stream and the last finished ones; all others only in the sums. */
export class Ledger {
  readonly #open = new Set<StreamRecord>();
  /** A ring once it is full: `#oldest` is the next to be overwritten. */
  readonly #finished: StreamRecord[] = [];
  #oldest = 0;
  readonly #capacity: number;
  readonly #counts: Record<SimulatedOutcome, number>;
  #started = 0;
  #chunks = 0;
  #bytes = 0;
  #characters = 0;
  #latenessMs = 0;

  /** @param capacity finished streams that are kept one by one */
  constructor(capacity = KEPT_FINISHED) {
    this.#capacity = capacity;
    this.#counts = Object.fromEntries(SIMULATED_OUTCOMES.map((o) => [o, 0])) as Record<
      SimulatedOutcome,
      number
    >;
  }

  /** @param id the client's own; absent or too long: one is made */
  open(id?: string): StreamRecord {
    const index = this.#started++;
    const own = id !== undefined && id.length > 0 && id.length <= MAX_ID_LENGTH ? id : `simulated-${index}`;
    const record: StreamRecord = {
      id: own,
      index,
      format: null,
      fault: null,
      outcome: null,
      status: null,
      chunks: 0,
      bytes: 0,
      characters: 0,
      ttfbMs: null,
      ttftMs: null,
      contentMs: 0,
      contentChunks: 0,
      maxGapMs: 0,
      outputTokens: null,
      durationMs: null,
    };
    this.#open.add(record);
    return record;
  }

  get active(): number {
    return this.#open.size;
  }

  /** @param atMs from the complete request to now */
  sent(record: StreamRecord, frame: Counts, atMs: number): void {
    if (record.ttfbMs === null && frame.bytes > 0) record.ttfbMs = atMs;
    if (frame.contentChunks > 0) addContent(record, frame.contentChunks, atMs);
    if (frame.outputTokens !== null) record.outputTokens = frame.outputTokens;
    if (frame.isTerminal) this.ended(record, atMs);
    record.chunks += frame.chunks;
    record.bytes += frame.bytes;
    record.characters += frame.characters;
    this.#chunks += frame.chunks;
    this.#bytes += frame.bytes;
    this.#characters += frame.characters;
  }

  /** The first end counts: a terminal event comes before the end of its body. @param atMs as of `sent` */
  ended(record: StreamRecord, atMs: number): void {
    record.durationMs ??= atMs;
  }

  late(ms: number): void {
    this.#latenessMs += ms;
  }

  /** The first outcome counts; a later one is ignored. */
  settle(record: StreamRecord, outcome: SimulatedOutcome): void {
    if (record.outcome !== null) return;
    record.outcome = outcome;
    this.#counts[outcome]++;
    this.#open.delete(record);
    this.#finished[this.#oldest] = record;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
  }

  /** Ends all that is open. */
  settleAll(outcome: SimulatedOutcome): void {
    for (const record of this.#open) this.settle(record, outcome);
  }

  totals(): GroundTruth {
    return {
      started: this.#started,
      active: this.#open.size,
      finished: { ...this.#counts },
      chunks: this.#chunks,
      bytes: this.#bytes,
      characters: this.#characters,
      latenessMs: this.#latenessMs,
    };
  }

  /** @returns the last `limit` finished streams, newest first, and as many of the open ones, oldest first */
  recent(limit: number): { finished: StreamRecord[]; open: StreamRecord[] } {
    const kept = this.#finished.length;
    const finished: StreamRecord[] = [];
    for (let back = 1; back <= Math.min(limit, kept); back++) {
      finished.push(this.#finished[(this.#oldest - back + kept) % kept]!);
    }
    const open: StreamRecord[] = [];
    for (const record of this.#open) {
      if (open.length >= limit) break;
      open.push(record);
    }
    return { finished, open };
  }

  /** @returns every kept stream of this id: a client may use one twice */
  find(id: string): { finished: StreamRecord[]; open: StreamRecord[] } {
    // A look through all of them takes a millisecond or two; an index would cost memory on every stream.
    const hasId = (record: StreamRecord): boolean => record.id === id;
    return { finished: this.#finished.filter(hasId), open: [...this.#open].filter(hasId) };
  }
}

function addContent(record: StreamRecord, chunks: number, atMs: number): void {
  record.contentChunks += chunks;
  if (record.ttftMs === null) {
    record.ttftMs = atMs;
    return;
  }
  const contentMs = atMs - record.ttftMs;
  record.maxGapMs = Math.max(record.maxGapMs, contentMs - record.contentMs);
  record.contentMs = contentMs;
}
