import type { StreamLayout } from '../catalog/slots.ts';
import type { Summary } from '../schema/summary.ts';

/** Values counted in one window of a run: differences of counters, not totals. Calendar times, ms since 1970. */
export interface ComparedWindow {
  readonly fromAt: number;
  readonly toAt: number;
  /** As laid out by the layout of the run. Read before the next window is taken, so a reader may reuse it. */
  readonly values: Float64Array;
}

/** Recorded windows of a run. */
export interface Recording {
  readonly layout: StreamLayout;
  /**
   * In the order of time, without overlaps; taken once. An iterable, since a window of one target is 110 KB and a run
   * of an hour has 360.
   */
  readonly windows: Iterable<ComparedWindow>;
  /** Times without recorded values, as after a kill. Calendar times, ms since 1970. */
  readonly gaps: readonly { readonly fromAt: number; readonly toAt: number }[];
}

/** One side of a comparison. */
export interface ComparedRun {
  /** How people refer to the run: its id, or the name of its file. */
  readonly id: string;
  readonly summary: Summary;
  /** `null`: only the summary is known, as from a file of `soakd run --json`. */
  readonly recording: Recording | null;
}

/** Where runs to compare come from. */
export interface RunSource {
  /** @throws SoakError USAGE for a reference that it cannot resolve */
  find(reference: string): ComparedRun;
}
