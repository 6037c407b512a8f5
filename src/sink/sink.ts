import type { StreamLayout } from '../catalog/slots.ts';
import type { Run } from '../core/run.ts';
import type { Snapshot } from '../core/snapshot.ts';

/** What is counted, and what is known of the current run besides. */
export interface StreamSnapshot extends Snapshot<StreamLayout> {
  /** Share of the planned load that the current run has brought, by target; absent: no run. */
  readonly delivered?: readonly number[];
}

/**
 * A `Sink` shows or records a run. It never blocks. Its errors are logged and never end a run. The last `add` before
 * `stop` has the values of the whole run.
 */
export interface Sink {
  start(run: Run, snapshot: StreamSnapshot): void;
  /** Called once a second, and whenever the state of the run changes. */
  add(run: Run, snapshot: StreamSnapshot): void;
  stop(run: Run, snapshot: StreamSnapshot): void;
}
