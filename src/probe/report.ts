import type { Stats } from '../core/histogram.ts';
import type { Outcome, Result } from '../core/outcome.ts';
import type { Terminal } from '../core/target.ts';

/** A chunk as it is shown: shortened, control characters visible, secrets left out. */
export interface ReportedChunk {
  /** Counted from 1. */
  readonly number: number;
  /** From the start of the stream, ms. */
  readonly atMs: number;
  readonly event?: string;
  readonly text: string;
  readonly bytes: number;
}

/**
 * Everything known about one stream, as `--json` prints it. New keys may be added; existing ones never
 * change.
 */
export interface ProbeReport {
  readonly schema: 1;
  readonly url: string;
  readonly method: string;
  readonly outcome: Outcome;
  readonly result: Result;
  /** What the outcome means. */
  readonly meaning: string;
  readonly detail: string | null;
  /** The format that classified the stream: given or detected; `null` if too little arrived to detect one. */
  readonly format: string | null;
  readonly formatGiven: boolean;
  /** The format that the response looks like, even if another was given. */
  readonly looksLike: { readonly format: string | null; readonly reasons: readonly string[] } | null;
  readonly terminal: Terminal | null;
  readonly response: {
    readonly status: number;
    readonly contentType: string | null;
    readonly contentLength: number | null;
    readonly server: string | null;
  } | null;
  /**
   * ms. Headers, TTFB and TTFT from the written request, the rest from the start; `null` for events that did
   * not happen.
   */
  readonly timings: {
    readonly dnsMs: number | null;
    readonly tcpMs: number | null;
    /** Until the proxy's tunnel was open. */
    readonly tunnelMs: number | null;
    readonly tlsMs: number | null;
    readonly connectMs: number | null;
    readonly writtenMs: number | null;
    readonly headersMs: number | null;
    readonly ttfbMs: number | null;
    readonly ttftMs: number | null;
    readonly lastChunkMs: number | null;
    readonly durationMs: number;
  };
  readonly chunks: number;
  readonly contentChunks: number;
  readonly reads: number;
  readonly bytes: number;
  readonly contentCharacters: number;
  readonly keepalives: number;
  readonly gapMs: Stats;
  readonly firstChunks: readonly ReportedChunk[];
  readonly lastChunk: ReportedChunk | null;
  /** Notes for people. */
  readonly notes: readonly string[];
  /** YAML of a configuration with a matching target; `null` if there is none. */
  readonly configuration: string | null;
}

/** A gap between chunks with content, and when it ended, from the start of the stream; ms. */
export interface Gap {
  readonly atMs: number;
  readonly gapMs: number;
}
