import type { Outcome } from '../core/outcome.ts';

/** What reads of one stream held. Only ever added to. */
export interface Tally {
  chunks: number;
  /** Chunks with content: role-only chunks, pings, comments and usage are none. */
  contentChunks: number;
  keepalives: number;
  /** Unicode code points of the content. */
  characters: number;
  /** Tokens as the target reports them; absent until it does. */
  inputTokens?: number;
  outputTokens?: number;
}

export interface Finding {
  readonly outcome: Outcome;
  /** For the log: what exactly was wrong. Holds no content of the stream. */
  readonly detail?: string;
}

/**
 * Decides from the body of one stream how it ended. Makes no I/O and knows no time. A judge that has found
 * an outcome keeps being fed: more data after a good end makes it a `protocol_violation`.
 */
export interface Judge {
  /**
   * @param bytes valid only during the call, from `start` to `end`
   * @param newRead false when these bytes came with the same read of the socket as those before
   * @returns what was concluded, once and for as long as it holds; `undefined` while the stream is open
   */
  read(bytes: Uint8Array, newRead: boolean, tally: Tally, start?: number, end?: number): Finding | undefined;
  /** The body ended well-framed. */
  end(tally: Tally): Finding;
}
