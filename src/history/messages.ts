import type { RunChange } from './change.ts';
import type { HistoryReader } from './reader.ts';
import type { RunWrite } from './records.ts';
import type { Retention } from './retention.ts';

/** `workerData` of the thread of the history. */
export interface HistoryThreadData {
  readonly path: string;
  readonly retention: Retention;
  /** Shared; one cell: used heap of the thread, bytes. */
  readonly heap: Float64Array;
}

/** Names of the methods of a reader. */
export type ReadName = {
  [K in keyof HistoryReader]: HistoryReader[K] extends (...args: never[]) => unknown ? K : never;
}[keyof HistoryReader];

/** From the main thread to the thread of the history. */
export type HistoryCommand =
  | { readonly type: 'write'; readonly seq: number; readonly write: RunWrite }
  | { readonly type: 'service'; readonly seq: number; readonly key: string; readonly value: Uint8Array }
  /** @see HistoryStore.adopt */
  | { readonly type: 'adopt'; readonly run: string; readonly owner: string | undefined }
  | {
      readonly type: 'read';
      readonly request: number;
      readonly name: ReadName;
      readonly args: readonly unknown[];
    }
  | {
      readonly type: 'change';
      readonly request: number;
      readonly change: RunChange;
    }
  | { readonly type: 'close'; readonly request: number };

/** Answer to a request. */
export type Answer = { readonly value: unknown } | { readonly code: string | null; readonly message: string };

/** From the thread of the history to the main thread. */
export type HistoryEvent =
  | { readonly type: 'ready' }
  /** Everything up to this number is written. */
  | { readonly type: 'written'; readonly seq: number; readonly sizeBytes: number }
  | { readonly type: 'failed'; readonly message: string }
  /** The database was gone; a new one is written, without what was only in the old one. */
  | { readonly type: 'replaced' }
  | { readonly type: 'pruned'; readonly runs: readonly string[] }
  /** The oldest windows of 10 s of a run were deleted. */
  | { readonly type: 'thinned'; readonly run: string }
  | { readonly type: 'answer'; readonly request: number; readonly answer: Answer };
