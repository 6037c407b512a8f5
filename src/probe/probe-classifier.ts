import type { EventMatcher, Terminal } from '../core/target.ts';
import type { ClassifierResult, StreamClassifier, StreamCounters } from '../formats/classifier.ts';
import { classifierFor, formatNamed } from '../formats/list.ts';
import { ChunkLog } from './chunk-log.ts';
import { type Guess, guessFormat } from './format-guess.ts';

export interface ProbeClassifierOptions {
  /** Absent: detected from the first bytes. */
  readonly format?: string;
  readonly terminal?: Terminal;
  readonly error?: EventMatcher;
  readonly maxEventBytes?: number;
  /** Media type of the response; asked when its body begins. */
  readonly mediaType: () => string | undefined;
  /** Time of the current read, monotonic ms. */
  readonly readAtMs: () => number;
}

/** Chunks that a read has completed. */
export interface ChunkRead {
  readonly atMs: number;
  readonly chunks: number;
}

/** Reads that are remembered: hours of a usual stream. */
const KEPT_READS = 100_000;

const DONE: Terminal = { kind: 'data', data: '[DONE]' };

/** A read that is held back until the format is known. */
interface HeldRead {
  readonly bytes: Buffer;
  readonly newRead: boolean;
  readonly atMs: number;
}

/**
 * The classifier of a stream of unknown format: holds the first bytes back until they show the format, then
 * feeds that format's own classifier. Remembers when each read arrived, for the explanation.
 */
export class ProbeClassifier implements StreamClassifier {
  readonly #options: ProbeClassifierOptions;
  #held: HeldRead[] = [];
  #classifier: StreamClassifier | undefined;
  #assumesDone = false;
  #sawDone = false;
  guess: Guess | undefined;
  chunks: ChunkLog;
  readonly reads: ChunkRead[] = [];
  /** There were more reads than are remembered. */
  overflow = false;
  firstContentMs: number | undefined;

  constructor(options: ProbeClassifierOptions) {
    this.#options = options;
    this.chunks = new ChunkLog(options.format);
    if (options.format !== undefined)
      this.#classifier = classifierFor(options.format, { terminal: options.terminal });
  }

  /** The end that was given, or seen in the stream. */
  get terminal(): Terminal | undefined {
    if (this.#sawDone) return DONE;
    const { format = this.guess?.format } = this.#options;
    return format === undefined ? undefined : this.#terminalFor(format);
  }

  /** The given end, if the format supports its kind. */
  #terminalFor(format: string): Terminal | undefined {
    const { terminal } = this.#options;
    return terminal !== undefined && formatNamed(format).terminals.kinds.includes(terminal.kind)
      ? terminal
      : undefined;
  }

  read(
    buffer: Uint8Array,
    newRead: boolean,
    counters: StreamCounters,
    start = 0,
    end = buffer.length,
  ): ClassifierResult | undefined {
    const bytes = buffer.subarray(start, end);
    const atMs = this.#options.readAtMs();
    if (this.#classifier !== undefined) return this.#feed(bytes, newRead, atMs, counters);
    this.#held.push({ bytes: Buffer.from(bytes), newRead, atMs });
    return this.#decide(false, counters);
  }

  end(counters: StreamCounters): ClassifierResult {
    if (this.#classifier === undefined) this.#decide(true, counters);
    const before = counters.contentChunks;
    const result = this.#classifier!.end(counters);
    this.#note(this.#options.readAtMs(), counters, before);
    this.chunks.end();
    // Without a terminal event, given or seen, a clean end counts as complete.
    if (this.#assumesDone && result.outcome === 'truncated' && counters.contentChunks > 0)
      return { outcome: 'complete' };
    return result;
  }

  /** Call when the stream has ended, for any reason: guesses the format of bytes that are still held back. */
  settle(counters: StreamCounters): void {
    if (this.#classifier === undefined && this.#held.length > 0) this.#decide(true, counters);
  }

  #decide(over: boolean, counters: StreamCounters): ClassifierResult | undefined {
    const bytes = Buffer.concat(this.#held.map((read) => read.bytes));
    this.guess = guessFormat(this.#options.mediaType(), bytes, over);
    if (this.guess === undefined) return undefined;
    this.#classifier = this.#classifierOf(this.guess);
    this.chunks = new ChunkLog(this.guess.format);
    const held = this.#held;
    this.#held = [];
    let result: ClassifierResult | undefined;
    for (const read of held) result = this.#feed(read.bytes, read.newRead, read.atMs, counters);
    return result;
  }

  #classifierOf({ format }: Guess): StreamClassifier {
    if (format === undefined) return PAGE;
    const { error, maxEventBytes } = this.#options;
    const terminal = this.#terminalFor(format);
    this.#assumesDone = format === 'sse' && terminal === undefined;
    return classifierFor(format, {
      terminal: this.#assumesDone ? DONE : terminal,
      error: error !== undefined && formatNamed(format).errors.includes(error.kind) ? error : undefined,
      maxEventBytes,
    });
  }

  #feed(
    bytes: Uint8Array,
    newRead: boolean,
    atMs: number,
    counters: StreamCounters,
  ): ClassifierResult | undefined {
    const before = counters.contentChunks;
    const result = this.#classifier!.read(bytes, newRead, counters);
    this.#sawDone ||= this.#assumesDone && result?.outcome === 'complete';
    this.#note(atMs, counters, before);
    this.chunks.push(bytes, newRead, atMs);
    return result;
  }

  #note(atMs: number, counters: StreamCounters, before: number): void {
    if (this.firstContentMs === undefined && counters.contentChunks > 0) this.firstContentMs = atMs;
    if (counters.contentChunks === before) return;
    if (this.reads.length < KEPT_READS) this.reads.push({ atMs, chunks: counters.contentChunks - before });
    else this.overflow = true;
  }
}

const PAGE_RESULT: ClassifierResult = { outcome: 'wrong_content_type', detail: 'an HTML page, not a stream' };
const PAGE: StreamClassifier = { read: () => PAGE_RESULT, end: () => PAGE_RESULT };
