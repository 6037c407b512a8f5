import type { OpenStream, OpenStreamQuery } from '../core/open-stream.ts';
import type { OmittedFailures, StreamResult } from '../core/stream-result.ts';
import type { Piece } from '../shapes/piece.ts';
import type { Freeze } from './freeze.ts';

/** The state with which a worker continues that replaces a dead one during a run. */
export interface TakeOver {
  /** The current plan, including all changes. */
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
   * Follow another plan with the same past from now on. Open streams of users that the plan does not want are
   * `cancelled` after the grace period, which may be infinite.
   */
  | { readonly type: 'follow'; readonly pieces: readonly Piece[]; readonly graceMs: number }
  /** No new starts; after the grace period, which may be infinite, open streams are `cancelled`. */
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
  /** The thread was frozen. Monotonic ms (`process.hrtime`). */
  | { readonly type: 'frozen'; readonly freeze: Freeze }
  /** A name points outside the allowlist now. */
  | { readonly type: 'refused'; readonly detail: string }
  /** The answer to `list`. */
  | { readonly type: 'listed'; readonly request: number; readonly streams: readonly OpenStream[] }
  /** All starts are made or cancelled, and no stream is open. */
  | { readonly type: 'drained' };
