import type { FinishReason } from '../core/finish-reason.ts';
import type { ClassifierResult } from '../core/outcome.ts';
import type { EventMatcher, Terminal } from '../core/target.ts';

export type { ClassifierResult };

/** What was counted in one stream. Only ever added to. */
export interface StreamCounters {
  chunks: number;
  /** Chunks with content: role-only chunks, pings, comments and usage are none. */
  contentChunks: number;
  /** Comments, and events without data. */
  keepalives: number;
  /** Unicode code points of the content. */
  characters: number;
  /** Events or lines without content after the terminal one. Absent until there is one. */
  trailing?: number;
  /** Tokens as the target reports them; absent until it does. */
  inputTokens?: number;
  outputTokens?: number;
  /** Of the output tokens those of reasoning, as the target reports them. */
  reasoningTokens?: number;
  /** Whether reasoning was streamed. Absent until some was. */
  reasoning?: true;
  /** Numbers of tokens that cannot be true (see `tokens.ts`), and were ignored. Absent until there is one. */
  ignoredTokens?: number;
  /** Finish reasons by class, one for each choice. Absent until there is one. */
  finishReasons?: Partial<Record<FinishReason, number>>;
}

export function newCounters(): StreamCounters {
  return { chunks: 0, contentChunks: 0, keepalives: 0, characters: 0 };
}

/**
 * Decides from the body of one stream how it ended. Makes no I/O and knows no time. A classifier that has a
 * result keeps being fed: content after a good end makes it a `protocol_violation`.
 */
export interface StreamClassifier {
  /**
   * @param bytes valid only during the call, from `start` to `end`
   * @param newRead false when these bytes came with the same read of the socket as those before
   * @returns the result, once it is known and from then on; `undefined` while the stream is open
   */
  read(
    bytes: Uint8Array,
    newRead: boolean,
    counters: StreamCounters,
    start?: number,
    end?: number,
  ): ClassifierResult | undefined;
  /** The body ended well-framed. */
  end(counters: StreamCounters): ClassifierResult;
  /** Called before the first read where the detail of a truncated stream may do without its last data, which costs time. */
  skipLastData?(): void;
}

/**
 * How streams of a target of format `sse` without `terminal:` end, learned from the first that ends cleanly in
 * a run and then shared by all workers.
 */
export interface LearnedEnd {
  /** `done`: in `[DONE]`; `none`: in any event; `undefined` until a stream has ended. */
  readonly known: 'done' | 'none' | undefined;
  /** Keeps the first that is learned. */
  learn(end: 'done' | 'none'): void;
}

/** Settings of a target that its classifiers follow. */
export interface ClassifierOptions {
  readonly terminal?: Terminal | undefined;
  readonly error?: EventMatcher | undefined;
  /** Longest line or event. Default 1 MiB. */
  readonly maxEventBytes?: number | undefined;
  /** Absent: nothing is learned, and a clean end after an event is `complete`. */
  readonly learned?: LearnedEnd | undefined;
}

/** Makes the classifier of one stream. What the streams of a target share in a thread, it holds. */
export type ClassifierFactory = () => StreamClassifier;

export function isSuccess({ outcome }: ClassifierResult): boolean {
  return outcome === 'complete' || outcome === 'limited';
}

/**
 * What an event or a line after the terminal one means. Content, a failure that is reported so late, and what cannot be
 * read violate the protocol; all else is tolerated.
 * @param own what it would have added to the counters
 * @param result what it would have meant before the end
 */
export function trailingViolation(
  own: StreamCounters,
  result: ClassifierResult | undefined,
  part: 'event' | 'line',
): ClassifierResult | undefined {
  const what =
    own.contentChunks > 0
      ? 'content'
      : result?.outcome === 'inband_error'
        ? 'an error'
        : result?.outcome === 'malformed'
          ? 'data that cannot be read'
          : undefined;
  return what === undefined
    ? undefined
    : { outcome: 'protocol_violation', detail: `${what} after the terminal ${part}` };
}
