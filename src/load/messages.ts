import type { OpenStream, OpenStreamQuery } from '../core/open-stream.ts';
import type { OmittedFailures, StreamResult } from '../core/stream-result.ts';
import type { Piece } from './shape.ts';

/** What a worker goes on with that replaces a dead one in the middle of a run. */
export interface TakeOver {
  /** The plan as it is now, with all that was changed. */
  readonly pieces: readonly Piece[];
  /** Streams of its segment that were started by now, and those that were dropped. */
  readonly started: number;
  readonly dropped: number;
  /** When the dead worker was lost, ms from the start of the plan. */
  readonly diedMs: number;
}

/** From main to a worker. */
export type Command =
  /** Begin; times of the plan count from here. Monotonic ms (`process.hrtime`). */
  | { readonly type: 'start'; readonly atMs: number; readonly takeOver?: TakeOver }
  /**
   * Follow another plan from now on, whose past is the same. Streams that are open now, of users whom it does not
   * want, are `cancelled` after the grace period, which may be infinite.
   */
  | { readonly type: 'follow'; readonly pieces: readonly Piece[]; readonly graceMs: number }
  /** No new starts; after the grace period, which may be infinite, what is open is `cancelled`. */
  | { readonly type: 'stop'; readonly graceMs: number }
  /** Streams to this target (by its index) that start from now on send this bearer token. */
  | { readonly type: 'token'; readonly target: number; readonly token: string }
  /** Asks for open streams. */
  | { readonly type: 'list'; readonly request: number; readonly query: OpenStreamQuery };

/** From a worker to main. */
export type WorkerEvent =
  | { readonly type: 'ready' }
  /** Failed streams since the last of these, and those that are not described. */
  | {
      readonly type: 'failures';
      readonly results: readonly StreamResult[];
      readonly omitted: readonly OmittedFailures[];
    }
  /** A name points outside the allowlist now. */
  | { readonly type: 'refused'; readonly detail: string }
  /** The answer to `list`. */
  | { readonly type: 'listed'; readonly request: number; readonly streams: readonly OpenStream[] }
  /** All starts are made or were called off, and no stream is open. */
  | { readonly type: 'drained' };
