import type { StreamLayout } from '../catalog/slots.ts';
import type { Run } from '../core/run.ts';
import type { Snapshot } from '../core/snapshot.ts';

/** What is counted, and what is known of the current run besides. */
export interface StreamSnapshot extends Snapshot<StreamLayout> {
  /** Share of the planned load that the current run has brought, by target; absent: no run. */
  readonly delivered?: readonly number[];
}

/**
 * Something that shows or keeps what a run does. It never blocks; what it throws is logged and never ends a
 * run. The last `add` before `stop` holds the whole run.
 */
export interface Sink {
  start(run: Run, snapshot: StreamSnapshot): void;
  /** Once a second, and whenever the state of the run has changed. */
  add(run: Run, snapshot: StreamSnapshot): void;
  stop(run: Run, snapshot: StreamSnapshot): void;
}
