import type { RunEvent } from '../core/control.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { LayoutRecord } from './layout-record.ts';

/** Planned lengths of windows, ms. The longer ones are sums of the shorter ones. */
export const WINDOW_WIDTHS_MS = [10_000, 60_000, 600_000] as const;
export type WindowWidth = (typeof WINDOW_WIDTHS_MS)[number];

/** What carried out a run. */
export type RunSource = 'serve' | 'run';

/** The first record of a run. */
export interface RunStart {
  readonly run: string;
  readonly scenario: string;
  readonly source: RunSource;
  /** Name of the lock that its process holds. */
  readonly owner: string;
  /** Calendar time, ms since 1970. */
  readonly startedAt: number;
  /** Names of all counted targets, in the order of the layout. */
  readonly targets: readonly string[];
  readonly layout: LayoutRecord;
  /** JSON: the setup without secrets. */
  readonly setup: string;
}

/** The last record of a run. */
export interface RunEnd {
  readonly verdict: string;
  readonly reason: string;
  readonly endedAt: number;
  /** JSON. */
  readonly summary: string;
}

interface Span {
  /** Place in the run. */
  readonly n: number;
  /** Calendar times, ms since 1970. */
  readonly fromAt: number;
  readonly toAt: number;
  /** Whether nothing more is added to it. */
  readonly isClosed: boolean;
  /** Packed values. */
  readonly data: Uint8Array;
}

/** What was counted in a window, for one target. */
export interface TargetWindow extends Span {
  /** Index in the layout. */
  readonly target: number;
  /** Streams wanted, on average. */
  readonly desired: number;
}

/** What was counted in a window, for the generator. */
export interface GeneratorWindow extends Span {
  readonly rssBytes: number;
  readonly cpuMs: number;
  readonly lagWindows: number;
  readonly unreliable: number;
}

/** An event and its place in the run. */
export interface NumberedEvent extends RunEvent {
  readonly n: number;
}

/** What is written of a run in one transaction; everything is optional. */
export interface RunWrite {
  readonly run: string;
  readonly start?: RunStart;
  readonly windows?: readonly TargetWindow[];
  readonly generator?: readonly GeneratorWindow[];
  readonly events?: readonly NumberedEvent[];
  readonly failures?: readonly StreamResult[];
  /** Parts of the state for a resume, by key. */
  readonly states?: Readonly<Record<string, Uint8Array>>;
  readonly end?: RunEnd;
  /** Parts of the state of the service, written in the same transaction. */
  readonly service?: Readonly<Record<string, Uint8Array>>;
}
