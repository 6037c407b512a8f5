import type { Run } from '../core/run.ts';
import type { ScheduleState } from '../core/schedule.ts';
import type { Summary } from '../report/summary.ts';
import type { DetailedProgress } from '../sink/progress.ts';

/** What `GET /api/v1/status` answers, with its times as numbers: `StatusView` is what is sent. */
export interface Status {
  readonly version: string;
  readonly state: 'idle' | 'starting' | 'running' | 'paused' | 'draining';
  /** The present run, or `null`. */
  readonly run: (Run & { readonly progress: DetailedProgress }) | null;
  /** The last run that ended, or `null`. */
  readonly last: Summary | null;
  readonly scenarios: readonly string[];
  /** What starts by itself, in the order of the configuration; none with `soakd run`. */
  readonly schedules: readonly ScheduleState[];
  readonly targets: readonly { readonly name: string; readonly url: string; readonly format: string }[];
}
