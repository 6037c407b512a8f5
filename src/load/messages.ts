import type { StreamResult } from '../core/stream-result.ts';

/** From main to a worker. */
export type Command =
  /** Begin; times of the plan count from here. Monotonic ms (`process.hrtime`). */
  | { readonly type: 'start'; readonly atMs: number }
  /** No new starts; after the grace period what is open is `cancelled`. */
  | { readonly type: 'stop'; readonly graceMs: number };

/** From a worker to main. */
export type WorkerEvent =
  | { readonly type: 'ready' }
  /** Failed streams since the last of these; `omitted` more were not described. */
  | { readonly type: 'failures'; readonly results: readonly StreamResult[]; readonly omitted: number }
  /** A name points outside the allowlist now. */
  | { readonly type: 'refused'; readonly detail: string }
  /** All starts are made or were called off, and no stream is open. */
  | { readonly type: 'drained' };
