import type { Distribution } from './distribution.ts';
import type { Outcome } from './outcome.ts';

/** Faults that the simulator can inject. `catalog/faults.ts` describes each. */
export const FAULTS = [
  'http503',
  'inbandError',
  'truncate',
  'reset',
  'stall',
  'http429',
  'redirect',
  'html',
  'gzip',
  'noFirstByte',
  'acceptOnly',
  'trickle',
  'endless',
  'keepaliveOnly',
  'finMidChunk',
  'contentLengthShort',
  'garbage',
  'badChunk',
  'hugeLine',
  'dataAfterEnd',
  'halfOpen',
  'splitUtf8',
  'commentsWithin',
  'closeDelimited',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Shares from 0 to 1, together at most 1. */
export type FaultShares = Readonly<Partial<Record<Fault, number>>>;

/** The outcomes that the simulator can bring about or see, in soakd's own words. */
export const SIMULATED_OUTCOMES = [
  'complete',
  'limited',
  'http_error',
  'wrong_content_type',
  'ttfb_timeout',
  'stalled',
  'total_timeout',
  'inband_error',
  'truncated',
  'reset',
  'malformed',
  'protocol_violation',
  'cancelled',
] as const satisfies readonly Outcome[];
export type SimulatedOutcome = (typeof SIMULATED_OUTCOMES)[number];

/** A stretch of time with shares of its own; from its beginning on, up to its end. */
export interface Episode {
  readonly fromMs: number;
  readonly toMs: number;
  readonly faults: FaultShares;
}

export const PACES = ['ttfb', 'gap', 'both'] as const;
/** What a behaviour works on. */
export type Pace = (typeof PACES)[number];

/** How the simulator changes with time. A stream keeps the terms and factors of its start. */
export type Behaviour =
  /** Adds more and more. */
  | { readonly kind: 'leak'; readonly perMinuteMs: number; readonly on: Pace }
  /** Adds one step more each time. */
  | { readonly kind: 'staircase'; readonly stepMs: number; readonly everyMs: number; readonly on: Pace }
  /** Multiplies by a factor that ramps from one value to the other, and stays there. */
  | {
      readonly kind: 'ramp';
      readonly from: number;
      readonly to: number;
      readonly overMs: number;
      readonly on: Pace;
    }
  /** Multiplies by a factor that follows a sine between two values, from the middle upwards first. */
  | {
      readonly kind: 'sine';
      readonly min: number;
      readonly max: number;
      readonly periodMs: number;
      readonly on: Pace;
    }
  /** Everything stops for a while, first after one period. */
  | { readonly kind: 'pause'; readonly forMs: number; readonly everyMs: number }
  /** Memory that is really allocated. */
  | { readonly kind: 'memory'; readonly perMinuteBytes: number; readonly upToBytes: number };

/** The load above which the simulator becomes slow, and above which it refuses streams. */
export interface Capacity {
  /** Concurrent streams that it answers as ever; the knee. */
  readonly streams: number;
  /** Added to the TTFB for each stream above that, ms; `seed`: as the table of the seed's report has it. */
  readonly slowdown: number | 'seed';
  /** Streams that are answered at the same time; others wait for their turn. Absent: all. */
  readonly slots?: number;
  /** Maximum concurrent streams, including queued ones; above it the next is refused. Absent: no maximum. */
  readonly max?: number;
  readonly status: 503 | 429;
}

/** The answers of a simulator. Complete: its reader has filled in presets and defaults. */
export interface SimulatorOptions {
  /** Same seed, same order of requests: same answers. */
  readonly seed: number;
  /** The format of an answer where the path does not name another. */
  readonly format: string;
  /** From the complete request to the first byte of the body. Headers are flushed at once. */
  readonly ttfbMs: Distribution;
  /** From a chunk to the next. */
  readonly gapMs: Distribution;
  /** Chunks with content in an answer; rounded, at least 1. */
  readonly chunks: Distribution;
  /** Unicode characters of content in a chunk; rounded, at least 1. */
  readonly characters: Distribution;
  readonly faults: FaultShares;
  /** n: each n-th stream has the fault. */
  readonly every?: Readonly<Partial<Record<Fault, number>>>;
  readonly timeline?: readonly Episode[];
  readonly behaviours?: readonly Behaviour[];
  readonly capacity?: Capacity;
  /** The `Retry-After` of a 503 or 429; absent: none, or 1 s where the capacity is at its end. */
  readonly retryAfterMs?: number;
  /** Sends answers that are built in advance, without delay, as fast as the client reads. */
  readonly roofline?: boolean;
}
