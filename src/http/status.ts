import type { Run } from '../core/run.ts';
import type { ScheduleState } from '../core/schedule.ts';
import type { Summary } from '../schema/summary.ts';
import type { DetailedProgress } from '../sink/progress.ts';

/** Response of `GET /api/v1/status`, with times as numbers; `StatusView` is its form on the wire. */
export interface Status {
  readonly version: string;
  readonly state: 'idle' | 'starting' | 'running' | 'paused' | 'draining';
  /** The current run, or `null`. */
  readonly run: (Run & { readonly progress: DetailedProgress }) | null;
  /** The previous run, or `null`. */
  readonly last: Summary | null;
  readonly scenarios: readonly string[];
  /** Schedules in the order of the configuration; empty with `soakd run`. */
  readonly schedules: readonly ScheduleState[];
  /** History of runs; `null`: none is kept. */
  readonly history: {
    readonly path: string;
    readonly sizeBytes: number;
    /** Why it cannot be written now; `null`: it can. */
    readonly failing: string | null;
  } | null;
  readonly targets: readonly { readonly name: string; readonly url: string; readonly format: string }[];
}
